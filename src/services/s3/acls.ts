/** ACLs: every bucket and object is its account's alone; what would change that is refused. */
import type * as sdk from "@aws-sdk/client-s3";
import { type Handlers, ServiceError } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { checkAcl } from "./descriptions.ts";
import { malformedXml, notBuilt } from "./errors.ts";
import { bucketOf, objectOf } from "./lookups.ts";
import { canonicalUser } from "./owners.ts";
import type { Bucket } from "./records.ts";

const ownersOnly = (bucket: Bucket) => {
  const owner = canonicalUser(bucket.account);
  return { Owner: owner, Grants: [{ Grantee: { ...owner, Type: "CanonicalUser" as const }, Permission: "FULL_CONTROL" as const }] };
};

const check = (bucket: Bucket, input: Pick<sdk.PutBucketAclRequest, "ACL" | "AccessControlPolicy" | "GrantRead">): void => {
  checkAcl(input, bucket);
  const policy = input.AccessControlPolicy;
  if (!policy) {
    if (input.ACL === undefined) throw malformedXml();
    return;
  }
  const { ID } = canonicalUser(bucket.account);
  const same = policy.Grants?.every(({ Grantee, Permission }) => Grantee?.ID === ID && Permission === "FULL_CONTROL") ?? false;
  if (same) return;
  if (bucket.ownership === "BucketOwnerEnforced")
    throw new ServiceError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400);
  throw notBuilt("An ACL that grants access to others");
};

export const aclOperations = ({ store }: Context): Handlers<typeof sdk> => ({
  GetBucketAcl: async (input, call) => ownersOnly(await store.read((tx) => bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner))),
  async PutBucketAcl(input, call) {
    check(await store.read((tx) => bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner)), input);
    return {};
  },
  GetObjectAcl: (input, call) =>
    store.read(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      await objectOf(tx, bucket, input.Key ?? "", input.VersionId);
      return ownersOnly(bucket);
    }),
  async PutObjectAcl(input, call) {
    await store.read(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      await objectOf(tx, bucket, input.Key ?? "", input.VersionId, "PUT");
      check(bucket, input as Parameters<typeof check>[1]);
    });
    return {};
  },
});
