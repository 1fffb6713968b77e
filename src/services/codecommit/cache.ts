/**
 * The bare repositories on disk, which the system's git works on. They may be lost at any time: the store knows the refs,
 * the blobs hold the packs, and a folder whose generation is not the store's is brought up to it before anybody reads it.
 *
 * Layout: `repositories/<id>/` (a bare repository whose refs all stand in `packed-refs`), `incoming/<random>/` (packs on their way in).
 */
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../service.ts";
import { mustGit, startGit } from "./git.ts";
import { inTurn } from "./in-turn.ts";
import { type Reader, startReader } from "./reader.ts";
import { ownKey, type Pack, packs, type Ref, type Repository, refs, repositories, repositoryKey } from "./records.ts";
import { branchRef } from "./refs.ts";

export interface Cache {
  /** The repository's folder, as new as the store. */
  fresh(repository: Repository): Promise<string>;
  /** Reads objects of it, by their ids. */
  reader(repository: Repository): Promise<Reader>;
  /** An empty folder for something on its way in; the caller removes it. */
  incoming(): Promise<string>;
  /** Runs `commit`, which returns the repository as it stands then, and moves a checked pack into place without reading it again. */
  follow(repository: Repository, commit: () => Promise<Repository | undefined>, pack?: { folder: string; hash: string }): Promise<void>;
  forget(id: string): Promise<void>;
  clear(): Promise<void>;
  stop(): void;
}

/** Packs that another process may just have put there are left alone. */
const graceMilliseconds = 10 * 60_000;

const config = `[core]
	repositoryformatversion = 0
	bare = true
	filemode = true
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
`;
/** A source archive holds every file of the commit as it is, whatever the repository's own attributes leave out. */
const attributes = "* -export-ignore -export-subst\n";

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

  const incoming = async () => {
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
    await writeRefs(dir, state.now, state.refs.map(({ key, value }) => ({ name: key[3], target: value.target })));
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
    async follow(repository, commit, pack) {
      const dir = folderOf(repository.id);
      await turn(repository.id, async () => {
        const now = await commit();
        if (!now) return;
        // From here on it is only the cache: whatever fails, the next `fresh` makes good.
        try {
          if (pack) await placePack(pack.folder, dir, pack.hash);
          await synchronize(now, dir);
        } catch (error) {
          context.log.error("the cache of a repository is behind", error, { repository: repository.name });
        }
      });
    },
    async forget(id) {
      rest(id);
      await rm(folderOf(id), { recursive: true, force: true });
    },
    async clear() {
      for (const id of [...readers.keys()]) rest(id);
      await rm(root, { recursive: true, force: true });
      await rm(landing, { recursive: true, force: true });
    },
    stop() {
      for (const id of [...readers.keys()]) rest(id);
    },
  };
};

const makeBare = async (dir: string) => {
  for (const folder of ["objects/pack", "objects/info", "refs/heads", "refs/tags", "info"]) await mkdir(join(dir, folder), { recursive: true });
  await writeFile(join(dir, "config"), config);
  await writeFile(join(dir, "info", "attributes"), attributes);
  await writeFile(join(dir, "HEAD"), "ref: refs/heads/main\n");
};

/** The pack before its index: git looks for indexes. */
const placePack = async (from: string, dir: string, hash: string) => {
  for (const end of ["pack", "idx"]) {
    const name = `pack-${hash}.${end}`;
    const source = (await exists(join(from, name))) ? join(from, name) : join(from, "pack", name);
    await rename(source, join(dir, "objects", "pack", name));
  }
};

/** All refs in one file, replaced at once; its first line carries the generation (git ignores words that it does not know there). */
const writeRefs = async (dir: string, repository: Repository, all: readonly { name: string; target: string }[]) => {
  const sorted = [...all].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const lines = [`# pack-refs with: sorted generation=${repository.generation} `, ...sorted.map(({ name, target }) => `${target} ${name}`)];
  await replaceFile(join(dir, "HEAD"), `ref: ${branchRef(repository.defaultBranch ?? "main")}\n`);
  await replaceFile(join(dir, "packed-refs"), `${lines.join("\n")}\n`);
};
const replaceFile = async (path: string, text: string) => {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, text);
  await rename(temporary, path);
};

const generationOf = async (dir: string): Promise<number | undefined> => {
  const handle = await open(join(dir, "packed-refs")).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(80), position: 0 });
    const match = / generation=(\d+) /.exec(buffer.toString("latin1", 0, bytesRead));
    return match ? Number(match[1]) : undefined;
  } finally {
    await handle.close();
  }
};

/** The same bytes under a second name: shared where the file system can, since neither is ever changed. */
const shareOrCopy = (from: string, to: string) =>
  link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_FICLONE));
const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
