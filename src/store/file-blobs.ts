/** Blobs as files in a folder: written beside, synced, renamed. A name that is there is whole. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { access, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Blob, BlobNotFound, type Blobs } from "./blobs.ts";

/** Up to this size a blob is gathered in memory and written in one piece. */
const small = 1 << 18;

/** `durable: false` skips the syncs, for a server whose data ends with it. */
export const openFileBlobs = async (folder: string, options: { durable: boolean }): Promise<Blobs & { clear(): Promise<void> }> => {
  const incoming = join(folder, "incoming");
  const known = new Set<string>();
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true });
  const fileOf = (id: string) => {
    if (!/^[0-9a-f]{32}$/.test(id)) throw new BlobNotFound(id);
    return join(folder, id.slice(0, 2), id);
  };
  const sync = async (path: string) => {
    if (!options.durable) return;
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
  const settle = async (id: string, temporary: string) => {
    const shelf = join(folder, id.slice(0, 2));
    if (!known.has(shelf)) {
      await mkdir(shelf, { recursive: true });
      await sync(folder);
      known.add(shelf);
    }
    await rename(temporary, fileOf(id));
    await sync(shelf);
  };
  const put = async (source: AsyncIterable<Uint8Array> | Uint8Array): Promise<Blob> => {
    const { bytes, rest } = source instanceof Uint8Array ? { bytes: source } : await gather(source);
    const id = randomBytes(16).toString("hex");
    const temporary = join(incoming, id);
    try {
      if (rest) return await putStream(id, temporary, rest);
      const handle = await open(temporary, "wx", 0o600);
      try {
        await handle.writeFile(bytes);
        if (options.durable) await handle.sync();
      } finally {
        await handle.close();
      }
      await settle(id, temporary);
      const hash = (algorithm: string) => createHash(algorithm).update(bytes).digest("hex");
      return { id, size: bytes.length, md5: hash("md5"), sha256: hash("sha256") };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  };
  const putStream = async (id: string, temporary: string, source: AsyncIterable<Uint8Array>): Promise<Blob> => {
    const md5 = createHash("md5");
    const sha256 = createHash("sha256");
    let size = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        md5.update(chunk);
        sha256.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(source, measure, createWriteStream(temporary, { mode: 0o600 }));
    await sync(temporary);
    await settle(id, temporary);
    return { id, size, md5: md5.digest("hex"), sha256: sha256.digest("hex") };
  };
  const path = async (id: string) => {
    const file = fileOf(id);
    await access(file).catch(() => {
      throw new BlobNotFound(id);
    });
    return file;
  };
  return {
    put,
    path,
    concat: (ids) =>
      put(
        (async function* () {
          for (const id of ids) yield* createReadStream(await path(id), { highWaterMark: 1 << 18 });
        })(),
      ),
    get: async (id, range) => createReadStream(await path(id), { highWaterMark: 1 << 18, ...range }),
    delete: async (id) => rm(fileOf(id), { force: true }),
    clear: async () => {
      known.clear();
      await rm(folder, { recursive: true, force: true });
      await mkdir(incoming, { recursive: true });
    },
  };
};

/** All of a small source, or else a stream that begins with what was read of it. */
const gather = async (source: AsyncIterable<Uint8Array>): Promise<{ bytes: Uint8Array; rest?: AsyncIterable<Uint8Array> }> => {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size <= small) {
    const { done, value } = await iterator.next();
    if (done) return { bytes: Buffer.concat(chunks) };
    chunks.push(value);
    size += value.length;
  }
  async function* rest() {
    yield* chunks;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { bytes: Buffer.alloc(0), rest: rest() };
};
