/** CopyObject and UploadPartCopy. A copied object shares its source's blob where it can: then a copy of any size is two records. */
import type * as sdk from "@aws-sdk/client-s3";
import { type Handlers, ServiceError } from "../../protocols/operations.ts";
import { BlobNotFound } from "../../store/blobs.ts";
import type { Reading } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { originOf } from "./announcements.ts";
import { giveOut, keepOnlyIf, takeIn } from "./bytes.ts";
import { algorithmNamed, asMembers } from "./checksums.ts";
import { checkCopySource } from "./conditions.ts";
import { type CopySource, copySourceOf } from "./copy-source.ts";
import { checkWishes, descriptionIn, headersIn, metadataIn } from "./descriptions.ts";
import { invalidRequest, notBuilt } from "./errors.ts";
import { bucketOf, objectOf, shownVersion } from "./lookups.ts";
import { checkKey } from "./names.ts";
import { checkPartNumber } from "./parts.ts";
import { copyRangeOf } from "./ranges.ts";
import { type Bucket, type Content, type Description, shares, type StoredObject } from "./records.ts";
import { again, segmentsOf } from "./reads.ts";
import { tagsIn } from "./tags.ts";
import { uploadOf, writePart } from "./uploads.ts";
import { write } from "./writes.ts";

const largestCopy = 5 * 2 ** 30;

type SourceInput = Pick<
  sdk.CopyObjectRequest,
  | "CopySource"
  | "ExpectedSourceBucketOwner"
  | "CopySourceIfMatch"
  | "CopySourceIfNoneMatch"
  | "CopySourceIfModifiedSince"
  | "CopySourceIfUnmodifiedSince"
  | "CopySourceSSECustomerAlgorithm"
>;
const readSource = async (
  tx: Reading,
  input: SourceInput,
  source: CopySource,
  call: Call,
): Promise<{ bucket: Bucket; object: StoredObject }> => {
  if (input.CopySourceSSECustomerAlgorithm !== undefined) throw notBuilt("Server-side encryption with customer-provided keys");
  const bucket = await bucketOf(tx, source.bucket, call, input.ExpectedSourceBucketOwner);
  const object = await objectOf(tx, bucket, source.key, source.versionId).catch((error) => {
    if (error instanceof ServiceError && error.code === "MethodNotAllowed")
      throw invalidRequest("The source of a copy request may not specifically refer to a delete marker by version id.");
    throw error;
  });
  checkCopySource(
    { etag: object.etag, modified: new Date(object.modified) },
    {
      ...(input.CopySourceIfMatch !== undefined && { IfMatch: input.CopySourceIfMatch }),
      ...(input.CopySourceIfNoneMatch !== undefined && { IfNoneMatch: input.CopySourceIfNoneMatch }),
      ...(input.CopySourceIfModifiedSince && { IfModifiedSince: input.CopySourceIfModifiedSince }),
      ...(input.CopySourceIfUnmodifiedSince && { IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince }),
    },
  );
  return { bucket, object };
};

/** What the copy is called: the source's words, or the request's where it says REPLACE. */
export const describeCopy = (input: sdk.CopyObjectRequest, source: StoredObject): Description => ({
  headers: input.MetadataDirective === "REPLACE" ? headersIn(input) : withRedirect(input, source),
  metadata: input.MetadataDirective === "REPLACE" ? metadataIn(input.Metadata) : source.metadata,
  tags: input.TaggingDirective === "REPLACE" ? tagsIn(input.Tagging) : source.tags,
  storageClass: input.StorageClass ?? "STANDARD",
});
/** The redirect is never copied. */
const withRedirect = (input: sdk.CopyObjectRequest, { headers: { websiteRedirectLocation: _, ...headers } }: StoredObject) => ({
  ...headers,
  ...(input.WebsiteRedirectLocation !== undefined && { websiteRedirectLocation: input.WebsiteRedirectLocation }),
});
/** A copy onto itself must change something. */
const changesNothing = (input: sdk.CopyObjectRequest, from: CopySource): boolean =>
  from.bucket === input.Bucket &&
  from.key === input.Key &&
  from.versionId === undefined &&
  input.MetadataDirective !== "REPLACE" &&
  input.StorageClass === undefined &&
  input.WebsiteRedirectLocation === undefined &&
  input.ServerSideEncryption === undefined &&
  input.ChecksumAlgorithm === undefined;

