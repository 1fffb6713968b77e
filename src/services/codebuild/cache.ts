/** What a build keeps for the next one: files of its cache paths as one archive, in S3 or in this server's own folder. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, type Stats } from "node:fs";
import { copyFile, lstat, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Aws } from "../../aws/aws.ts";
import { globPattern, isGlob, literalPrefix, plainPath } from "./glob.ts";
import type { Inside } from "./inside.ts";
import type { Build } from "./records.ts";
import { sourceFolder } from "./workspace.ts";

export interface Shelf {
  get(name: string): Promise<Readable | undefined>;
  /** Of several whose names begin so, the newest. */
  newest(prefix: string): Promise<string | undefined>;
  has(name: string): Promise<boolean>;
  put(name: string, file: string): Promise<void>;
}

/** Where the caches of a build's project stand; undefined when it has none. Another epoch is another shelf: what was before is never found again. */
export const shelfOf = (build: Build, aws: Aws, folder: string): Shelf | undefined => {
  const { type, location = "", cacheNamespace, modes } = build.cache;
  if (type === "S3") {
    const [bucket = "", ...prefix] = location.replace(/^arn:[\w-]+:s3:::/, "").split("/");
    return s3Shelf(aws, bucket, [...prefix, cacheNamespace ?? build.project, `cache-${build.cacheEpoch}`].filter(Boolean).join("/"));
  }
  if (type === "LOCAL" && modes?.includes("LOCAL_CUSTOM_CACHE"))
    return localShelf(join(folder, "caches", build.account, build.region, build.project, String(build.cacheEpoch)));
  return undefined;
};

const s3Shelf = (aws: Aws, Bucket: string, prefix: string): Shelf => {
  const client = aws.client(S3Client);
  const Key = (name: string) => `${prefix}/${name}`;
  const unless = <T>(error: Error, absent: T): T => {
    if (["NoSuchKey", "NotFound"].includes(error.name)) return absent;
    throw error;
  };
  return {
    get: async (name) => {
      try {
        return (await client.send(new GetObjectCommand({ Bucket, Key: Key(name) }))).Body as Readable;
      } catch (error) {
        return unless(error as Error, undefined);
      }
    },
    newest: async (start) => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: Key(start) }));
      const [latest] = Contents.sort((a, b) => (b.LastModified?.getTime() ?? 0) - (a.LastModified?.getTime() ?? 0));
      return latest?.Key?.slice(prefix.length + 1);
    },
    has: async (name) => {
      try {
        await client.send(new HeadObjectCommand({ Bucket, Key: Key(name) }));
        return true;
      } catch (error) {
        return unless(error as Error, false);
      }
    },
    put: async (name, file) => {
      const { size } = await stat(file);
      await client.send(new PutObjectCommand({ Bucket, Key: Key(name), Body: createReadStream(file), ContentLength: size }));
    },
  };
};

const localShelf = (folder: string): Shelf => ({
  get: async (name) => {
    const file = join(folder, name);
    return (await stat(file).catch(() => undefined)) ? createReadStream(file) : undefined;
  },
  newest: async (start) => {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(start) && name.endsWith(".tar"));
    const times = await Promise.all(names.map(async (name) => ({ name, time: (await stat(join(folder, name))).mtimeMs })));
    return times.sort((a, b) => b.time - a.time)[0]?.name;
  },
  has: async (name) => (await stat(join(folder, name)).catch(() => undefined)) !== undefined,
  put: async (name, file) => {
    await mkdir(folder, { recursive: true });
    const coming = join(folder, `.${name}-${process.pid}-${Date.now()}`);
    await rename(file, coming).catch(async (error) => {
      if (error.code !== "EXDEV") throw error;
      await copyFile(file, coming);
      await rm(file, { force: true });
    });
    await rename(coming, join(folder, name));
  },
});

