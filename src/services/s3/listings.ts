import type * as sdk from "@aws-sdk/client-s3";
import type { Handlers } from "../../protocols/operations.ts";
import type { Collection, Reading } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { invalidArgument } from "./errors.ts";
import { versionOf } from "./history.ts";
import { bucketOf } from "./lookups.ts";
import { fromPart, toPart } from "./names.ts";
import { canonicalUser } from "./owners.ts";
import { type Fetch, type Line, type Position, type Question, readPage, urlEncoded } from "./pages.ts";
import { type Bucket, currents, type StoredObject, type Upload, uploads, type Version, versions } from "./records.ts";
import { placeOf, sequenceOf } from "./sequence.ts";

/** More than all places of a key. */
const end = "\u{10ffff}";

const from =
  <T>(tx: Reading, collection: Collection<T>, bucket: Bucket): Fetch<T> =>
  async ([key, ...place], limit) => {
    const after = [bucket.id, toPart(key ?? ""), ...place];
    // The store's keys have at least one character before any object key: nothing sorts before [bucket, ""].
    const entries = await tx.entries(collection, { prefix: [bucket.id], after, limit });
    return entries.map(({ key: [, part, place], value }) => ({ key: fromPart(part as string), place: place as string, value }));
  };

interface Asked {
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly EncodingType?: string;
}
const questionOf = (input: Asked, most: number | undefined, name: string, after: Position | undefined): Question => {
  if (most !== undefined && most < 0) throw invalidArgument(name, String(most), `Argument ${name} must be an integer between 0 and 2147483647`);
  return { prefix: input.Prefix ?? "", delimiter: input.Delimiter ?? "", limit: Math.min(most ?? 1000, 1000), ...(after && { after }) };
};
const shower = (input: Asked) => {
  if (input.EncodingType !== undefined && input.EncodingType !== "url") throw invalidArgument("encoding-type", input.EncodingType, "Invalid Encoding Method specified in Request");
  return input.EncodingType === "url" ? urlEncoded : (text: string) => text;
};
const prefixesIn = (lines: readonly Line<unknown>[], show: (text: string) => string) => {
  const found = lines.flatMap((line) => ("commonPrefix" in line ? [{ Prefix: show(line.commonPrefix) }] : []));
  return found.length > 0 ? found : undefined;
};
const itemsIn = <T>(lines: readonly Line<T>[]) => lines.flatMap((line) => ("item" in line ? [line.item] : []));
const nameOf = (line: Line<unknown> | undefined): string => (line === undefined ? "" : "item" in line ? line.item.key : line.commonPrefix);

const shownObject = (object: StoredObject, show: (text: string) => string): sdk._Object => ({
  Key: show(object.key),
  LastModified: new Date(object.modified),
  ETag: `"${object.etag}"`,
  Size: object.size,
  StorageClass: object.storageClass as "STANDARD",
  ...(object.checksum && { ChecksumAlgorithm: [object.checksum.algorithm], ChecksumType: object.checksum.type }),
});

const tokenFor = (name: string) => Buffer.from(`1${name}`).toString("base64url");
const nameIn = (token: string): string => {
  const text = Buffer.from(token, "base64url").toString();
  if (!text.startsWith("1") || tokenFor(text.slice(1)) !== token) throw invalidArgument("continuation-token", token, "The continuation token provided is incorrect");
  return text.slice(1);
};

