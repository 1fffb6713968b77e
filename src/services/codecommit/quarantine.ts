/** Where a pack waits until it is known to be good: beside the repository, whose objects it may refer to, but not in it. */
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Context } from "../service.ts";
import type { Cache } from "./cache.ts";
import { resultOf, startGit } from "./git.ts";
import type { ObjectType } from "./objects.ts";
import type { Pack, Repository } from "./records.ts";

/** The pack is not acceptable; the message is git's own. */
export class PackRefused extends Error {}

/** A pack that was found good, and stored; nothing names it yet. */
export interface Quarantined {
  readonly folder: string;
  /** Of the objects that references are to name, as far as they are there. */
  readonly types: ReadonlyMap<string, ObjectType>;
  /** Absent when the pack held no object. */
  readonly stored?: { readonly hash: string; readonly pack: Pack };
}

/** Flaws that many old histories have, and that harm nobody. */
const tolerated = ["badTimezone", "missingSpaceBeforeDate", "zeroPaddedFilemode", "zeroPaddedDate", "missingEmail"];
const strict = `--strict=${tolerated.map((flaw) => `${flaw}=ignore`).join(",")}`;

/** Checks a pack and stores it. `tips`: what references are to name. The folder is for whoever takes the result to remove. Throws `PackRefused`. */
export const quarantine = async (
  context: Context,
  cache: Cache,
  repository: Repository,
  pack: AsyncIterable<Uint8Array>,
  tips: readonly string[],
): Promise<Quarantined> => {
  const dir = await cache.fresh(repository);
  const folder = await cache.incoming();
  const env = quarantineEnv(dir, folder);
  // Started beside index-pack, and asked when that is done: it opens packs when it is asked.
  const checker = startGit(["cat-file", "--batch-check"], { dir, env });
  const checked = resultOf(checker, () => {});
  checked.catch(() => {});
  try {
    // The store only ever holds packs whose objects refer to nothing outside, so that this check of direct links is a check of all.
    const child = startGit(["index-pack", "--stdin", "--fix-thin", strict], { dir, env });
    const result = await resultOf(child, (git) => {
      pipeline(Readable.from(pack, { objectMode: false }), git.stdin).catch((error) => {
        // The client went away: an end of input would let a cut pack look complete only if its checksum said so, but why wait.
        if (error.code !== "EPIPE") git.kill();
      });
    });
    if (result.code !== 0) throw new PackRefused(lastLine(result.stderr) || "index-pack failed");
    const hash = /^(?:pack|keep)\t([0-9a-f]{40})/m.exec(result.stdout.toString("latin1"))?.[1];
    if (hash === undefined) throw new Error(`git index-pack answered ${result.stdout}`);
    if (hash === hashOfNothing) {
      checker.stdin.end();
      await checked;
      return { folder, types: new Map() };
    }
    const file = createReadStream(join(folder, "pack", `pack-${hash}.pack`), { highWaterMark: 1 << 18 });
    checker.stdin.end(`${tips.join("\n")}\n`);
    const [{ stdout }, blob] = await Promise.all([checked, context.blobs.put(file)]);
    return { folder, types: typesIn(stdout), stored: { hash, pack: { blob: blob.id, size: blob.size } } };
  } catch (error) {
    checker.stdin.end();
    await checked.catch(() => {});
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
};

/** From what `git cat-file --batch-check` says. */
const typesIn = (said: Buffer): Map<string, ObjectType> => {
  const lines = said.toString("latin1").matchAll(/^([0-9a-f]{40}) (commit|tree|blob|tag) /gm);
  return new Map(Array.from(lines, ([, id, type]) => [id, type as ObjectType]));
};

const hashOfNothing = "029d08823bd8a8eab510ad6ac75c823cfd3ed31e";
const lastLine = (text: string) =>
  text
    .split("\n")
    .filter(Boolean)
    .pop()
    ?.replace(/^fatal: /, "");
const quarantineEnv = (dir: string, folder: string) => ({
  GIT_OBJECT_DIRECTORY: folder,
  GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(join(dir, "objects")),
});
/** A list of folders is divided by colons, unless one is quoted as in C. */
const quoted = (path: string) => (/[:"\\]/.test(path) ? `"${path.replace(/["\\]/g, "\\$&")}"` : path);
