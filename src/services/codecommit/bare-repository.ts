/** The files of a bare repository that we write ourselves. */
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, open, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Repository } from "./records.ts";
import { branchRef } from "./refs.ts";

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

export const makeBare = async (dir: string) => {
  for (const folder of ["objects/pack", "objects/info", "refs/heads", "refs/tags", "info"])
    await mkdir(join(dir, folder), { recursive: true });
  await writeFile(join(dir, "config"), config);
  await writeFile(join(dir, "info", "attributes"), attributes);
  await writeFile(join(dir, "HEAD"), "ref: refs/heads/main\n");
};

/** The pack before its index: git looks for indexes. */
export const placePack = async (from: string, dir: string, hash: string) => {
  for (const end of ["pack", "idx"]) {
    const name = `pack-${hash}.${end}`;
    const source = (await exists(join(from, name))) ? join(from, name) : join(from, "pack", name);
    await rename(source, join(dir, "objects", "pack", name));
  }
};

/** All refs in one file, replaced at once; its first line carries the generation (git ignores words that it does not know there). */
export const writeRefs = async (dir: string, repository: Repository, all: readonly { name: string; target: string }[]) => {
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

export const generationOf = async (dir: string): Promise<number | undefined> => {
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
export const shareOrCopy = (from: string, to: string) => link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_FICLONE));
export const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
