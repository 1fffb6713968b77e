/** Multipart uploads. A part is bytes and a record; completing one writes records only. */
import { randomBytes } from "node:crypto";
import type * as sdk from "@aws-sdk/client-s3";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading, Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type Discarded, keepOnlyIf, type Taken, takeIn, throwAway } from "./bytes.ts";
import { type Algorithm, algorithmNamed, askedOf, asMembers, checksumTypeFor } from "./checksums.ts";
import { checkWishes, descriptionIn } from "./descriptions.ts";
import { invalidArgument, invalidRequest, noSuchUpload } from "./errors.ts";
import { bucketOf } from "./lookups.ts";
import { checkKey, toPart } from "./names.ts";
import { canonicalUser } from "./owners.ts";
import { checkPartNumber, isUploadId, partKey, uploadIdFor } from "./parts.ts";
import { type Bucket, type Part, parts, type Upload, uploads } from "./records.ts";

const uploadKey = (bucket: Bucket, key: string, id: string) => [bucket.id, toPart(key), id];
export const uploadOf = async (tx: Reading, bucket: Bucket, key: string, id: string | undefined): Promise<Upload> => {
  const upload = id !== undefined && isUploadId(id) ? await tx.get(uploads, uploadKey(bucket, key, id)) : undefined;
  if (!upload) throw noSuchUpload(id ?? "");
  return upload;
};

/** A part uploaded again replaces the earlier one. */
export const writePart = async (
  tx: Writing,
  upload: Upload,
  number: number,
  { blob, algorithm, checksum }: Taken,
  now: Date,
): Promise<Part> => {
  const at = partKey(upload.id, number);
  const replaced = await tx.get(parts, at);
  const part: Part = {
    number,
    size: blob.size,
    blob: blob.id,
    md5: blob.md5,
    modified: new Date(Math.floor(now.getTime() / 1000) * 1000).toISOString(),
    checksums: { [algorithm]: checksum },
  };
  await tx.put(parts, at, part);
  if (replaced) await throwAway(tx, [{ blobs: [replaced.blob] }], now);
  return part;
};

/** Takes the upload and its parts away; the blobs that nothing keeps are returned. */
export const endUpload = async (tx: Writing, bucket: Bucket, upload: Upload, kept: ReadonlySet<string>): Promise<Discarded[]> => {
  const blobs = (await tx.list(parts, { prefix: [upload.id] })).map(({ blob }) => blob).filter((blob) => !kept.has(blob));
  await tx.deleteAll(parts, [upload.id]);
  await tx.delete(uploads, uploadKey(bucket, upload.key, upload.id));
  return blobs.length > 0 ? [{ blobs }] : [];
};
export const abort = async (tx: Writing, bucket: Bucket, upload: Upload, now: Date): Promise<void> =>
  throwAway(tx, await endUpload(tx, bucket, upload, new Set()), now);

const checkAlgorithm = (upload: Upload, algorithm: Algorithm | undefined): void => {
  if (upload.algorithm !== undefined && algorithm !== undefined && upload.algorithm !== algorithm)
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm.toLowerCase()}, actual checksum Type: ${algorithm.toLowerCase()}`,
    );
};

export const uploadOperations = ({ store, blobs, clock }: Context): Handlers<typeof sdk> => ({
  async CreateMultipartUpload(input, call) {
    const key = input.Key ?? "";
    checkKey(key);
    const description = descriptionIn(input);
    const algorithm = algorithmNamed(input.ChecksumAlgorithm);
    if (algorithm === undefined && input.ChecksumType !== undefined)
      throw invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
    const upload: Upload = {
      ...description,
      id: uploadIdFor(clock.now(), randomBytes(36)),
      key,
      started: clock.now().toISOString(),
      initiator: call.principal.arn,
      ...(algorithm && { algorithm, checksumType: checksumTypeFor(algorithm, input.ChecksumType) }),
    };
    await store.write(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      checkWishes(input, bucket);
      await tx.put(uploads, uploadKey(bucket, key, upload.id), upload);
    });
    return {
      Bucket: input.Bucket,
      Key: key,
      UploadId: upload.id,
      ServerSideEncryption: "AES256",
      ChecksumAlgorithm: upload.algorithm,
      ChecksumType: upload.checksumType,
    };
  },

  async UploadPart(input, call) {
    const number = checkPartNumber(input.PartNumber);
    const find = async (tx: Reading) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      return uploadOf(tx, bucket, input.Key ?? "", input.UploadId);
    };
    const upload = await store.read(find);
    checkAlgorithm(upload, askedOf(input, call.headers)?.algorithm);
    const taken = await takeIn(blobs, input.Body, input, call.headers, upload.algorithm);
    const part = await keepOnlyIf(blobs, taken.blob, () =>
      store.write(async (tx) => writePart(tx, await find(tx), number, taken, clock.now())),
    );
    return { ETag: `"${part.md5}"`, ServerSideEncryption: "AES256", ...asMembers({ algorithm: taken.algorithm, value: taken.checksum }) };
  },

  async AbortMultipartUpload(input, call) {
    await store.write(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      await abort(tx, bucket, await uploadOf(tx, bucket, input.Key ?? "", input.UploadId), clock.now());
    });
    return { $metadata: { httpStatusCode: 204 } };
  },

  async ListParts(input, call) {
    const marker = Number(input.PartNumberMarker ?? 0);
    const limit = Math.min(input.MaxParts ?? 1000, 1000);
    if (!Number.isInteger(marker) || marker < 0)
      throw invalidArgument("part-number-marker", String(input.PartNumberMarker), "Argument part-number-marker must be an integer");
    if (limit < 0) throw invalidArgument("max-parts", String(limit), "Argument max-parts must be an integer between 0 and 2147483647");
    const { bucket, upload, found } = await store.read(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      const upload = await uploadOf(tx, bucket, input.Key ?? "", input.UploadId);
      return { bucket, upload, found: await tx.list(parts, { prefix: [upload.id], after: partKey(upload.id, marker), limit: limit + 1 }) };
    });
    const shown = found.slice(0, limit);
    const truncated = limit > 0 && found.length > limit;
    return {
      Bucket: bucket.name,
      Key: upload.key,
      UploadId: upload.id,
      PartNumberMarker: String(marker),
      NextPartNumberMarker: truncated ? String(shown.at(-1)?.number) : undefined,
      MaxParts: limit,
      IsTruncated: truncated,
      Parts: shown.map((part) => ({
        PartNumber: part.number,
        LastModified: new Date(part.modified),
        ETag: `"${part.md5}"`,
        Size: part.size,
        ...(upload.algorithm && asMembers({ algorithm: upload.algorithm, value: part.checksums[upload.algorithm] ?? "" })),
      })),
      Initiator: { ID: upload.initiator, DisplayName: upload.initiator },
      Owner: canonicalUser(bucket.account),
      StorageClass: upload.storageClass as "STANDARD",
      ChecksumAlgorithm: upload.algorithm,
      ChecksumType: upload.checksumType,
    };
  },
});
