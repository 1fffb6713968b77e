/** What a stack lets go when an operation ends well, or has been taken back. Pure. */
import { fateOf } from "./plan.ts";
import type { Discard, Resource, Standing } from "./records.ts";

export interface LettingGo {
  readonly discards: readonly Discard[];
  /** Records as they are to be from now on; null: the logical id is no longer of the stack. */
  readonly records: ReadonlyMap<string, Resource | null>;
}

const policiesOf = (stands: Standing) => ({
  ...(stands.deletionPolicy && { deletion: stands.deletionPolicy }),
  ...(stands.updateReplacePolicy && { replace: stands.updateReplacePolicy }),
});
const settled = (record: Resource): Resource => {
  const { before: _, attempted: __, debris: ___, ...rest } = record;
  return rest;
};

/** What still stands under another logical id is not let go: two names for one thing (a function's version that did not change). */
const unlessStanding = (going: LettingGo, records: Iterable<Resource>): LettingGo => {
  const standing = new Set<string>();
  for (const record of records) {
    const next = going.records.has(record.logicalId) ? going.records.get(record.logicalId) : record;
    if (next?.stands) standing.add(`${next.stands.type} ${next.stands.physicalId}`);
  }
  return {
    ...going,
    discards: going.discards.map((one) => (standing.has(`${one.stands.type} ${one.stands.physicalId}`) ? { ...one, fate: "retain" } : one)),
  };
};

/** After an update: what was removed from the template, what was replaced, what was made in vain. */
export const afterUpdate = (records: readonly Resource[], active: ReadonlySet<string>): LettingGo => {
  const discards: Discard[] = [];
  const next = new Map<string, Resource | null>();
  for (const record of records) {
    const { logicalId, stands, before, debris = [] } = record;
    for (const waste of debris) discards.push({ logicalId, stands: waste, fate: "delete" });
    if (!active.has(logicalId)) {
      if (stands) discards.push({ logicalId, stands, fate: fateOf("removed", policiesOf(stands)) });
      next.set(logicalId, null);
      continue;
    }
    if (before?.stood && before.stood.physicalId !== stands?.physicalId) {
      discards.push({ logicalId, stands: before.stood, fate: fateOf("replaced", policiesOf(before.stood)) });
    }
    if (before || debris.length > 0 || record.attempted) next.set(logicalId, settled(record));
  }
  return unlessStanding({ discards, records: next }, records);
};

/** After a rollback: what the failed update had made. */
export const afterRestore = (records: readonly Resource[]): LettingGo => {
  const discards: Discard[] = [];
  const next = new Map<string, Resource | null>();
  for (const record of records) {
    const { logicalId, stands, before, debris = [] } = record;
    for (const waste of debris) discards.push({ logicalId, stands: waste, fate: "delete" });
    if (before?.stood === null) {
      if (stands) discards.push({ logicalId, stands, fate: fateOf("rolled back", policiesOf(stands)) });
      next.set(logicalId, null);
    } else if (before || debris.length > 0 || record.attempted) next.set(logicalId, settled(record));
  }
  return unlessStanding({ discards, records: next }, records);
};

/** Before a stack is deleted whole: physical resources that no record stands for any more. */
export const beforeDelete = (records: Iterable<Resource>): LettingGo => {
  const discards: Discard[] = [];
  const next = new Map<string, Resource | null>();
  for (const record of records) {
    const { logicalId, stands, before, debris = [] } = record;
    for (const waste of debris) discards.push({ logicalId, stands: waste, fate: "delete" });
    if (before?.stood && stands && before.stood.physicalId !== stands.physicalId)
      discards.push({ logicalId, stands: before.stood, fate: "delete" });
    if (before || debris.length > 0) next.set(logicalId, settled(record));
  }
  return { discards, records: next };
};
