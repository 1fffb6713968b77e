/** A subscription that nobody confirmed is dropped. */
import type { Task } from "../../queue/queue.ts";
import { type Place, subscriptions } from "./records.ts";

export const expire = (task: Task): Promise<void> => {
  const { place, topic, id, token } = task.payload as { place: Place; topic: string; id: string; token: string };
  return task.finish(async (tx) => {
    const key = [place.account, place.region, topic, id];
    const one = await tx.get(subscriptions, key);
    if (one && !one.confirmed && one.token === token) await tx.delete(subscriptions, key);
  });
};