export const copyOperations = ({ store, blobs, clock }: Context): Handlers<typeof sdk> => ({
  async CopyObject(input, call) {
    const key = input.Key ?? "";
    checkKey(key);
    const from = copySourceOf(input.CopySource);
    const algorithm = algorithmNamed(input.ChecksumAlgorithm);
    if (changesNothing(input, from))
      throw invalidRequest(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    // A refused directive must not cost a copy of the bytes first.
    descriptionIn({ ...input, Tagging: input.TaggingDirective === "REPLACE" ? input.Tagging : undefined } as sdk.PutObjectRequest);

    return again(async () => {
      const { source, its } = await store.read(async (tx) => {
        const { object } = await readSource(tx, input, from, call);
        checkWishes(input, await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner));
        return { source: object, its: await segmentsOf(tx, object) };
      });
      if (source.size > largestCopy)
        throw invalidRequest("The specified copy source is larger than the maximum allowable size for a copy source: 5368709120");
      // A copy has one part, whatever its source had: its ETag and checksum are those of the bytes.
      const shareable = source.blob !== undefined && (algorithm === undefined || algorithm === source.checksum?.algorithm);
      const taken = shareable
        ? undefined
        : await takeIn(blobs, await giveOut(blobs, source, its), {}, {}, algorithm ?? source.checksum?.algorithm);
      const content: Content = taken
        ? {
            size: taken.blob.size,
            etag: taken.blob.md5,
            blob: taken.blob.id,
            checksum: { algorithm: taken.algorithm, type: "FULL_OBJECT", value: taken.checksum },
          }
        : { size: source.size, etag: source.etag, blob: source.blob as string, ...(source.checksum && { checksum: source.checksum }) };
      const commit = () =>
        store.write(async (tx) => {
          const now = clock.now();
          const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
          const seen = await readSource(tx, input, from, call);
          // Replaced while its bytes were read: then it is the new one that is to be copied.
          if (seen.object.uid !== source.uid) throw new BlobNotFound(source.uid);
          const description = describeCopy(input, seen.object);
          const object = await write(tx, {
            bucket,
            key,
            description,
            content,
            conditions: input,
            reason: "CopyObject",
            origin: originOf(call),
            now,
          });
          if (!taken) for (const owner of [source.uid, object.uid]) await tx.put(shares, [content.blob as string, owner], true);
          return {
            VersionId: shownVersion(bucket, object),
            CopySourceVersionId: shownVersion(seen.bucket, source),
            ServerSideEncryption: "AES256" as const,
            CopyObjectResult: {
              ETag: `"${object.etag}"`,
              LastModified: new Date(object.modified),
              ...asMembers(object.checksum),
              ...(object.checksum && { ChecksumType: object.checksum.type }),
            },
          };
        });
      return taken ? keepOnlyIf(blobs, taken.blob, commit) : commit();
    });
  },

  async UploadPartCopy(input, call) {
    const number = checkPartNumber(input.PartNumber);
    const from = copySourceOf(input.CopySource);
    const find = async (tx: Reading) =>
      uploadOf(tx, await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner), input.Key ?? "", input.UploadId);
    const { taken, bucket, source } = await again(async () => {
      const { source, its, bucket, upload } = await store.read(async (tx) => {
        const upload = await find(tx);
        const { bucket, object } = await readSource(tx, input, from, call);
        return { source: object, bucket, upload, its: await segmentsOf(tx, object) };
      });
      const range = copyRangeOf(input.CopySourceRange, source.size);
      if ((range ? range.end - range.start + 1 : source.size) > largestCopy)
        throw invalidRequest("The specified copy source is larger than the maximum allowable size for a copy source: 5368709120");
      return { taken: await takeIn(blobs, await giveOut(blobs, source, its, range), {}, {}, upload.algorithm), bucket, source };
    });
    const part = await keepOnlyIf(blobs, taken.blob, () =>
      store.write(async (tx) => writePart(tx, await find(tx), number, taken, clock.now())),
    );
    return {
      CopySourceVersionId: shownVersion(bucket, source),
      ServerSideEncryption: "AES256",
      CopyPartResult: {
        ETag: `"${part.md5}"`,
        LastModified: new Date(part.modified),
        ...asMembers({ algorithm: taken.algorithm, value: taken.checksum }),
      },
    };
  },
});
