/** What a bucket is told about itself: kept, and shown as S3 shows it. */
import type * as sdk from "@aws-sdk/client-s3";
import { type Handlers, ServiceError } from "../../protocols/operations.ts";
import type { Reading, Writing } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { invalidArgument, malformedXml, notBuilt } from "./errors.ts";
import { bucketOf } from "./lookups.ts";
import { checkPolicy } from "./policy.ts";
import { type Bucket, buckets, type SettingKind, settings, type Tags } from "./records.ts";
import { asTagSet, tagsOf } from "./tags.ts";

export interface Named {
  readonly Bucket?: string | undefined;
  readonly ExpectedBucketOwner?: string | undefined;
}
const missing = (code: string, message: string, bucket: string) => new ServiceError(code, message, 404, { BucketName: bucket });
const noContent = { $metadata: { httpStatusCode: 204 } };

/** Changes the bucket's own record. */
export const changeBucket = (
  { store }: Context,
  input: Named,
  call: Call,
  change: (bucket: Bucket, tx: Writing) => Bucket | Promise<Bucket>,
) =>
  store.write(async (tx) => {
    const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
    await tx.put(buckets, [bucket.name], await change(bucket, tx));
    return {};
  });
export const readSetting = async <T>(tx: Reading, bucket: Bucket, kind: SettingKind) =>
  (await tx.get(settings, [bucket.id, kind])) as T | undefined;

export const settingOperations = (context: Context): Handlers<typeof sdk> => {
  const { store } = context;
  const read = <T>(input: Named, call: Call, kind: SettingKind) =>
    store.read(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      return { bucket, value: await readSetting<T>(tx, bucket, kind) };
    });
  const put = (input: Named, call: Call, kind: SettingKind, value: unknown) =>
    store.write(async (tx) => tx.put(settings, [(await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner)).id, kind], value));
  const remove = async (input: Named, call: Call, kind: SettingKind) => {
    await store.write(async (tx) => tx.delete(settings, [(await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner)).id, kind]));
    return noContent;
  };

  return {
    async GetBucketVersioning(input, call) {
      const { versioning } = await store.read((tx) => bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner));
      return { Status: versioning };
    },
    PutBucketVersioning(input, call) {
      const { Status, MFADelete } = input.VersioningConfiguration ?? {};
      if (MFADelete === "Enabled") throw notBuilt("MFA delete");
      if (Status !== "Enabled" && Status !== "Suspended")
        throw new ServiceError("IllegalVersioningConfigurationException", "The Versioning element must be specified", 400);
      return changeBucket(context, input, call, (bucket) => ({ ...bucket, versioning: Status }));
    },

    async GetBucketTagging(input, call) {
      const { bucket, value } = await read<Tags>(input, call, "tags");
      if (!value) throw missing("NoSuchTagSet", "The TagSet does not exist", bucket.name);
      return { TagSet: asTagSet(value) };
    },
    async PutBucketTagging(input, call) {
      await put(input, call, "tags", tagsOf(input.Tagging?.TagSet, 50));
      return noContent;
    },
    DeleteBucketTagging: (input, call) => remove(input, call, "tags"),

    async GetBucketPolicy(input, call) {
      const { bucket, value } = await read<string>(input, call, "policy");
      if (value === undefined) throw missing("NoSuchBucketPolicy", "The bucket policy does not exist", bucket.name);
      return { Policy: value };
    },
    // Kept and checked for form; it grants nobody anything yet, since only the bucket's own account gets in.
    async PutBucketPolicy(input, call) {
      checkPolicy(input.Policy ?? "", input.Bucket ?? "");
      await put(input, call, "policy", input.Policy);
      return noContent;
    },
    DeleteBucketPolicy: (input, call) => remove(input, call, "policy"),

    async GetBucketEncryption(input, call) {
      const { value } = await read<{ bucketKey: boolean }>(input, call, "encryption");
      const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const }, BucketKeyEnabled: value?.bucketKey ?? false };
      return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
    },
    async PutBucketEncryption(input, call) {
      const rules = input.ServerSideEncryptionConfiguration?.Rules ?? [];
      const [rule] = rules;
      if (rules.length !== 1 || !rule) throw malformedXml();
      const { SSEAlgorithm: algorithm, KMSMasterKeyID: key } = rule.ApplyServerSideEncryptionByDefault ?? { SSEAlgorithm: "AES256" };
      if (algorithm?.startsWith("aws:")) throw notBuilt("Server-side encryption with AWS KMS keys");
      if (algorithm !== "AES256") throw malformedXml();
      if (key !== undefined)
        throw invalidArgument(
          "KMSMasterKeyID",
          key,
          "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
        );
      if (rule.BlockedEncryptionTypes?.EncryptionType?.some((type) => type !== "NONE" && type !== "SSE-C")) throw malformedXml();
      await put(input, call, "encryption", { bucketKey: rule.BucketKeyEnabled ?? false });
      return {};
    },
    DeleteBucketEncryption: (input, call) => remove(input, call, "encryption"),

    async GetPublicAccessBlock(input, call) {
      const { bucket, value } = await read<sdk.PublicAccessBlockConfiguration>(input, call, "publicAccessBlock");
      if (!value) throw missing("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", bucket.name);
      return { PublicAccessBlockConfiguration: value };
    },
    // Nothing is public here, whatever this says.
    async PutPublicAccessBlock(input, call) {
      const { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } = input.PublicAccessBlockConfiguration ?? {};
      await put(input, call, "publicAccessBlock", {
        BlockPublicAcls: BlockPublicAcls ?? false,
        IgnorePublicAcls: IgnorePublicAcls ?? false,
        BlockPublicPolicy: BlockPublicPolicy ?? false,
        RestrictPublicBuckets: RestrictPublicBuckets ?? false,
      });
      return {};
    },
    DeletePublicAccessBlock: (input, call) => remove(input, call, "publicAccessBlock"),

    async GetBucketOwnershipControls(input, call) {
      const { name, ownership } = await store.read((tx) => bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner));
      if (!ownership) throw missing("OwnershipControlsNotFoundError", "The bucket ownership controls were not found", name);
      return { OwnershipControls: { Rules: [{ ObjectOwnership: ownership }] } };
    },
    PutBucketOwnershipControls(input, call) {
      const [rule, ...more] = input.OwnershipControls?.Rules ?? [];
      const ownership = rule?.ObjectOwnership;
      if (!ownership || more.length > 0) throw malformedXml();
      return changeBucket(context, input, call, (bucket) => ({ ...bucket, ownership }));
    },
    async DeleteBucketOwnershipControls(input, call) {
      await changeBucket(context, input, call, ({ ownership: _, ...bucket }) => bucket);
      return noContent;
    },
  };
};
