/** Unpacks a zip that a stranger made: nothing lands outside the folder. */
import { createWriteStream } from "node:fs";
import { chmod, mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { type Entry, openPromise } from "yauzl";

/** Links come last, so that no file is written through one. Throws for names that lead out. */
export const unzip = async (file: string, folder: string): Promise<void> => {
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false });
  try {
    const links: { path: string; target: string }[] = [];
    for await (const entry of zip.eachEntry()) {
      const path = pathOf(entry.fileName);
      const mode = entry.externalFileAttributes >>> 16;
      if (entry.fileName.endsWith("/")) {
        await mkdir(join(folder, path), { recursive: true });
        continue;
      }
      await mkdir(dirname(join(folder, path)), { recursive: true });
      const source = (await zip.openReadStreamPromise(entry)) as Readable;
      if (isLink(entry, mode)) links.push({ path: join(folder, path), target: (await buffer(source)).toString() });
      else {
        await pipeline(source, createWriteStream(join(folder, path), { flags: "w" }));
        if (mode & 0o777) await chmod(join(folder, path), (mode & 0o777) | 0o600);
      }
    }
    for (const { path, target } of links) await symlink(target, path);
  } finally {
    zip.close();
  }
};

const isLink = (entry: Entry, mode: number) => entry.versionMadeBy >>> 8 === 3 && (mode & 0o170000) === 0o120000;

const pathOf = (name: string): string => {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || name.includes("\0") || parts.length === 0)
    throw new Error(`the zip has an entry of the name ${JSON.stringify(name)}`);
  return parts.join("/");
};
