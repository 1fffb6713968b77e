import type * as sdk from "@aws-sdk/client-s3";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { change } from "./history.ts";
import { bucketOf, objectOf, shownVersion } from "./lookups.ts";
import type { Bucket, StoredObject, Tags } from "./records.ts";
import { asTagSet, tagsOf } from "./tags.ts";

type Named = Pick<sdk.GetObjectTaggingRequest, "Bucket" | "Key" | "VersionId" | "ExpectedBucketOwner">;

export const objectTagOperations = ({ store }: Context): Handlers<typeof sdk> => {
  const find = async (tx: Reading, input: Named, call: Call, method: string): Promise<{ bucket: Bucket; object: StoredObject }> => {
    const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
    return { bucket, object: await objectOf(tx, bucket, input.Key ?? "", input.VersionId, method) };
  };
  const retag = async (input: Named, call: Call, tags: Tags, method: string) =>
    store.write(async (tx) => {
      const { bucket, object } = await find(tx, input, call, method);
      await change(tx, bucket, { ...object, tags });
      return { VersionId: shownVersion(bucket, object) };
    });
  return {
    async GetObjectTagging(input, call) {
      const { bucket, object } = await store.read((tx) => find(tx, input, call, "GET"));
      return { VersionId: shownVersion(bucket, object), TagSet: asTagSet(object.tags) };
    },
    PutObjectTagging: (input, call) => retag(input, call, tagsOf(input.Tagging?.TagSet, 10), "PUT"),
    DeleteObjectTagging: (input, call) => retag(input, call, [], "DELETE"),
  };
};
