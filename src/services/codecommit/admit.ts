/**
 * How anything gets into a repository, by git or by API: a pack is checked in quarantine and stored as a blob; then one transaction
 * compares-and-sets the refs, records the pack and enqueues the announcement. Only after it anybody hears "ok".
 */
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import type { Cache } from "./cache.ts";
import { resultOf, runGit, startGit } from "./git.ts";
import type { ObjectType } from "./objects.ts";
import type { RefUpdate, Verdict } from "./receive-request.ts";
import { ownKey, type Pack, packs, type Ref, type Repository, refs, repositories, repositoryKey } from "./records.ts";
import { referencesFor } from "./trigger-events.ts";
import { branchRef, firstDefault, heads, isRefName, noObject, parentsOf } from "./refs.ts";

/** The pack is not acceptable; the message is git's own. */
export class PackRefused extends Error {}

/** A pack that was found good, and stored; nothing names it yet. */
export interface Quarantined {
  readonly folder: string;
  /** Absent when the pack held no object. */
  readonly stored?: { readonly hash: string; readonly pack: Pack };
}

/** What an announcement is made from. */
export interface Announcement {
  readonly account: string;
  readonly region: string;
  readonly repositoryName: string;
  readonly repositoryId: string;
  readonly callerArn: string;
  readonly updates: readonly RefUpdate[];
  readonly time: string;
}

/** Flaws that many old histories have, and that harm nobody. */
const tolerated = ["badTimezone", "missingSpaceBeforeDate", "zeroPaddedFilemode", "zeroPaddedDate", "missingEmail"];
const strict = `--strict=${tolerated.map((flaw) => `${flaw}=ignore`).join(",")}`;
/** More packs than this are joined into one. */
export const manyPacks = 50;

export interface Admission {
  /** Throws `PackRefused`. Pass what it returns to `commit`, and then to `discard`, whatever happened. */
  quarantine(repository: Repository, pack: AsyncIterable<Uint8Array>): Promise<Quarantined>;
  discard(quarantined: Quarantined): Promise<void>;
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
  const quarantine = async (repository: Repository, pack: AsyncIterable<Uint8Array>): Promise<Quarantined> => {
    const dir = await cache.fresh(repository);
    const folder = await cache.incoming();
    try {
      // The store only ever holds packs whose objects refer to nothing outside, so that this check of direct links is a check of all.
      const child = startGit(["index-pack", "--stdin", "--fix-thin", strict], { dir, env: quarantineEnv(dir, folder) });
      const result = await resultOf(child, (git) => {
        pipeline(Readable.from(pack, { objectMode: false }), git.stdin).catch((error) => {
          // The client went away: an end of input would let a cut pack look complete only if its checksum said so, but why wait.
          if (error.code !== "EPIPE") git.kill();
        });
      });
      if (result.code !== 0) throw new PackRefused(lastLine(result.stderr) || "index-pack failed");
      const hash = /^(?:pack|keep)\t([0-9a-f]{40})/m.exec(result.stdout.toString("latin1"))?.[1];
      if (hash === undefined) throw new Error(`git index-pack answered ${result.stdout}`);
      if (hash === hashOfNothing) return { folder };
      const blob = await context.blobs.put(createReadStream(join(folder, "pack", `pack-${hash}.pack`), { highWaterMark: 1 << 18 }));
      return { folder, stored: { hash, pack: { blob: blob.id, size: blob.size } } };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  };

  /** Which of these objects there are, counting what is in quarantine. */
  const typesOf = async (repository: Repository, ids: readonly string[], quarantined?: Quarantined): Promise<Map<string, ObjectType>> => {
    const types = new Map<string, ObjectType>();
    const reader = await cache.reader(repository);
    for (const id of ids) {
      const found = await reader.info(id);
      if (found) types.set(id, found.type);
    }
    const unknown = ids.filter((id) => !types.has(id));
    if (unknown.length === 0 || !quarantined?.stored) return types;
    const dir = await cache.fresh(repository);
    const { stdout } = await runGit(["cat-file", "--batch-check"], {
      dir,
      env: quarantineEnv(dir, quarantined.folder),
      stdin: `${unknown.join("\n")}\n`,
    });
    for (const line of stdout.toString("latin1").split("\n")) {
      const match = /^([0-9a-f]{40}) (commit|tree|blob|tag) /.exec(line);
      if (match) types.set(match[1], match[2] as ObjectType);
    }
    return types;
  };

  const commit = async (repository: Repository, request: Request): Promise<Verdict[]> => {
    const ids = [...new Set(request.updates.map(({ to }) => to).filter((to) => to !== noObject))];
    const types = await typesOf(repository, ids, request.quarantined);
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
      await cache.follow(repository, () => context.store.write(work), stored && { folder: request.quarantined?.folder ?? "", hash: stored.hash });
    } catch (error) {
      if (!(error instanceof AtomicRefusal)) throw error;
      used = false;
      verdicts = error.verdicts;
    }
    if (stored && !used) await context.blobs.delete(stored.pack.blob);
    return verdicts;
  };