export const listingOperations = ({ store }: Context): Handlers<typeof sdk> => ({
  async ListObjects(input, call) {
    const show = shower(input);
    const question = questionOf(input, input.MaxKeys, "max-keys", input.Marker ? [input.Marker, end] : undefined);
    const { bucket, page } = await store.read(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      return { bucket, page: await readPage(question, from(tx, currents, bucket)) };
    });
    const owner = canonicalUser(bucket.account);
    return {
      Name: bucket.name,
      Prefix: show(question.prefix),
      Marker: show(input.Marker ?? ""),
      MaxKeys: input.MaxKeys ?? 1000,
      ...(input.Delimiter && { Delimiter: show(input.Delimiter) }),
      EncodingType: input.EncodingType,
      IsTruncated: page.truncated,
      // Without a delimiter the last key is the marker, as S3 has it.
      ...(page.truncated && input.Delimiter && { NextMarker: show(nameOf(page.lines.at(-1))) }),
      Contents: itemsIn(page.lines).map(({ value }) => ({ ...shownObject(value, show), Owner: owner })),
      CommonPrefixes: prefixesIn(page.lines, show),
    };
  },

  async ListObjectsV2(input, call) {
    const show = shower(input);
    if (input.ContinuationToken === "") throw invalidArgument("continuation-token", "", "The continuation token provided is incorrect");
    const after = input.ContinuationToken === undefined ? input.StartAfter : nameIn(input.ContinuationToken);
    const question = questionOf(input, input.MaxKeys, "max-keys", after ? [after, end] : undefined);
    const { bucket, page } = await store.read(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      return { bucket, page: await readPage(question, from(tx, currents, bucket)) };
    });
    const owner = input.FetchOwner ? { Owner: canonicalUser(bucket.account) } : {};
    return {
      Name: bucket.name,
      Prefix: show(question.prefix),
      MaxKeys: input.MaxKeys ?? 1000,
      KeyCount: page.lines.length,
      ...(input.Delimiter && { Delimiter: show(input.Delimiter) }),
      EncodingType: input.EncodingType,
      ContinuationToken: input.ContinuationToken,
      ...(input.StartAfter && { StartAfter: show(input.StartAfter) }),
      IsTruncated: page.truncated,
      ...(page.truncated && { NextContinuationToken: tokenFor(nameOf(page.lines.at(-1))) }),
      Contents: itemsIn(page.lines).map(({ value }) => ({ ...shownObject(value, show), ...owner })),
      CommonPrefixes: prefixesIn(page.lines, show),
    };
  },

  async ListObjectVersions(input, call) {
    const show = shower(input);
    if (input.VersionIdMarker && !input.KeyMarker) throw invalidArgument("version-id-marker", input.VersionIdMarker, "A version-id marker cannot be specified without a key marker.");
    const { bucket, page, after } = await store.read(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      const after = input.KeyMarker ? await placeAfter(tx, bucket, input.KeyMarker, input.VersionIdMarker) : undefined;
      return { bucket, after, page: await readPage(questionOf(input, input.MaxKeys, "max-keys", after), from(tx, versions, bucket)) };
    });
    const owner = canonicalUser(bucket.account);
    const items = itemsIn(page.lines);
    // The first version of a key is its latest, unless the page before had already begun with that key.
    const latest = (i: number) => items[i - 1]?.key !== items[i]?.key && !(i === 0 && after?.[1] !== undefined && items[i]?.key === after[0]);
    const all = items.map(({ value }, i) => ({ version: value, common: { ...shownVersionOf(value, show), IsLatest: latest(i), Owner: owner } }));
    const last = page.lines.at(-1);
    return {
      Name: bucket.name,
      Prefix: show(input.Prefix ?? ""),
      KeyMarker: show(input.KeyMarker ?? ""),
      VersionIdMarker: input.VersionIdMarker ?? "",
      MaxKeys: input.MaxKeys ?? 1000,
      ...(input.Delimiter && { Delimiter: show(input.Delimiter) }),
      EncodingType: input.EncodingType,
      IsTruncated: page.truncated,
      ...(page.truncated && { NextKeyMarker: show(nameOf(last)) }),
      ...(page.truncated && last && "item" in last && { NextVersionIdMarker: last.item.value.versionId }),
      Versions: all.flatMap(({ version, common }) => (version.deleteMarker ? [] : [{ ...common, ...sizeOf(version) }])),
      DeleteMarkers: all.flatMap(({ version, common }) => (version.deleteMarker ? [common] : [])),
      CommonPrefixes: prefixesIn(page.lines, show),
    };
  },

  async ListMultipartUploads(input, call) {
    const show = shower(input);
    const after = input.KeyMarker ? [input.KeyMarker, input.UploadIdMarker || end] : undefined;
    const question = questionOf(input, input.MaxUploads, "max-uploads", after);
    const { bucket, page } = await store.read(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      return { bucket, page: await readPage(question, from(tx, uploads, bucket)) };
    });
    const last = page.lines.at(-1);
    return {
      Bucket: bucket.name,
      Prefix: show(question.prefix),
      KeyMarker: show(input.KeyMarker ?? ""),
      UploadIdMarker: input.UploadIdMarker ?? "",
      MaxUploads: question.limit,
      ...(input.Delimiter && { Delimiter: show(input.Delimiter) }),
      EncodingType: input.EncodingType,
      IsTruncated: page.truncated,
      ...(page.truncated && { NextKeyMarker: show(nameOf(last)) }),
      ...(page.truncated && last && "item" in last && { NextUploadIdMarker: last.item.value.id }),
      Uploads: itemsIn(page.lines).map(({ value }) => shownUpload(value, bucket, show)),
      CommonPrefixes: prefixesIn(page.lines, show),
    };
  },
});

const shownVersionOf = (version: Version, show: (text: string) => string) => ({
  Key: show(version.key),
  VersionId: version.versionId,
  LastModified: new Date(version.modified),
});
const sizeOf = (object: StoredObject) => ({
  ETag: `"${object.etag}"`,
  Size: object.size,
  StorageClass: object.storageClass as "STANDARD",
  ...(object.checksum && { ChecksumAlgorithm: [object.checksum.algorithm], ChecksumType: object.checksum.type }),
});
const shownUpload = (upload: Upload, bucket: Bucket, show: (text: string) => string): sdk.MultipartUpload => ({
  UploadId: upload.id,
  Key: show(upload.key),
  Initiated: new Date(upload.started),
  StorageClass: upload.storageClass as "STANDARD",
  Owner: canonicalUser(bucket.account),
  Initiator: { ID: upload.initiator, DisplayName: upload.initiator },
  ChecksumAlgorithm: upload.algorithm,
  ChecksumType: upload.checksumType,
});

/**
 * Whoever empties a bucket deletes each page before asking for the next, so a marker may name a version that is gone:
 * an id says where it stood; for `null`, which does not, the key is begun again.
 */
const placeAfter = async (tx: Reading, bucket: Bucket, key: string, versionId: string | undefined): Promise<Position> => {
  if (!versionId) return [key, end];
  if (versionId !== "null") {
    const sequence = sequenceOf(versionId);
    if (sequence === undefined) throw invalidArgument("version-id-marker", versionId, "Invalid version id specified");
    return [key, placeOf(sequence)];
  }
  const version = await versionOf(tx, bucket, key, versionId);
  return version ? [key, placeOf(version.sequence)] : [key];
};
