import type * as sdk from "@aws-sdk/client-s3";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { changeBucket } from "./bucket-settings.ts";
import { notBuilt } from "./errors.ts";
import { bucketOf } from "./lookups.ts";

export const notificationOperations = (context: Context): Handlers<typeof sdk> => ({
  async GetBucketNotificationConfiguration(input, call) {
    const { eventBridge } = await context.store.read((tx) => bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner));
    return eventBridge ? { EventBridgeConfiguration: {} } : {};
  },
  // What would not be delivered is refused, not kept.
  PutBucketNotificationConfiguration(input, call) {
    const wanted = input.NotificationConfiguration ?? {};
    if (wanted.LambdaFunctionConfigurations?.length)
      throw notBuilt("Notifying a Lambda function (EventBridge is; a rule can have the function as its target)");
    if (wanted.TopicConfigurations?.length)
      throw notBuilt("Notifying an SNS topic (EventBridge is; a rule can have the topic as its target)");
    if (wanted.QueueConfigurations?.length) throw notBuilt("Notifying an SQS queue");
    return changeBucket(context, input, call, (bucket) => ({ ...bucket, eventBridge: wanted.EventBridgeConfiguration !== undefined }));
  },
});