const short = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);
/** Archives of other paths are other archives. */
export const cacheName = (paths: readonly string[], key: string | undefined): string =>
  `${short(JSON.stringify([...paths].sort()))}${key === undefined ? "" : `-${encodeURIComponent(key)}`}`;

/** Which archive to bring back: the exact one, else the newest that begins like one of the fallbacks. */
export const findCache = async (
  shelf: Shelf,
  paths: readonly string[],
  key: string | undefined,
  fallbacks: readonly string[],
): Promise<{ name: string; body: Readable } | undefined> => {
  const exact = `${cacheName(paths, key)}.tar`;
  const body = await shelf.get(exact);
  if (body) return { name: exact, body };
  if (key === undefined) return undefined;
  for (const fallback of fallbacks) {
    const name = await shelf.newest(cacheName(paths, fallback));
    const older = name === undefined ? undefined : await shelf.get(name);
    if (name && older) return { name, body: older };
  }
  return undefined;
};

const tar = async (args: readonly string[], stdin: Readable | readonly string[] | undefined): Promise<void> => {
  const child = spawn("tar", args, { stdio: ["pipe", "ignore", "pipe"], env: { PATH: "/usr/bin:/bin", LC_ALL: "C" } });
  let said = "";
  child.stderr.on("data", (text) => (said = (said + text).slice(-2000)));
  const exit = once(child, "exit");
  if (stdin && "pipe" in stdin) await pipeline(stdin, child.stdin).catch(() => {});
  else child.stdin.end(stdin ? stdin.map((name) => `${name}\0`).join("") : "");
  const [code] = await exit;
  if (code !== 0) throw new Error(`tar ended with ${code}: ${said.trim().split("\n").at(-1)}`);
};

/** GNU tar keeps names from leading out of the folder. */
export const unpackCache = (body: Readable, files: string): Promise<void> => tar(["-C", files, "-xpf", "-"], body);

/** The cached files, relative to the workspace's `files`. */
export const cachedFiles = async (
  inside: Inside,
  paths: readonly string[],
  files: string,
): Promise<{ names: string[]; digest: string }> => {
  const names = new Set<string>();
  const digest = createHash("sha256");
  const add = (host: string, facts: string) => {
    const name = relative(files, host);
    if (name.startsWith("..") || names.has(name)) return;
    names.add(name);
    digest.update(`${name}\0${facts}\n`);
  };
  for (const path of paths) {
    const absolute = path.startsWith("/") ? plainPath(path) : `${sourceFolder()}/${plainPath(path)}`;
    const top = literalPrefix(absolute);
    const found = await inside.resolve(top);
    if (!found) continue;
    if (!isGlob(absolute) && found.stats.isFile()) add(found.host, factsOf(found.stats));
    if (!found.stats.isDirectory()) continue;
    const pattern = isGlob(absolute) ? globPattern(absolute) : undefined;
    await raw(found.host, found.path, (host, inner, facts) => {
      if (!pattern || pattern.test(`${top}${inner.slice(found.path.length)}`)) add(host, facts);
    });
  }
  return { names: [...names], digest: digest.digest("hex") };
};

/** What an archive keeps of a file beside its bytes: a file that differs in none of it was not changed. */
const factsOf = ({ size, mtimeMs, mode }: Stats) => `${size} ${Math.floor(mtimeMs / 1000)} ${mode}`;

/** Files and links as they are, without following any. */
const raw = async (host: string, path: string, each: (host: string, path: string, facts: string) => void): Promise<void> => {
  const entries = await readdir(host, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const [own, inner] = [join(host, entry.name), `${path}/${entry.name}`];
    if (entry.isDirectory()) await raw(own, inner, each);
    else if (entry.isFile() || entry.isSymbolicLink()) {
      each(own, inner, factsOf(await lstat(own)));
    }
  }
};

export const packCache = async (files: string, names: readonly string[], file: string): Promise<void> => {
  await mkdir(dirname(file), { recursive: true });
  await tar(["-C", files, "--null", "--verbatim-files-from", "-T", "-", "-cf", file], names);
};
