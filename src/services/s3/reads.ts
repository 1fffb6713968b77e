import type * as sdk from "@aws-sdk/client-s3";
import { type Handlers, ServiceError } from "../../protocols/operations.ts";
import { BlobNotFound } from "../../store/blobs.ts";
import type { Reading } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { giveOut } from "./bytes.ts";
import { asMembers } from "./checksums.ts";
import { checkRead } from "./conditions.ts";
import { headersOut } from "./descriptions.ts";
import { invalidRequest, notBuilt } from "./errors.ts";
import { bucketOf, objectOf, shownVersion } from "./lookups.ts";
import { type Range, rangeOf } from "./ranges.ts";
import { type Bucket, type Segment, segments, type StoredObject } from "./records.ts";

type Request = sdk.GetObjectRequest;
export interface Found {
  readonly bucket: Bucket;
  readonly object: StoredObject;
  readonly segments: readonly Segment[];
}

/** Throws `BlobNotFound` if the object went between the two readings. */
export const segmentsOf = async (tx: Reading, object: StoredObject): Promise<readonly Segment[]> => {
  if (object.blob !== undefined) return [];
  const its = await tx.get(segments, [object.uid]);
  if (!its) throw new BlobNotFound(object.uid);
  return its;
};

/** Which bytes are asked for; a part number is a range too. */
const spanOf = (input: Request, { object, segments: its }: Found): Range | undefined => {
  const { PartNumber: number } = input;
  if (number === undefined) return rangeOf(input.Range, object.size);
  if (input.Range !== undefined) throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
  const at = its.length > 0 ? its.findIndex((part) => part.number === number) : number === 1 ? 0 : -1;
  if (at < 0)
    throw new ServiceError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416, {
      PartNumberRequested: String(number),
      ActualPartCount: String(Math.max(its.length, 1)),
    });
  if (object.size === 0) return undefined;
  const start = its.slice(0, at).reduce((sum, { size }) => sum + size, 0);
  return { start, end: start + (its[at]?.size ?? object.size) - 1 };
};

/** The answer without its body. */
const answerTo = (input: Request, found: Found, span: Range | undefined) => {
  const { bucket, object } = found;
  const whole = span === undefined || (span.start === 0 && span.end === object.size - 1);
  return {
    ...headersOut(object),
    LastModified: new Date(object.modified),
    ETag: `"${object.etag}"`,
    VersionId: shownVersion(bucket, object),
    ContentLength: span ? span.end - span.start + 1 : object.size,
    ...(span && { ContentRange: `bytes ${span.start}-${span.end}/${object.size}` }),
    ...(input.PartNumber !== undefined && object.parts !== undefined && { PartsCount: object.parts }),
    // A part's sum is no sum of the object; clients would hold the one against the other.
    ...(input.ChecksumMode === "ENABLED" &&
      whole &&
      object.checksum && { ...asMembers(object.checksum), ChecksumType: object.checksum.type }),
    ...overrides(input),
    ...((span || input.PartNumber !== undefined) && object.size > 0 && { $metadata: { httpStatusCode: 206 } }),
  };
};
const overrides = (input: Request) => ({
  ...(input.ResponseContentType !== undefined && { ContentType: input.ResponseContentType }),
  ...(input.ResponseCacheControl !== undefined && { CacheControl: input.ResponseCacheControl }),
  ...(input.ResponseContentDisposition !== undefined && { ContentDisposition: input.ResponseContentDisposition }),
  ...(input.ResponseContentEncoding !== undefined && { ContentEncoding: input.ResponseContentEncoding }),
  ...(input.ResponseContentLanguage !== undefined && { ContentLanguage: input.ResponseContentLanguage }),
  ...(input.ResponseExpires !== undefined && { Expires: input.ResponseExpires }),
});

/** An object replaced while it is looked up is looked up again: now there is another, or none. */
export const again = async <R>(read: () => Promise<R>): Promise<R> => {
  for (let attempt = 1; ; attempt++)
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof BlobNotFound) || attempt === 5) throw error;
    }
};

export const readOperations = ({ store, blobs }: Context): Handlers<typeof sdk> => {
  const find = async (input: Request, call: Call, method: string): Promise<{ found: Found; span: Range | undefined }> => {
    if (input.SSECustomerAlgorithm !== undefined) throw notBuilt("Server-side encryption with customer-provided keys");
    const found = await store.read(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      const object = await objectOf(tx, bucket, input.Key ?? "", input.VersionId, method);
      return { bucket, object, segments: await segmentsOf(tx, object) };
    });
    const { object } = found;
    const modified = new Date(object.modified);
    checkRead({ etag: object.etag, modified }, input, { etag: `"${object.etag}"`, "last-modified": modified.toUTCString() });
    return { found, span: spanOf(input, found) };
  };
  return {
    GetObject: (input, call) =>
      again(async () => {
        const { found, span } = await find(input, call, "GET");
        return { ...answerTo(input, found, span), Body: await giveOut(blobs, found.object, found.segments, span) };
      }),
    HeadObject: (input, call) =>
      again(async () => {
        const { found, span } = await find(input, call, "HEAD");
        return answerTo(input, found, span);
      }),
  };
};
