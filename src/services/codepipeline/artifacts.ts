/** Artifacts: zip files in the pipeline's bucket. Small ones stay in memory, large ones in a file that is gone with its use. */
import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open as openFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import yauzl from "yauzl";
import yazl from "yazl";
import type { Act } from "./actions/action.ts";
import { ConfigurationError } from "./failures.ts";
import type { Located } from "./records.ts";

const inMemory = 32 * 1024 * 1024;

/** Bytes of a known length that can be read more than once. */
interface Held {
  readonly size: number;
  readonly bytes?: Buffer;
  readonly file?: string;
  drop(): Promise<void>;
}

/** Takes all of a stream, however long it is. */
const hold = async (act: Act, source: AsyncIterable<Uint8Array>): Promise<Held> => {
  const iterator = source[Symbol.asyncIterator]();
  const start: Uint8Array[] = [];
  let size = 0;
  while (size <= inMemory) {
    const { done, value } = await iterator.next();
    if (done) return { size, bytes: Buffer.concat(start), drop: async () => {} };
    start.push(value);
    size += value.byteLength;
  }
  const file = join(act.context.folder, `${randomUUID()}.part`);
  const drop = () => rm(file, { force: true });
  try {
    await pipeline(async function* () {
      yield* start;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        size += next.value.byteLength;
        yield next.value;
      }
    }, createWriteStream(file));
    return { size, file, drop };
  } catch (error) {
    await drop();
    throw error;
  }
};

/** Stores an artifact's bytes under its name. */
export const putArtifact = async (
  act: Act,
  to: Located,
  source: AsyncIterable<Uint8Array> | Buffer,
  metadata?: Record<string, string>,
): Promise<void> => {
  const { PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const held: Held = Buffer.isBuffer(source)
    ? { size: source.length, bytes: source, drop: async () => {} }
    : await hold(act, source as AsyncIterable<Uint8Array>);
  try {
    const Body = held.bytes ?? createReadStream(held.file!);
    await act.aws.client(S3Client).send(
      new PutObjectCommand({
        Bucket: to.bucket,
        Key: to.key,
        Body,
        ContentLength: held.size,
        ContentType: "application/zip",
        Metadata: metadata,
      }),
    );
  } finally {
    await held.drop();
  }
};

/** The bytes of an artifact, as they come. */
export const getArtifact = async (act: Act, { bucket, key }: Located): Promise<Readable> => {
  const { GetObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const { Body } = await act.aws.client(S3Client).send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Body as Readable;
};

export const copySource = (bucket: string, key: string, version?: string): string =>
  `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}${version === undefined ? "" : `?versionId=${encodeURIComponent(version)}`}`;

export interface ZipEntry {
  readonly path: string;
  readonly size: number;
  open(): Promise<Readable>;
}
export interface Zip {
  /** In the order of the archive; folders are left out. */
  entries(): AsyncIterable<ZipEntry>;
  /** Undefined: there is no such file in it. */
  read(path: string): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

/** Opens an input artifact. Throws `ConfigurationError` when it is no zip file. */
export const openArtifact = async (act: Act, from: Located): Promise<Zip> => {
  const held = await hold(act, await getArtifact(act, from));
  const descriptor = held.file === undefined ? undefined : await openFile(held.file);
  const open = async () => {
    try {
      const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true } as const;
      return await (descriptor ? yauzl.fromFdPromise(descriptor.fd, options) : yauzl.fromBufferPromise(held.bytes!, options));
    } catch (error) {
      throw new ConfigurationError(`The artifact ${from.name} is no zip file: ${(error as Error).message}`);
    }
  };
  const close = async () => {
    await descriptor?.close().catch(() => {});
    await held.drop();
  };
  const entries = async function* () {
    const zip = await open();
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/")) continue;
      yield { path: entry.fileName, size: entry.uncompressedSize, open: () => zip.openReadStreamPromise(entry) };
    }
  };
  try {
    await open();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    entries,
    async read(path) {
      for await (const entry of entries()) if (entry.path === path) return buffer(await entry.open());
      return undefined;
    },
    close,
  };
};

/** A zip of one file. */
export const zipOf = (path: string, content: string): Promise<Buffer> => {
  const zip = new yazl.ZipFile();
  zip.addBuffer(Buffer.from(content), path);
  zip.end();
  return buffer(zip.outputStream as Readable);
};
