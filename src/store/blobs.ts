import type { Readable } from "node:stream";

/** Large bytes kept beside the store: objects, packs, code. An id names bytes that never change. */
export interface Blobs {
  /** Durable when it resolves. An error of the source leaves nothing. `md5` and `sha256` are hex. */
  put(source: AsyncIterable<Uint8Array> | Uint8Array): Promise<Blob>;
  /** Joins blobs into a new one, without reading them into memory. */
  concat(ids: readonly string[]): Promise<Blob>;
  /** Bytes `start` to `end`, both inclusive. Throws `BlobNotFound`. */
  get(id: string, range?: { start: number; end: number }): Promise<Readable>;
  /** A file that holds the bytes, to read and never to change. */
  path(id: string): Promise<string>;
  /** Safe to repeat. */
  delete(id: string): Promise<void>;
}
export interface Blob {
  readonly id: string;
  readonly size: number;
  readonly md5: string;
  readonly sha256: string;
}
export class BlobNotFound extends Error {
  constructor(id: string) {
    super(`no blob ${id}`);
  }
}
