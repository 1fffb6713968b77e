import type * as sdk from "@aws-sdk/client-s3";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { invalidArgument } from "./errors.ts";
import { versionOf } from "./history.ts";
import { end, from, itemsIn, nameOf, prefixesIn, questionOf, shower } from "./listed.ts";
import { bucketOf } from "./lookups.ts";
import { canonicalUser } from "./owners.ts";
import { type Position, readPage } from "./pages.ts";
import { type Bucket, type StoredObject, type Version, versions } from "./records.ts";
import { placeOf, sequenceOf } from "./sequence.ts";

export const versionListingOperations = ({ store }: Context): Handlers<typeof sdk> => ({
  async ListObjectVersions(input, call) {
    const show = shower(input);
    if (input.VersionIdMarker && !input.KeyMarker)
      throw invalidArgument("version-id-marker", input.VersionIdMarker, "A version-id marker cannot be specified without a key marker.");
    const { bucket, page, after } = await store.read(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      const after = input.KeyMarker ? await placeAfter(tx, bucket, input.KeyMarker, input.VersionIdMarker) : undefined;
      return { bucket, after, page: await readPage(questionOf(input, input.MaxKeys, "max-keys", after), from(tx, versions, bucket)) };
    });
    const owner = canonicalUser(bucket.account);
    const items = itemsIn(page.lines);
    // The first version of a key is its latest, unless the page before had already begun with that key.
    const latest = (i: number) =>
      items[i - 1]?.key !== items[i]?.key && !(i === 0 && after?.[1] !== undefined && items[i]?.key === after[0]);
    const all = items.map(({ value }, i) => ({
      version: value,
      common: { ...shownVersionOf(value, show), IsLatest: latest(i), Owner: owner },
    }));
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
