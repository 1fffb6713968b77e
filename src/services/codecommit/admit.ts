/**
 * How anything gets into a repository, by git or by API: a pack is checked in quarantine and stored as a blob; then one transaction
 * compares-and-sets the refs, records the pack and enqueues the announcement. Only after it anybody hears "ok".
 */
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { announceLater } from "./announcements.ts";
import type { Cache } from "./cache.ts";
import type { ObjectType } from "./objects.ts";
import { type Quarantined, quarantine } from "./quarantine.ts";
import type { RefUpdate, Verdict } from "./receive-request.ts";
import { ownKey, packs, type Ref, type Repository, refs, repositories, repositoryKey } from "./records.ts";
import { firstDefault, heads, noObject } from "./refs.ts";
import { refusal } from "./refusal.ts";

/** More packs than this are joined into one. */
export const manyPacks = 50;

export interface Admission {
  /** Throws `PackRefused`. What it returns goes to `commit`, whatever else happens. `tips`: what references are to name. */
  quarantine(repository: Repository, pack: AsyncIterable<Uint8Array>, tips: readonly string[]): Promise<Quarantined>;
  commit(repository: Repository, request: Request): Promise<Verdict[]>;
}
export interface Request {
  readonly updates: readonly RefUpdate[];
  readonly quarantined?: Quarantined;
  /** All or nothing. */
  readonly atomic?: boolean;
  readonly callerArn: string;
}

class AtomicRefusal extends Error {
  readonly verdicts: Verdict[];
  constructor(verdicts: Verdict[]) {
    super("atomic push failure");
    this.verdicts = verdicts;
  }
}

export const admission = (context: Context, cache: Cache): Admission => {
  const typesOf = async (repository: Repository, ids: readonly string[], known: ReadonlyMap<string, ObjectType> = new Map()) => {
    const types = new Map(known);
    for (const id of ids) {
      if (types.has(id)) continue;
      const found = await (await cache.reader(repository)).info(id);
      if (found) types.set(id, found.type);
    }
    return types;
  };

  const commit = async (repository: Repository, request: Request): Promise<Verdict[]> => {
    const types = await typesOf(repository, tipsOf(request.updates), request.quarantined?.types);
    const stored = request.quarantined?.stored;
    let verdicts: Verdict[] = [];
    let used = false;
    const work = async (tx: Writing): Promise<Repository | undefined> => {
      used = false;
      verdicts = [];
      const now = await tx.get(repositories, repositoryKey(repository, repository.name));
      if (now?.id !== repository.id) {
        verdicts = request.updates.map(({ ref }) => ({ ref, reason: "repository is gone" }));
        return undefined;
      }
      const done: RefUpdate[] = [];
      const reasons = new Map<RefUpdate, string>();
      // Deletions first, so that `a` can make way for `a/b`.
      for (const update of [...request.updates].sort((a, b) => Number(a.to !== noObject) - Number(b.to !== noObject))) {
        const reason = await refusal(tx, now, update, types);
        if (reason !== undefined) {
          reasons.set(update, reason);
          continue;
        }
        const key = ownKey(now, update.ref);
        if (update.to === noObject) await tx.delete(refs, key);
        else await tx.put<Ref>(refs, key, { target: update.to });
        done.push(update);
      }
      verdicts = request.updates.map((update) => ({ ref: update.ref, reason: reasons.get(update) }));
      if (request.atomic && done.length < request.updates.length)
        throw new AtomicRefusal(verdicts.map(({ ref, reason }) => ({ ref, reason: reason ?? "atomic push failure" })));
      if (done.length === 0) return undefined;
      const added = stored ? await tx.create(packs, ownKey(now, stored.hash), stored.pack) : false;
      used = added;
      const time = context.clock.now().toISOString();
      const created = done.filter(({ ref, to }) => ref.startsWith(heads) && to !== noObject).map(({ ref }) => ref.slice(heads.length));
      const next: Repository = {
        ...now,
        defaultBranch: now.defaultBranch ?? firstDefault(created),
        modified: time,
        generation: now.generation + 1,
        packs: now.packs + (added ? 1 : 0),
      };
      await tx.put(repositories, repositoryKey(now, now.name), next);
      const changed = done.filter(({ from, to }) => from !== to);
      if (changed.length > 0) await announceLater(tx, next, { updates: changed, callerArn: request.callerArn, time });
      if (next.packs > manyPacks) {
        const payload = { account: next.account, region: next.region, id: next.id, name: next.name };
        await tx.later({ name: "codecommit.consolidate", payload, id: `codecommit.consolidate/${next.id}` });
      }
      return next;
    };
    try {
      await cache.follow(
        repository,
        () => context.store.write(work),
        request.quarantined && { folder: request.quarantined.folder, hash: stored?.hash },
      );
    } catch (error) {
      if (!(error instanceof AtomicRefusal)) throw error;
      used = false;
      verdicts = error.verdicts;
    }
    if (stored && !used) await context.blobs.delete(stored.pack.blob);
    return verdicts;
  };

  return { quarantine: (...what) => quarantine(context, cache, ...what), commit };
};

/** The objects that references are to name. */
export const tipsOf = (updates: readonly RefUpdate[]): string[] => [
  ...new Set(updates.map(({ to }) => to).filter((to) => to !== noObject)),
];
