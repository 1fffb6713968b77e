/** The bytes of objects: taken in with every check, given out by range, let go when nothing names them any more. */
import { Readable } from "node:stream";
import { ServiceError } from "../../protocols/operations.ts";
import type { Task } from "../../queue/queue.ts";
import { type Blob, BlobNotFound, type Blobs } from "../../store/blobs.ts";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type Algorithm, askedOf, type ChecksumMembers, checkMd5, checkSum, digest } from "./checksums.ts";
import type { Range } from "./ranges.ts";
import { type Segment, segments, shares, type StoredObject, type Version } from "./records.ts";

const largestUpload = 5 * 2 ** 30;
/** How long the bytes of a deleted object stay: whoever began to read it reads it to its end. */
const graceSeconds = 60;

export interface Taken {
  readonly blob: Blob;
  readonly algorithm: Algorithm;
  readonly checksum: string;
}
interface Expected extends ChecksumMembers {
  readonly ContentLength?: number;
  readonly ContentMD5?: string;
  readonly ChecksumAlgorithm?: string;
}

/** A body, stored and checked; if it is not what its sender says, nothing stays. S3 computes CRC64NVME for those that name no checksum. */
export const takeIn = async (
  blobs: Blobs,
  body: AsyncIterable<Uint8Array> | Uint8Array | undefined,
  expected: Expected,
  headers: Readonly<Record<string, string>>,
  otherwise: Algorithm = "CRC64NVME",
): Promise<Taken> => {
  const asked = askedOf(expected, headers) ?? { algorithm: otherwise };
  const length = Number(headers["x-amz-decoded-content-length"] ?? expected.ContentLength ?? Number.NaN);
  if (length > largestUpload) throw tooLarge(length);
  const sum = digest(asked.algorithm);
  const blob = await blobs.put(
    (async function* () {
      let size = 0;
      for await (const chunk of pieces(body)) {
        size += chunk.length;
        if (size > largestUpload) throw tooLarge(size);
        sum.update(chunk);
        yield chunk;
      }
    })(),
  );
  try {
    if (!Number.isNaN(length) && blob.size !== length)
      throw new ServiceError("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header", 400);
    checkMd5(expected.ContentMD5, blob.md5);
    const checksum = await sum.end();
    checkSum(asked, checksum);
    return { blob, algorithm: asked.algorithm, checksum };
  } catch (error) {
    await blobs.delete(blob.id);
    throw error;
  }
};
const pieces = async function* (body: AsyncIterable<Uint8Array> | Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) yield body;
  else if (body !== undefined) yield* body;
};
const tooLarge = (size: number) =>
  new ServiceError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400, {
    ProposedSize: String(size),
    MaxSizeAllowed: String(largestUpload),
  });

/**
 * What is done with bytes that were just taken in. If S3 refuses them, they go at once;
 * after any other failure nobody knows whether the records were committed, so they stay.
 */
export const keepOnlyIf = async <R>(blobs: Blobs, taken: { readonly id: string }, commit: () => Promise<R>): Promise<R> => {
  try {
    return await commit();
  } catch (error) {
    if (error instanceof ServiceError || error instanceof BlobNotFound) await blobs.delete(taken.id);
    throw error;
  }
};

/** Blobs that are being read by this process. */
const inUse = new Map<string, number>();
const hold = (ids: readonly string[]) => {
  for (const id of ids) inUse.set(id, (inUse.get(id) ?? 0) + 1);
};
const letGo = (ids: readonly string[]) => {
  for (const id of ids) {
    const left = (inUse.get(id) ?? 1) - 1;
    if (left === 0) inUse.delete(id);
    else inUse.set(id, left);
  }
};

type Whereabouts = Pick<StoredObject, "blob" | "size">;

/** The bytes of an object or of a range of it. Throws `BlobNotFound` if the object was deleted meanwhile and long enough ago. */
export const giveOut = async (blobs: Blobs, object: Whereabouts, its: readonly Segment[], range?: Range): Promise<Readable> => {
  const pieces = pickPieces(object, its, range);
  const ids = pieces.map(({ blob }) => blob);
  hold(ids);
  try {
    const [first] = pieces;
    if (first === undefined) {
      letGo(ids);
      return Readable.from([]);
    }
    const opened = await blobs.get(first.blob, first.range);
    const stream = pieces.length === 1 ? opened : Readable.from(oneAfterAnother(blobs, opened, pieces.slice(1)), { objectMode: false });
    stream.once("close", () => letGo(ids));
    return stream;
  } catch (error) {
    letGo(ids);
    throw error;
  }
};

interface Piece {
  readonly blob: string;
  readonly range?: Range;
}
/** Which parts of which blobs make up that range. */
export const pickPieces = (object: Whereabouts, its: readonly Segment[], range?: Range): Piece[] => {
  if (object.blob !== undefined) return [{ blob: object.blob, ...(range && { range }) }];
  const wanted = range ?? { start: 0, end: object.size - 1 };
  const picked: Piece[] = [];
  let offset = 0;
  for (const { blob, size } of its) {
    const start = Math.max(wanted.start - offset, 0);
    const end = Math.min(wanted.end - offset, size - 1);
    if (start <= end) picked.push({ blob, ...((start > 0 || end < size - 1) && { range: { start, end } }) });
    offset += size;
  }
  return picked;
};
async function* oneAfterAnother(blobs: Blobs, opened: Readable, rest: readonly Piece[]): AsyncGenerator<Uint8Array> {
  yield* opened;
  for (const { blob, range } of rest) yield* await blobs.get(blob, range);
}

/** Blobs that lost an owner in a transaction. */
export interface Discarded {
  /** An object's uid; absent for parts, whose blobs nobody else ever has. */
  readonly owner?: string;
  readonly blobs: readonly string[];
}

export const discard = async (tx: Writing, version: Version, into: Discarded[]): Promise<void> => {
  if (version.deleteMarker) return;
  if (version.blob !== undefined) into.push({ owner: version.uid, blobs: [version.blob] });
  else {
    into.push({ blobs: ((await tx.get(segments, [version.uid])) ?? []).map(({ blob }) => blob) });
    await tx.delete(segments, [version.uid]);
  }
};
export const throwAway = async (tx: Writing, discarded: readonly Discarded[], now: Date): Promise<void> => {
  if (discarded.length === 0) return;
  await tx.later({ name: "s3.deleteBlobs", payload: discarded, at: new Date(now.getTime() + graceSeconds * 1000) });
};

/** Never before the commit that took their last owner away. */
export const deleteBlobsTask = (context: Context) => async (task: Task) => {
  const discarded: readonly Discarded[] = task.payload;
  if (discarded.some(({ blobs }) => blobs.some((id) => inUse.has(id)))) {
    task.again(new Date(context.clock.now().getTime() + graceSeconds * 1000));
    return;
  }
  const free = await task.write(async (tx) => {
    const ownerless: string[] = [];
    for (const { owner, blobs } of discarded)
      for (const blob of blobs) {
        if (owner !== undefined) {
          await tx.delete(shares, [blob, owner]);
          // Only who reads a living owner can share its blob: once there is none, there never will be one again.
          if ((await tx.list(shares, { prefix: [blob], limit: 1 })).length > 0) continue;
        }
        ownerless.push(blob);
      }
    return ownerless;
  });
  for (const blob of free) await context.blobs.delete(blob);
};
