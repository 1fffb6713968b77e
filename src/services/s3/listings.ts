import type * as sdk from "@aws-sdk/client-s3";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { invalidArgument } from "./errors.ts";
import { end, from, itemsIn, nameOf, prefixesIn, questionOf, shower } from "./listed.ts";
import { bucketOf } from "./lookups.ts";
import { canonicalUser } from "./owners.ts";
import { readPage } from "./pages.ts";
import { currents, type StoredObject } from "./records.ts";

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
  if (!text.startsWith("1") || tokenFor(text.slice(1)) !== token)
    throw invalidArgument("continuation-token", token, "The continuation token provided is incorrect");
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
});
