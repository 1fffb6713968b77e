import type * as sdk from "@aws-sdk/client-s3";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { asMembers } from "./checksums.ts";
import { invalidArgument } from "./errors.ts";
import { bucketOf, objectOf, shownVersion } from "./lookups.ts";
import { again, segmentsOf } from "./reads.ts";
import type { Segment, StoredObject } from "./records.ts";

const known = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

const partsOf = (
  object: StoredObject,
  its: readonly Segment[],
  input: sdk.GetObjectAttributesRequest,
): sdk.GetObjectAttributesParts | undefined => {
  if (object.parts === undefined) return undefined;
  const marker = Number(input.PartNumberMarker ?? 0);
  const limit = Math.min(input.MaxParts ?? 1000, 1000);
  const rest = its.filter(({ number }) => number > marker);
  const shown = rest.slice(0, limit);
  const { checksum } = object;
  return {
    TotalPartsCount: object.parts,
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(shown.at(-1)?.number ?? 0),
    MaxParts: limit,
    IsTruncated: rest.length > shown.length,
    Parts: checksum
      ? shown.map((part) => ({
          PartNumber: part.number,
          Size: part.size,
          ...(part.checksum !== undefined && asMembers({ algorithm: checksum.algorithm, value: part.checksum })),
        }))
      : undefined,
  };
};

export const attributeOperations = ({ store }: Context): Handlers<typeof sdk> => ({
  async GetObjectAttributes(input, call) {
    const wanted = new Set<string>(input.ObjectAttributes);
    for (const one of wanted)
      if (!known.includes(one)) throw invalidArgument("x-amz-object-attributes", one, "Invalid attribute name specified.");
    const { bucket, object, its } = await again(() =>
      store.read(async (tx) => {
        const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
        const object = await objectOf(tx, bucket, input.Key ?? "", input.VersionId);
        return { bucket, object, its: await segmentsOf(tx, object) };
      }),
    );
    return {
      LastModified: new Date(object.modified),
      VersionId: shownVersion(bucket, object),
      ...(wanted.has("ETag") && { ETag: object.etag }),
      ...(wanted.has("Checksum") && object.checksum && { Checksum: { ...asMembers(object.checksum), ChecksumType: object.checksum.type } }),
      ...(wanted.has("ObjectParts") && { ObjectParts: partsOf(object, its, input) }),
      ...(wanted.has("StorageClass") && { StorageClass: object.storageClass as "STANDARD" }),
      ...(wanted.has("ObjectSize") && { ObjectSize: object.size }),
    };
  },
});
