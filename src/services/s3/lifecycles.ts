import { randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-s3";
import { type Handlers, ServiceError } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { readSetting } from "./bucket-settings.ts";
import { expireTaskOf } from "./expire.ts";
import { asWire, type Rule, rulesIn } from "./lifecycle.ts";
import { bucketOf } from "./lookups.ts";
import { settings } from "./records.ts";

export const lifecycleOperations = ({ store, clock }: Context): Handlers<typeof sdk> => ({
  async GetBucketLifecycleConfiguration(input, call) {
    const rules = await store.read(async (tx) =>
      readSetting<readonly Rule[]>(tx, await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner), "lifecycle"),
    );
    if (!rules)
      throw new ServiceError("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", 404, {
        BucketName: input.Bucket ?? "",
      });
    return { Rules: rules.map(asWire), TransitionDefaultMinimumObjectSize: "all_storage_classes_128K" };
  },
  async PutBucketLifecycleConfiguration(input, call) {
    const rules = rulesIn(input.LifecycleConfiguration, randomUUID);
    await store.write(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      await tx.put(settings, [bucket.id, "lifecycle"], rules);
      await tx.later(expireTaskOf(bucket, clock.now()));
    });
    return { TransitionDefaultMinimumObjectSize: "all_storage_classes_128K" };
  },
  async DeleteBucketLifecycle(input, call) {
    await store.write(async (tx) =>
      tx.delete(settings, [(await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner)).id, "lifecycle"]),
    );
    return { $metadata: { httpStatusCode: 204 } };
  },
});
