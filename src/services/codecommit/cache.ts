/**
 * The bare repositories on disk, which the system's git works on. They may be lost at any time: the store knows the refs,
 * the blobs hold the packs, and a folder whose generation is not the store's is brought up to it before anybody reads it.
 *
 * Layout: `repositories/<id>/` (a bare repository whose refs all stand in `packed-refs`), `incoming/<random>/` (packs on their way in).
 */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../service.ts";
import { exists, generationOf, makeBare, placePack, shareOrCopy, writeRefs } from "./bare-repository.ts";
import { mustGit, startGit } from "./git.ts";
import { inTurn } from "./in-turn.ts";
import { type Reader, startReader } from "./reader.ts";
import { ownKey, type Pack, packs, type Ref, type Repository, refs, repositories, repositoryKey } from "./records.ts";

export interface Cache {
  /** The repository's folder, as new as the store. */
  fresh(repository: Repository): Promise<string>;
  /** Reads objects of it, by their ids. */
  reader(repository: Repository): Promise<Reader>;
  /** An empty folder for something on its way in; the caller removes it. */
  incoming(): Promise<string>;
  /**
   * Runs `commit`, which returns the repository as it stands then, and resolves with it. The cache comes after, before anybody else's turn:
   * a checked pack is moved into place without reading it again, and its folder removed.
   */
  follow(
    repository: Repository,
    commit: () => Promise<Repository | undefined>,
    pack?: { folder: string; hash: string | undefined },
  ): Promise<void>;
  forget(id: string): Promise<void>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** Packs that another process may just have put there are left alone. */
const graceMilliseconds = 10 * 60_000;

export const openCache = (context: Context): Cache => {
  const root = join(context.folder, "repositories");
  const landing = join(context.folder, "incoming");
  const turn = inTurn();
  const readers = new Map<string, Reader>();
  const folderOf = (id: string) => join(root, id);
  const rest = (id: string) => {
    readers.get(id)?.rest();
    readers.delete(id);
  };

  // What an earlier process left half-way in.
  const swept = rm(landing, { recursive: true, force: true });
  const incoming = async () => {
    await swept;
    const folder = join(landing, randomUUID());
    await mkdir(join(folder, "pack"), { recursive: true });
    return folder;
  };

  /** Everything of the store's view of one moment. */
  const stateOf = (repository: Repository) =>
    context.store.read(async (tx) => {
      const now = await tx.get(repositories, repositoryKey(repository, repository.name));
      if (now?.id !== repository.id) return undefined;
      return {
        now,
        packs: await tx.entries<Pack>(packs, { prefix: ownKey(repository) }),
        refs: await tx.entries<Ref>(refs, { prefix: ownKey(repository) }),
      };
    });

  const fetchPack = async (dir: string, hash: string, pack: Pack) => {
    const folder = await incoming();
    try {
      const file = join(folder, `pack-${hash}.pack`);
      await shareOrCopy(await context.blobs.path(pack.blob), file);
      await mustGit(["index-pack", file], { dir });
      await placePack(folder, dir, hash);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  const removeStrays = async (dir: string, wanted: ReadonlySet<string>) => {
    for (const name of await readdir(join(dir, "objects", "pack"))) {
      const hash = /^pack-([0-9a-f]{40})\.idx$/.exec(name)?.[1];
      if (hash === undefined || wanted.has(hash)) continue;
      const index = join(dir, "objects", "pack", name);
      const { mtimeMs } = await stat(index);
      if (Date.now() - mtimeMs < graceMilliseconds) continue;
      await rm(index, { force: true });
      await rm(index.replace(/idx$/, "pack"), { force: true });
    }
  };

  const synchronize = async (repository: Repository, dir: string) => {
    const state = await stateOf(repository);
    if (!state) throw new Error(`repository ${repository.name} is gone`);
    if ((await generationOf(dir)) === state.now.generation) return;
    const missing = (await generationOf(dir)) === undefined;
    if (missing) {
      rest(repository.id);
      await makeBare(dir);
    }
    for (const { key, value } of state.packs) {
      const hash = key[3];
      if (!(await exists(join(dir, "objects", "pack", `pack-${hash}.idx`)))) await fetchPack(dir, hash, value);
    }
    await removeStrays(dir, new Set(state.packs.map(({ key }) => key[3])));
    await writeRefs(
      dir,
      state.now,
      state.refs.map(({ key, value }) => ({ name: key[3], target: value.target })),
    );
  };

  const fresh = async (repository: Repository) => {
    const dir = folderOf(repository.id);
    if ((await generationOf(dir)) !== repository.generation) await turn(repository.id, () => synchronize(repository, dir));
    return dir;
  };

  return {
    fresh,
    incoming,
    async reader(repository) {
      const dir = await fresh(repository);
      const reader = readers.get(repository.id) ?? startReader(() => startGit(["cat-file", "--batch-command"], { dir }));
      readers.set(repository.id, reader);
      return reader;
    },
    follow: (repository, commit, pack) =>
      new Promise((resolve, reject) => {
        const dir = folderOf(repository.id);
        void turn(repository.id, async () => {
          try {
            const now = await commit();
            resolve();
            if (now && pack?.hash !== undefined) await placePack(pack.folder, dir, pack.hash);
            if (now) await synchronize(now, dir);
          } catch (error) {
            // Before the commit it is the caller's error, after it the next `fresh` makes good.
            reject(error);
            context.log.info("the cache of a repository is left behind", { repository: repository.name, reason: String(error) });
          } finally {
            if (pack) await rm(pack.folder, { recursive: true, force: true }).catch(() => {});
          }
        });
      }),
    async forget(id) {
      rest(id);
      await rm(folderOf(id), { recursive: true, force: true });
    },
    async clear() {
      await turn.settled();
      for (const id of [...readers.keys()]) rest(id);
      await rm(root, { recursive: true, force: true });
      await rm(landing, { recursive: true, force: true });
    },
    async stop() {
      await turn.settled();
      for (const id of [...readers.keys()]) rest(id);
    },
  };
};
