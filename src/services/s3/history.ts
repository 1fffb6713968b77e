/** The versions of a key: which one is seen, where a new one goes, what a deletion leaves. All inside one transaction. */
import { randomUUID } from "node:crypto";
import type { Reading, Writing } from "../../store/store.ts";
import { type Discarded, discard } from "./bytes.ts";
import { invalidArgument } from "./errors.ts";
import { toPart } from "./names.ts";
import { type Bucket, currents, type StoredObject, type Version, versions } from "./records.ts";
import { nextSequence, placeOf, sequenceOf, versionIdFor } from "./sequence.ts";

export const newest = async (tx: Reading, bucket: Bucket, key: string): Promise<Version | undefined> =>
  (await tx.list(versions, { prefix: [bucket.id, toPart(key)], limit: 1 }))[0];

/** What a request that names no version sees. */
export const current = (tx: Reading, bucket: Bucket, key: string): Promise<StoredObject | undefined> =>
  tx.get(currents, [bucket.id, toPart(key), ""]);

/** A version by its id; `null` names the one from before (or without) versioning. */
export const versionOf = async (tx: Reading, bucket: Bucket, key: string, versionId: string): Promise<Version | undefined> => {
  if (versionId === "null") return nullVersion(tx, bucket, key);
  const sequence = sequenceOf(versionId);
  if (sequence === undefined) throw invalidArgument("versionId", versionId, "Invalid version id specified");
  const found = await tx.get(versions, [bucket.id, toPart(key), placeOf(sequence)]);
  return found?.versionId === versionId ? found : undefined;
};
/** A key has one null version at most. Where versioning never was on, it is the only one. */
const nullVersion = async (tx: Reading, bucket: Bucket, key: string): Promise<Version | undefined> => {
  const prefix = [bucket.id, toPart(key)];
  let after: string[] | undefined;
  for (;;) {
    const some: Version[] = await tx.list(versions, { prefix, limit: 100, ...(after && { after }) });
    const found = some.find(({ versionId }) => versionId === "null");
    const last = some.at(-1);
    if (found || last === undefined || some.length < 100) return found;
    after = [...prefix, placeOf(last.sequence)];
  }
};

const keysOf = (bucket: Bucket, version: Version) => ({
  version: [bucket.id, toPart(version.key), placeOf(version.sequence)],
  current: [bucket.id, toPart(version.key), ""],
});

export type Place = Pick<StoredObject, "uid" | "key" | "sequence" | "versionId" | "modified">;

/** Puts a new version on top; where versioning is off or suspended, it takes the null version's place. */
export const add = async <V extends Version>(
  tx: Writing,
  bucket: Bucket,
  key: string,
  now: Date,
  discarded: Discarded[],
  make: (place: Place) => V,
): Promise<V> => {
  const last = await newest(tx, bucket, key);
  const sequence = nextSequence(now, last?.sequence);
  const enabled = bucket.versioning === "Enabled";
  const replaced = enabled || !last ? undefined : last.versionId === "null" ? last : await nullVersion(tx, bucket, key);
  if (replaced) {
    await tx.delete(versions, keysOf(bucket, replaced).version);
    await discard(tx, replaced, discarded);
  }
  const version = make({
    uid: randomUUID(),
    key,
    sequence,
    versionId: enabled ? versionIdFor(sequence) : "null",
    // HTTP dates have no more than seconds, and clients compare them with what lists say.
    modified: new Date(Math.floor(now.getTime() / 1000) * 1000).toISOString(),
  });
  const at = keysOf(bucket, version);
  await tx.put(versions, at.version, version);
  if (version.deleteMarker) await tx.delete(currents, at.current);
  else await tx.put(currents, at.current, version);
  return version;
};

/** Writes a changed version back (its tags). */
export const change = async (tx: Writing, bucket: Bucket, version: StoredObject): Promise<void> => {
  const at = keysOf(bucket, version);
  await tx.put(versions, at.version, version);
  if ((await current(tx, bucket, version.key))?.uid === version.uid) await tx.put(currents, at.current, version);
};

/** Takes one version away; the next one below becomes what is seen. */
export const remove = async (tx: Writing, bucket: Bucket, version: Version, discarded: Discarded[]): Promise<void> => {
  const at = keysOf(bucket, version);
  const top = await newest(tx, bucket, version.key);
  await tx.delete(versions, at.version);
  await discard(tx, version, discarded);
  if (top?.uid !== version.uid) return;
  const below = bucket.versioning ? await newest(tx, bucket, version.key) : undefined;
  if (below && !below.deleteMarker) await tx.put(currents, at.current, below);
  else await tx.delete(currents, at.current);
};
