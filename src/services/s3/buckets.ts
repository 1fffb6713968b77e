import { randomBytes } from "node:crypto";
import type * as sdk from "@aws-sdk/client-s3";
import { type Handlers, ServiceError } from "../../protocols/operations.ts";
import type { Call, Context } from "../service.ts";
import { checkAcl } from "./descriptions.ts";
import { invalidArgument, notBuilt } from "./errors.ts";
import { bucketOf } from "./lookups.ts";
import { checkBucketName } from "./names.ts";
import { canonicalUser } from "./owners.ts";
import { type Bucket, buckets, ownedBuckets, settings, versions } from "./records.ts";
import { tagsOf } from "./tags.ts";

const mostBuckets = 10_000;
/** As every new bucket has it. */
const allBlocked: sdk.PublicAccessBlockConfiguration = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

/** Where a bucket is made: where the request was sent, except that the endpoint of us-east-1 makes them anywhere. */
export const regionFor = (asked: string | undefined, endpointRegion: string): string => {
  const constraint = asked === "EU" ? "eu-west-1" : asked || undefined;
  if (constraint !== undefined && (constraint === "us-east-1" || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(constraint)))
    throw new ServiceError("InvalidLocationConstraint", "The specified location-constraint is not valid", 400, {
      LocationConstraint: constraint,
    });
  if (endpointRegion === "us-east-1") return constraint ?? endpointRegion;
  if (constraint !== endpointRegion)
    throw new ServiceError(
      "IllegalLocationConstraintException",
      `The ${constraint ?? "unspecified"} location constraint is incompatible for the region specific endpoint this request was sent to.`,
      400,
    );
  return constraint;
};

export const bucketOperations = ({ store, clock }: Context): Handlers<typeof sdk> => ({
  async CreateBucket(input, call) {
    const name = input.Bucket ?? "";
    checkBucketName(name);
    if (input.ObjectLockEnabledForBucket) throw notBuilt("S3 Object Lock");
    const configuration = input.CreateBucketConfiguration;
    if (configuration?.Location || configuration?.Bucket) throw notBuilt("Directory buckets");
    const tags = tagsOf(configuration?.Tags, 50);
    const bucket: Bucket = {
      name,
      id: randomBytes(8).toString("hex"),
      account: call.account,
      region: regionFor(configuration?.LocationConstraint, call.region),
      created: clock.now().toISOString(),
      ownership: input.ObjectOwnership ?? "BucketOwnerEnforced",
    };
    checkAcl(input, bucket);
    await store.write(async (tx) => {
      if (!(await tx.create(buckets, [name], bucket))) return checkAgain((await tx.get(buckets, [name])) as Bucket, call);
      await tx.put(ownedBuckets, [call.account, name], { region: bucket.region, created: bucket.created });
      await tx.put(settings, [bucket.id, "publicAccessBlock"], allBlocked);
      if (tags.length > 0) await tx.put(settings, [bucket.id, "tags"], tags);
    });
    return { Location: bucket.region === "us-east-1" ? `/${name}` : `http://${name}.s3.amazonaws.com/`, BucketArn: `arn:aws:s3:::${name}` };
  },

  async DeleteBucket(input, call) {
    await store.write(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      if ((await tx.list(versions, { prefix: [bucket.id], limit: 1 })).length > 0)
        throw new ServiceError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, { BucketName: bucket.name });
      await tx.delete(buckets, [bucket.name]);
      await tx.delete(ownedBuckets, [bucket.account, bucket.name]);
      await tx.deleteAll(settings, [bucket.id]);
      await tx.later({ name: "s3.forgetUploads", payload: { bucketId: bucket.id } });
    });
    return {};
  },

  async HeadBucket(input, call) {
    const bucket = await store.read((tx) => bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner));
    return { BucketRegion: bucket.region, BucketArn: `arn:aws:s3:::${bucket.name}`, AccessPointAlias: false };
  },

  async GetBucketLocation(input, call) {
    const { region } = await store.read((tx) => bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner));
    // us-east-1 has no constraint; SDK types list only the regions of their day.
    return { LocationConstraint: region === "us-east-1" ? undefined : (region as "eu-west-1") };
  },

  async ListBuckets(input, call) {
    const limit = input.MaxBuckets ?? mostBuckets;
    if (limit < 1 || limit > mostBuckets)
      throw invalidArgument("max-buckets", String(limit), `Argument max-buckets must be an integer between 1 and ${mostBuckets}`);
    const prefix = input.Prefix ?? "";
    const found = await store.read(async (tx) => {
      const wanted: { name: string; region: string; created: string }[] = [];
      let after = input.ContinuationToken === undefined ? undefined : nameIn(input.ContinuationToken);
      // An account's buckets are few: they are read by the thousand and sifted.
      for (;;) {
        const some = await tx.entries(ownedBuckets, {
          prefix: [call.account],
          limit: 1000,
          ...(after !== undefined && { after: [call.account, after] }),
        });
        for (const { key, value } of some) {
          const name = key[1] as string;
          after = name;
          if (name.startsWith(prefix) && (input.BucketRegion === undefined || input.BucketRegion === value.region))
            wanted.push({ name, ...value });
          if (wanted.length > limit) return wanted;
        }
        if (some.length < 1000) return wanted;
      }
    });
    const shown = found.slice(0, limit);
    return {
      Owner: canonicalUser(call.account),
      ...(input.Prefix !== undefined && { Prefix: input.Prefix }),
      Buckets: shown.map(({ name, region, created }) => ({
        Name: name,
        CreationDate: new Date(created),
        BucketRegion: region,
        BucketArn: `arn:aws:s3:::${name}`,
      })),
      ...(found.length > limit && { ContinuationToken: Buffer.from(shown.at(-1)?.name ?? "").toString("base64url") }),
    };
  },
});

const nameIn = (token: string): string => {
  const name = Buffer.from(token, "base64url").toString();
  if (name === "" || Buffer.from(name).toString("base64url") !== token)
    throw invalidArgument("continuation-token", token, "The continuation token provided is incorrect");
  return name;
};

/** Making one's own bucket again is no error at the endpoint of us-east-1, as on AWS. */
const checkAgain = (existing: Bucket, call: Call): void => {
  if (existing.account !== call.account)
    throw new ServiceError(
      "BucketAlreadyExists",
      "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
      409,
      { BucketName: existing.name },
    );
  if (call.region === "us-east-1" && existing.region === "us-east-1") return;
  throw new ServiceError(
    "BucketAlreadyOwnedByYou",
    "Your previous request to create the named bucket succeeded and you already own it.",
    409,
    { BucketName: existing.name },
  );
};
