/** Carries lifecycle rules out: once a day at midnight UTC, a bucket at a time, some documents a transaction. */
import type { Task } from "../../queue/queue.ts";
import type { Later, Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import type { Origin } from "./announcements.ts";
import { type Discarded, throwAway } from "./bytes.ts";
import { readSetting } from "./bucket-settings.ts";
import { erase } from "./deletions.ts";
import { abandoned, judge, nextMidnight, type Rule } from "./lifecycle.ts";
import { type Bucket, buckets, uploads, type Version, versions } from "./records.ts";
import { abort } from "./uploads.ts";

const some = 200;

export const expireTaskOf = (bucket: Bucket, now: Date): Later => ({
  name: "s3.expire",
  id: `s3.expire/${bucket.id}`,
  payload: { bucket: bucket.name, id: bucket.id },
  at: nextMidnight(now),
});

/** Where the walk is: behind a document, and what it knew of its key. */
interface Walk {
  readonly after: readonly string[];
  readonly key: string;
  readonly newerCame: string;
  readonly noncurrent: number;
}

export const expireTask =
  ({ clock }: Context) =>
  async (task: Task): Promise<void> => {
    const { bucket: name, id } = task.payload;
    const now = clock.now();
    const origin: Origin = { requestId: task.id, requester: "s3.amazonaws.com", sourceIp: "" };
    const inBucket = <R>(work: (tx: Writing, bucket: Bucket, rules: readonly Rule[]) => Promise<R>) =>
      task.write(async (tx) => {
        const bucket = await tx.get(buckets, [name]);
        const rules = bucket?.id === id ? await readSetting<readonly Rule[]>(tx, bucket as Bucket, "lifecycle") : undefined;
        return bucket && rules ? work(tx, bucket, rules) : undefined;
      });

    let walk: Walk | undefined;
    do walk = await inBucket((tx, bucket, rules) => expireSome(tx, bucket, rules, walk, now, origin));
    while (walk);

    let after: readonly string[] | undefined = [id];
    do
      after = await inBucket(async (tx, bucket, rules) => {
        const found = await tx.entries(uploads, { prefix: [id], after: after as readonly string[], limit: some });
        for (const { value } of found) if (abandoned(rules, value, now)) await abort(tx, bucket, value, now);
        return found.length === some ? found.at(-1)?.key : undefined;
      });
    while (after);

    // As long as there are rules, there is a tomorrow.
    if (await inBucket(async () => true)) task.again(nextMidnight(now));
  };

/** The next documents; `undefined` after the last. */
const expireSome = async (
  tx: Writing,
  bucket: Bucket,
  rules: readonly Rule[],
  walk: Walk | undefined,
  now: Date,
  origin: Origin,
): Promise<Walk | undefined> => {
  const found = await tx.entries(versions, { prefix: [bucket.id], limit: some + 1, ...(walk && { after: walk.after }) });
  const discarded: Discarded[] = [];
  let { key, newerCame, noncurrent } = walk ?? { key: undefined, newerCame: "", noncurrent: 0 };
  // The last one is only looked at from its predecessor: whether that is alone.
  const these = found.length > some ? found.slice(0, -1) : found;
  for (const [i, { value: version }] of these.entries()) {
    const first = version.key !== key;
    if (first) noncurrent = 0;
    const alone = first && found[i + 1]?.value.key !== version.key;
    const standing = first ? { newer: 0, alone } : { newer: noncurrent++, alone: false, replaced: newerCame };
    await carryOut(tx, bucket, version, judge(rules, version, standing, now), discarded, now, origin);
    ({ key } = version);
    newerCame = version.modified;
  }
  await throwAway(tx, discarded, now);
  return found.length > some ? { after: these.at(-1)?.key as readonly string[], key: key as string, newerCame, noncurrent } : undefined;
};

const carryOut = async (
  tx: Writing,
  bucket: Bucket,
  version: Version,
  verdict: ReturnType<typeof judge>,
  discarded: Discarded[],
  now: Date,
  origin: Origin,
) => {
  if (verdict === "keep") return;
  const what = { bucket, key: version.key, conditions: {}, reason: "Lifecycle Expiration" as const, origin, now };
  await erase(tx, verdict === "delete" ? { ...what, versionId: version.versionId } : what, discarded);
};