  return { quarantine, commit, discard: ({ folder }) => rm(folder, { recursive: true, force: true }) };
};

/** Why this update cannot be; undefined: it can. */
const refusal = async (
  tx: Writing,
  repository: Repository,
  { ref, from, to }: RefUpdate,
  types: ReadonlyMap<string, ObjectType>,
): Promise<string | undefined> => {
  if (!isRefName(ref)) return "funny refname";
  const there = (await tx.get(refs, ownKey(repository, ref)))?.target;
  if ((there ?? noObject) !== from) return there === undefined ? "reference does not exist" : from === noObject ? "reference already exists" : "fetch first";
  if (to === noObject) return repository.defaultBranch !== undefined && ref === branchRef(repository.defaultBranch) ? "deletion of the current branch prohibited" : undefined;
  const type = types.get(to);
  if (type === undefined) return "missing necessary objects";
  if (ref.startsWith(heads) && type !== "commit") return "trying to write non-commit object to branch";
  if (there !== undefined) return undefined;
  for (const parent of parentsOf(ref)) if (await tx.get(refs, ownKey(repository, parent))) return `'${parent}' exists; cannot create '${ref}'`;
  const [below] = await tx.entries<Ref>(refs, { prefix: ownKey(repository), after: ownKey(repository, `${ref}/`), limit: 1 });
  if (below?.key[3].startsWith(`${ref}/`)) return `'${below.key[3]}' exists; cannot create '${ref}'`;
  return undefined;
};

const announceLater = async (tx: Writing, repository: Repository, news: Pick<Announcement, "updates" | "callerArn" | "time">) => {
  const payload: Announcement = {
    account: repository.account,
    region: repository.region,
    repositoryName: repository.name,
    repositoryId: repository.id,
    ...news,
  };
  await tx.later({ name: "codecommit.announce", payload, oneAtATimeFor: `codecommit/${repository.id}` });
  for (const trigger of repository.triggers?.list ?? []) {
    const references = referencesFor(trigger, news.updates);
    if (references.length === 0) continue;
    const call = { ...payload, trigger, references, configurationId: repository.triggers?.configurationId };
    await tx.later({ name: "codecommit.trigger", payload: call, oneAtATimeFor: `codecommit.trigger/${repository.id}/${trigger.name}` });
  }
};

const hashOfNothing = "029d08823bd8a8eab510ad6ac75c823cfd3ed31e";
const lastLine = (text: string) => text.split("\n").filter(Boolean).pop()?.replace(/^fatal: /, "");
const quarantineEnv = (dir: string, folder: string) => ({
  GIT_OBJECT_DIRECTORY: folder,
  GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(join(dir, "objects")),
});
/** A list of folders is divided by colons, unless one is quoted as in C. */
const quoted = (path: string) => (/[:"\\]/.test(path) ? `"${path.replace(/["\\]/g, "\\$&")}"` : path);
