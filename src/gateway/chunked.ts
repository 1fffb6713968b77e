/** Reads `aws-chunked` request bodies: signed or not, with trailers or without. */
import { ServiceError } from "../protocols/operations.ts";

/** Throws for a chunk or trailer that its signer did not sign. */
export interface ChunkVerifier {
  chunk(data: Uint8Array, signature: string | undefined): void;
  /** `text`: the trailing headers, each ended by a line feed. */
  trailer(text: string, signature: string | undefined): void;
}
export interface Chunked {
  /** Names the trailer that follows, from `x-amz-trailer`. */
  readonly trailer: boolean;
  /** From `x-amz-decoded-content-length`. */
  readonly length: number | undefined;
  readonly verifier: ChunkVerifier | undefined;
  /** Told the trailing headers, after all bytes. */
  trailers(found: Record<string, string>): void;
}
const longestLine = 16_384;
const largestSignedChunk = 64 * 2 ** 20;
const malformed = (message: string) => new ServiceError("InvalidRequest", message);
const incomplete = () => new ServiceError("IncompleteBody", "The request body terminated unexpectedly");

export async function* decodeChunked(source: AsyncIterable<Uint8Array>, how: Chunked): AsyncGenerator<Uint8Array> {
  const reader = new Reader(source);
  try {
    yield* decoded(reader, how);
  } finally {
    await reader.close();
  }
}

async function* decoded(reader: Reader, how: Chunked): AsyncGenerator<Uint8Array> {
  let total = 0;
  for (;;) {
    const { size, signature } = chunkHeader(await reader.line());
    if (size === 0) {
      how.verifier?.chunk(new Uint8Array(0), signature);
      break;
    }
    total += size;
    // A signed chunk is passed on only when it is known to be the signer's.
    if (how.verifier) {
      if (size > largestSignedChunk) throw malformed("The chunk is too large.");
      const data = await reader.exactly(size);
      how.verifier.chunk(data, signature);
      yield data;
    } else yield* reader.pieces(size);
    if ((await reader.line()) !== "") throw malformed("A chunk does not end where it says.");
  }
  if (how.trailer) how.trailers(await readTrailers(reader, how.verifier));
  if (how.length !== undefined && how.length !== total) throw incomplete();
}

function chunkHeader(line: string): { size: number; signature: string | undefined } {
  const [size = "", ...extensions] = line.split(";");
  if (!/^[0-9a-f]{1,12}$/i.test(size)) throw malformed("A chunk has no size.");
  const signature = extensions.map((text) => /^\s*chunk-signature=(.*)$/.exec(text)?.[1]).find((found) => found !== undefined);
  return { size: Number.parseInt(size, 16), signature };
}

async function readTrailers(reader: Reader, verifier: ChunkVerifier | undefined): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  let signed = "";
  for (;;) {
    const line = await reader.line();
    if (line === "") break;
    const at = line.indexOf(":");
    if (at < 0) throw malformed("A trailing header has no value.");
    const name = line.slice(0, at).trim().toLowerCase();
    found[name] = line.slice(at + 1).trim();
    if (name !== "x-amz-trailer-signature") signed += `${name}:${found[name]}\n`;
  }
  verifier?.trailer(signed, found["x-amz-trailer-signature"]);
  return found;
}

class Reader {
  #source: AsyncIterator<Uint8Array>;
  #held = Buffer.alloc(0);
  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }
  /** Lets go of the source, wherever it stands. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done) throw incomplete();
    this.#held = this.#held.length > 0 ? Buffer.concat([this.#held, next.value]) : Buffer.from(next.value);
  }
  async line(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf("\r\n");
      if (end >= 0) {
        const line = this.#held.toString("latin1", 0, end);
        this.#held = this.#held.subarray(end + 2);
        return line;
      }
      if (this.#held.length > longestLine) throw malformed("A chunk header is too long.");
      await this.#more();
    }
  }
  async exactly(size: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.pieces(size)) parts.push(part);
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }
  async *pieces(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      if (this.#held.length === 0) await this.#more();
      const piece = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}
