/** Unpacks a deployment package into a folder, as its author meant it: modes and symbolic links included, nothing outside the folder. */
import { createWriteStream } from "node:fs";
import { lstat, mkdir, readdir, realpath, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { buffer } from "node:stream/consumers";
import yauzl from "yauzl";

/** The package is no zip file, or one that must not be unpacked. */
export class BadZip extends Error {}

const maximumEntries = 100_000;

/** Resolves to the number of bytes unpacked. What the folder holds already is laid over. Throws `BadZip`. */
export const unzip = async (file: string, folder: string, maximumBytes: number): Promise<number> => {
  const zip = await open(file);
  await mkdir(folder, { recursive: true });
  const over = (await readdir(folder)).length > 0;
  const made = new Set([folder]);
  const make = async (path: string): Promise<void> => {
    if (made.has(path)) return;
    await make(dirname(path));
    await mkdir(path).catch((error) => {
      if (error.code !== "EEXIST") throw error;
    });
    if (over && (await lstat(path)).isSymbolicLink()) throw new BadZip(`${path.slice(folder.length + 1)} is a link of the package below`);
    made.add(path);
  };
  const makeRoomFor = async (path: string) => {
    await make(dirname(path));
    if (over) await rm(path, { force: true });
  };
  /** Links come last, so that no file is written through one. */
  const links: { path: string; target: string }[] = [];
  let bytes = 0;
  try {
    if (zip.entryCount > maximumEntries) throw new BadZip(`more than ${maximumEntries} entries`);
    for await (const entry of entriesOf(zip)) {
      const path = join(folder, entry.fileName);
      const mode = entry.externalFileAttributes >>> 16;
      bytes += entry.uncompressedSize;
      if (bytes > maximumBytes) throw new BadZip(`Unzipped size must be smaller than ${maximumBytes} bytes`);
      if (entry.fileName.endsWith("/")) await make(path);
      else if ((mode & 0o170000) === 0o120000) links.push({ path, target: (await buffer(await contentOf(zip, entry))).toString() });
      else {
        await makeRoomFor(path);
        await pipeline(await contentOf(zip, entry), createWriteStream(path, { mode: (mode & 0o777) | 0o644 }));
      }
    }
    const top = await realpath(folder);
    for (const { path, target } of links) {
      await makeRoomFor(path);
      const parent = await realpath(dirname(path));
      if (parent !== top && !parent.startsWith(`${top}/`)) throw new BadZip(`${path.slice(folder.length + 1)} leads out of the package`);
      await symlink(target, path);
    }
    return bytes;
  } catch (error) {
    // What the file system has to say about an entry (a file where a folder should be, a name too long) is the package's fault, a full disk is not.
    if (
      ["EEXIST", "ENOTDIR", "EISDIR", "ERR_FS_EISDIR", "ENAMETOOLONG", "EINVAL", "ELOOP"].includes(
        (error as NodeJS.ErrnoException).code ?? "",
      )
    )
      throw new BadZip((error as Error).message);
    throw error;
  } finally {
    zip.close();
  }
};

const open = (file: string) =>
  new Promise<yauzl.ZipFile>((resolve, reject) =>
    yauzl.open(file, { lazyEntries: true, autoClose: false, validateEntrySizes: true }, (error, zip) =>
      error ? reject(new BadZip(error.message)) : resolve(zip),
    ),
  );

async function* entriesOf(zip: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  let next: (entry: yauzl.Entry | undefined) => void = () => {};
  let fail: (error: Error) => void = () => {};
  zip.on("entry", (entry: yauzl.Entry) => next(entry));
  zip.on("end", () => next(undefined));
  zip.on("error", (error: Error) => fail(new BadZip(error.message)));
  while (true) {
    const entry = await new Promise<yauzl.Entry | undefined>((resolve, reject) => {
      next = resolve;
      fail = reject;
      zip.readEntry();
    });
    if (!entry) return;
    yield entry;
  }
}

const contentOf = async (zip: yauzl.ZipFile, entry: yauzl.Entry) => {
  if (entry.isEncrypted()) throw new BadZip(`${entry.fileName} is encrypted`);
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => (error ? reject(new BadZip(error.message)) : resolve(stream))),
  );
  return damaged(stream, entry.fileName);
};
/** Errors while inflating are the package's, too. */
async function* damaged(stream: NodeJS.ReadableStream, name: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    throw new BadZip(`${name}: ${(error as Error).message}`);
  }
}
