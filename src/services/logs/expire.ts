/** Once a day, each group with a retention period lets go of the batches that have passed it. */
import type { Task } from "../../queue/queue.ts";
import type { Later } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { batches, groupKey, groups, type Place, streamKey, streams } from "./records.ts";

const DAY = 86_400_000;

export const expireTask = (place: Place, group: string, now: Date): Later & { id: string } => ({
  name: "logs.expire",
  id: `logs.expire ${place.account} ${place.region} ${group}`,
  payload: { account: place.account, region: place.region, group },
  at: now,
});

export const expire =
  ({ store, clock }: Context) =>
  async (task: Task): Promise<void> => {
    const { group: name, ...place } = task.payload as Place & { group: string };
    const now = clock.now().getTime();
    const { group, all } = await store.read(async (tx) => ({
      group: await tx.get(groups, groupKey(place, name)),
      all: await tx.list(streams, { prefix: groupKey(place, name) }),
    }));
    if (!group?.retentionInDays) return;
    const limit = now - group.retentionInDays * DAY;
    for (const { name: stream } of all)
      for (;;) {
        const more = await task.write(async (tx) => {
          const old = await tx.entries(batches, { prefix: streamKey(place, name, stream), limit: 100 });
          const gone = old.filter(({ value }) => value.last < limit);
          for (const { key } of gone) await tx.delete(batches, key);
          return gone.length === 100;
        });
        if (!more) break;
      }
    task.again(new Date(now + DAY));
  };
