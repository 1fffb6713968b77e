/** What a bucket answers about features nobody can turn on here: the truth, that they are off. Turning them on is refused. */
import type * as sdk from "@aws-sdk/client-s3";
import { type Handlers, ServiceError } from "../../protocols/operations.ts";
import type { Call, Context } from "../service.ts";
import { type Named, readSetting } from "./bucket-settings.ts";
import { notBuilt } from "./errors.ts";
import { bucketOf } from "./lookups.ts";

export const defaultOperations = ({ store }: Context): Handlers<typeof sdk> => {
  const bucket = (input: Named, call: Call) => store.read((tx) => bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner));
  const off = (code: string, message: string) => async (input: Named, call: Call) => {
    throw new ServiceError(code, message, 404, { BucketName: (await bucket(input, call)).name });
  };
  const nothing = async (input: Named, call: Call) => {
    await bucket(input, call);
    return {};
  };
  return {
    GetBucketLogging: nothing,
    async PutBucketLogging(input, call) {
      await bucket(input, call);
      if (input.BucketLoggingStatus?.LoggingEnabled) throw notBuilt("Server access logging");
      return {};
    },
    GetBucketAccelerateConfiguration: nothing,
    async GetBucketRequestPayment(input, call) {
      await bucket(input, call);
      return { Payer: "BucketOwner" };
    },
    GetBucketCors: off("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    DeleteBucketCors: nothing,
    GetBucketWebsite: off("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
    DeleteBucketWebsite: nothing,
    GetBucketReplication: off("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
    DeleteBucketReplication: nothing,
    GetObjectLockConfiguration: off("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"),
    GetBucketPolicyStatus: async (input, call) =>
      store.read(async (tx) => {
        const found = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
        if ((await readSetting(tx, found, "policy")) === undefined)
          throw new ServiceError("NoSuchBucketPolicy", "The bucket policy does not exist", 404, { BucketName: found.name });
        return { PolicyStatus: { IsPublic: false } };
      }),
  };
};
