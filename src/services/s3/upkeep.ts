/** What is cleared away later. */
import type { Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import { throwAway } from "./bytes.ts";
import { completions, parts, uploads } from "./records.ts";

/** A deleted bucket's unfinished uploads. */
export const forgetUploadsTask =
  ({ clock }: Context) =>
  async (task: Task): Promise<void> => {
    const { bucketId } = task.payload;
    const some = 20;
    for (let left = some; left === some; )
      left = await task.write(async (tx) => {
        const found = await tx.entries(uploads, { prefix: [bucketId], limit: some });
        for (const { key, value } of found) {
          const blobs = (await tx.list(parts, { prefix: [value.id] })).map(({ blob }) => blob);
          if (blobs.length > 0) await throwAway(tx, [{ blobs }], clock.now());
          await tx.deleteAll(parts, [value.id]);
          await tx.delete(uploads, key);
        }
        return found.length;
      });
  };

export const forgetCompletionTask =
  () =>
  (task: Task): Promise<void> =>
    task.finish((tx) => tx.delete(completions, [task.payload.id]));
