import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketTaggingCommand,
  DeletePublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Aws } from "../../../aws/aws.ts";
import { same } from "../template/value.ts";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { lifecycleRules } from "./s3-lifecycle.ts";

// biome-ignore lint/suspicious/noExplicitAny: checked against the specification before it comes here
type Properties = Record<string, any>;

/** What a bucket can be told, by the property that tells it: how it is set, and how it is taken back. */
const settings: Record<
  string,
  { set(aws: Aws, Bucket: string, value: Properties): Promise<unknown>; clear(aws: Aws, Bucket: string): Promise<unknown> }
> = {
  VersioningConfiguration: {
    set: (aws, Bucket, { Status }) =>
      aws.client(S3Client).send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: Status as "Enabled" } })),
    clear: (aws, Bucket) =>
      aws.client(S3Client).send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } })),
  },
  BucketEncryption: {
    set: (aws, Bucket, { ServerSideEncryptionConfiguration = [] }) =>
      aws.client(S3Client).send(
        new PutBucketEncryptionCommand({
          Bucket,
          ServerSideEncryptionConfiguration: {
            Rules: (ServerSideEncryptionConfiguration as Properties[]).map((rule) => ({
              ApplyServerSideEncryptionByDefault: rule.ServerSideEncryptionByDefault,
              BucketKeyEnabled: rule.BucketKeyEnabled,
            })),
          },
        }),
      ),
    clear: (aws, Bucket) => aws.client(S3Client).send(new DeleteBucketEncryptionCommand({ Bucket })),
  },
  PublicAccessBlockConfiguration: {
    set: (aws, Bucket, value) =>
      aws.client(S3Client).send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: value })),
    clear: (aws, Bucket) => aws.client(S3Client).send(new DeletePublicAccessBlockCommand({ Bucket })),
  },
  OwnershipControls: {
    set: (aws, Bucket, { Rules }) =>
      aws.client(S3Client).send(
        new PutBucketOwnershipControlsCommand({
          Bucket,
          OwnershipControls: { Rules: Rules as { ObjectOwnership: "BucketOwnerEnforced" }[] },
        }),
      ),
    clear: (aws, Bucket) => aws.client(S3Client).send(new DeleteBucketOwnershipControlsCommand({ Bucket })),
  },
  NotificationConfiguration: {
    set: (aws, Bucket, { EventBridgeConfiguration }) =>
      aws.client(S3Client).send(
        new PutBucketNotificationConfigurationCommand({
          Bucket,
          NotificationConfiguration:
            EventBridgeConfiguration && String(EventBridgeConfiguration.EventBridgeEnabled ?? true) === "true"
              ? { EventBridgeConfiguration: {} }
              : {},
        }),
      ),
    clear: (aws, Bucket) =>
      aws.client(S3Client).send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} })),
  },
  LifecycleConfiguration: {
    set: (aws, Bucket, { Rules }) =>
      aws
        .client(S3Client)
        .send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: lifecycleRules(Rules as never) } })),
    clear: (aws, Bucket) => aws.client(S3Client).send(new DeleteBucketLifecycleCommand({ Bucket })),
  },
  Tags: {
    set: (aws, Bucket, TagSet) => aws.client(S3Client).send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: TagSet as never } })),
    clear: (aws, Bucket) => aws.client(S3Client).send(new DeleteBucketTaggingCommand({ Bucket })),
  },
};

const apply = async (aws: Aws, bucket: string, before: Properties, after: Properties): Promise<void> => {
  for (const [name, setting] of Object.entries(settings)) {
    if (same(before[name], after[name])) continue;
    await (after[name] === undefined ? setting.clear(aws, bucket) : setting.set(aws, bucket, after[name]));
  }
};
const made = ({ stack }: Pick<Work, "stack">, name: string) => {
  const suffix = stack.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  return {
    physicalId: name,
    attributes: {
      Arn: `arn:${stack.partition}:s3:::${name}`,
      DomainName: `${name}.s3.${suffix}`,
      DualStackDomainName: `${name}.s3.dualstack.${stack.region}.${suffix}`,
      RegionalDomainName: `${name}.s3.${stack.region}.${suffix}`,
      WebsiteURL: `http://${name}.s3-website-${stack.region}.${suffix}`,
    },
  };
};

export default {
  properties: ["BucketName", ...Object.keys(settings)],
  refuses: [
    "NotificationConfiguration.LambdaConfigurations",
    "NotificationConfiguration.QueueConfigurations",
    "NotificationConfiguration.TopicConfigurations",
    "LifecycleConfiguration.TransitionDefaultMinimumObjectSize",
  ],
  name: { property: "BucketName", most: 63, lowerCase: true },

  async taken({ aws, name }) {
    return (
      (await unlessGone(["NotFound", "NoSuchBucket", "404"], () => aws.client(S3Client).send(new HeadBucketCommand({ Bucket: name })))) !==
      undefined
    );
  },
  async create(work) {
    const { region } = work.stack;
    const place = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" } };
    await createOnce(work, ["BucketAlreadyOwnedByYou"], () =>
      work.aws.client(S3Client).send(new CreateBucketCommand({ Bucket: work.name, ...place })),
    );
    work.exists(work.name);
    await apply(work.aws, work.name, {}, work.properties);
    return made(work, work.name);
  },
  async update(change) {
    await apply(change.aws, change.physicalId, change.was, change.properties);
    return made(change, change.physicalId);
  },
  /** Fails where the bucket holds something: what people have put there is theirs to delete. */
  async delete({ aws, physicalId }) {
    await unlessGone(["NoSuchBucket"], () => aws.client(S3Client).send(new DeleteBucketCommand({ Bucket: physicalId })));
  },
} satisfies ResourceType;
