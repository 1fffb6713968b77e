import type * as sdk from "@aws-sdk/client-s3";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { end, from, itemsIn, nameOf, prefixesIn, questionOf, shower } from "./listed.ts";
import { bucketOf } from "./lookups.ts";
import { canonicalUser } from "./owners.ts";
import { readPage } from "./pages.ts";
import { type Bucket, type Upload, uploads } from "./records.ts";

export const uploadListingOperations = ({ store }: Context): Handlers<typeof sdk> => ({
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
