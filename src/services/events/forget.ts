/** Which announcements were already taken is remembered for a day or two. */
import type { Task } from "../../queue/queue.ts";
import { announced } from "./records.ts";

export const forget = (task: Task): Promise<void> => {
  const { account, region, day } = task.payload as { account: string; region: string; day: string };
  return task.finish((tx) => tx.deleteAll(announced, [account, region, day]));
};
