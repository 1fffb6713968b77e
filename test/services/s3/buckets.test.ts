import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-s3";
import { startServer, type TestServer } from "../../harness/server.ts";
import { fails } from "./checks.ts";

let server: TestServer;
let s3: sdk.S3Client;
const Bucket = "settings";
before(async () => {
  server = await startServer();
  s3 = server.client(sdk.S3Client);
  await s3.send(new sdk.CreateBucketCommand({ Bucket }));
});
after(() => server.stop());

test("a bucket is made, found, listed and deleted", async () => {
  const made = await s3.send(new sdk.CreateBucketCommand({ Bucket: "first.bucket" }));
  assert.equal(made.Location, "/first.bucket");
  const head = await s3.send(new sdk.HeadBucketCommand({ Bucket: "first.bucket" }));
  assert.equal(head.BucketRegion, "us-east-1");
  assert.equal((await s3.send(new sdk.GetBucketLocationCommand({ Bucket: "first.bucket" }))).LocationConstraint, undefined);
  const listed = await s3.send(new sdk.ListBucketsCommand({ Prefix: "first" }));
  assert.deepEqual(
    listed.Buckets?.map(({ Name, BucketRegion }) => [Name, BucketRegion]),
    [["first.bucket", "us-east-1"]],
  );
  assert.match(listed.Owner?.ID ?? "", /^[0-9a-f]{64}$/);
  await s3.send(new sdk.DeleteBucketCommand({ Bucket: "first.bucket" }));
  await fails(s3.send(new sdk.HeadBucketCommand({ Bucket: "first.bucket" })), "NotFound", 404);
  await fails(s3.send(new sdk.DeleteBucketCommand({ Bucket: "first.bucket" })), "NoSuchBucket", 404);
});

test("regions", async () => {
  const make = (region: string, Bucket: string, LocationConstraint?: string) =>
    server.client(sdk.S3Client, { region }).send(
      new sdk.CreateBucketCommand({
        Bucket,
        ...(LocationConstraint && { CreateBucketConfiguration: { LocationConstraint: LocationConstraint as "EU" } }),
      }),
    );
  await make("eu-central-1", "in-frankfurt");
  assert.equal((await s3.send(new sdk.GetBucketLocationCommand({ Bucket: "in-frankfurt" }))).LocationConstraint, "eu-central-1");
  await make("us-east-1", "in-ireland", "EU");
  assert.equal((await s3.send(new sdk.HeadBucketCommand({ Bucket: "in-ireland" }))).BucketRegion, "eu-west-1");
  await fails(make("eu-central-1", "x-elsewhere", "eu-west-1"), "IllegalLocationConstraintException", 400);
  await fails(make("us-east-1", "x-nowhere", "nowhere"), "InvalidLocationConstraint", 400);
  await fails(make("eu-central-1", "in-frankfurt"), "BucketAlreadyOwnedByYou", 409);
  const german = await s3.send(new sdk.ListBucketsCommand({ BucketRegion: "eu-central-1" }));
  assert.deepEqual(
    german.Buckets?.map(({ Name }) => Name),
    ["in-frankfurt"],
  );
});

test("a bucket made again is the same, at the endpoint of us-east-1", async () => {
  await s3.send(new sdk.CreateBucketCommand({ Bucket: "again" }));
  await s3.send(new sdk.PutObjectCommand({ Bucket: "again", Key: "kept", Body: "x" }));
  await s3.send(new sdk.CreateBucketCommand({ Bucket: "again" }));
  await s3.send(new sdk.HeadObjectCommand({ Bucket: "again", Key: "kept" }));
});

test("only one of many makers gets a name", async () => {
  const makers = Array.from({ length: 6 }, () =>
    server.client(sdk.S3Client, { region: "eu-west-1" }).send(new sdk.CreateBucketCommand({ Bucket: "contested" })),
  );
  const results = await Promise.allSettled(makers);
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
});

test("names that are none", async () => {
  for (const Bucket of ["ab", "Upper", "under_score", "192.168.0.1"])
    await fails(s3.send(new sdk.CreateBucketCommand({ Bucket })), "InvalidBucketName", 400);
});

test("buckets page by page", async () => {
  const names: string[] = [];
  let ContinuationToken: string | undefined;
  for (let i = 0; i < 5; i++) await s3.send(new sdk.CreateBucketCommand({ Bucket: `paged-${i}` }));
  do {
    const page: sdk.ListBucketsCommandOutput = await s3.send(
      new sdk.ListBucketsCommand({ Prefix: "paged-", MaxBuckets: 2, ContinuationToken }),
    );
    assert.ok((page.Buckets?.length ?? 0) <= 2);
    names.push(...(page.Buckets ?? []).map(({ Name }) => Name ?? ""));
    ContinuationToken = page.ContinuationToken;
  } while (ContinuationToken);
  assert.deepEqual(names, ["paged-0", "paged-1", "paged-2", "paged-3", "paged-4"]);
});

test("a bucket that holds anything is not deleted; a new one of its name begins empty", async () => {
  const Bucket = "filled";
  await s3.send(new sdk.CreateBucketCommand({ Bucket }));
  await s3.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  const { VersionId } = await s3.send(new sdk.PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  const marker = await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: "k" }));
  await fails(s3.send(new sdk.DeleteBucketCommand({ Bucket })), "BucketNotEmpty", 409);
  for (const id of [VersionId, marker.VersionId]) await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: "k", VersionId: id }));
  const { UploadId } = await s3.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key: "u" }));
  await s3.send(new sdk.DeleteBucketCommand({ Bucket }));
  await s3.send(new sdk.CreateBucketCommand({ Bucket }));
  assert.equal((await s3.send(new sdk.GetBucketVersioningCommand({ Bucket }))).Status, undefined);
  assert.equal((await s3.send(new sdk.ListMultipartUploadsCommand({ Bucket }))).Uploads, undefined);
  await fails(s3.send(new sdk.ListPartsCommand({ Bucket, Key: "u", UploadId })), "NoSuchUpload", 404);
});

test("tags", async () => {
  await fails(s3.send(new sdk.GetBucketTaggingCommand({ Bucket })), "NoSuchTagSet", 404);
  await s3.send(new sdk.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "a", Value: "1" }] } }));
  assert.deepEqual((await s3.send(new sdk.GetBucketTaggingCommand({ Bucket }))).TagSet, [{ Key: "a", Value: "1" }]);
  await s3.send(new sdk.DeleteBucketTaggingCommand({ Bucket }));
  await fails(s3.send(new sdk.GetBucketTaggingCommand({ Bucket })), "NoSuchTagSet", 404);
});

test("policy", async () => {
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: `arn:aws:s3:::${Bucket}/*` }],
  });
  await fails(s3.send(new sdk.GetBucketPolicyCommand({ Bucket })), "NoSuchBucketPolicy", 404);
  await s3.send(new sdk.PutBucketPolicyCommand({ Bucket, Policy }));
  assert.equal((await s3.send(new sdk.GetBucketPolicyCommand({ Bucket }))).Policy, Policy);
  assert.equal((await s3.send(new sdk.GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus?.IsPublic, false);
  await fails(s3.send(new sdk.PutBucketPolicyCommand({ Bucket, Policy: "{" })), "MalformedPolicy", 400);
  await s3.send(new sdk.DeleteBucketPolicyCommand({ Bucket }));
  await fails(s3.send(new sdk.GetBucketPolicyCommand({ Bucket })), "NoSuchBucketPolicy", 404);
});

test("encryption, public access, ownership, ACLs: AWS's defaults, and what may be said of them", async () => {
  const encryption = async () =>
    (await s3.send(new sdk.GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration?.Rules?.[0];
  assert.equal((await encryption())?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, "AES256");
  const encrypt = (SSEAlgorithm: "AES256" | "aws:kms", BucketKeyEnabled: boolean) =>
    s3.send(
      new sdk.PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm }, BucketKeyEnabled }] },
      }),
    );
  await encrypt("AES256", true);
  assert.equal((await encryption())?.BucketKeyEnabled, true);
  await fails(encrypt("aws:kms", true), "NotImplemented", 501);
  await s3.send(new sdk.DeleteBucketEncryptionCommand({ Bucket }));

  const all = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
  assert.deepEqual((await s3.send(new sdk.GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration, all);
  await s3.send(new sdk.PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } }));
  assert.equal((await s3.send(new sdk.GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration?.IgnorePublicAcls, false);
  await s3.send(new sdk.DeletePublicAccessBlockCommand({ Bucket }));
  await fails(s3.send(new sdk.GetPublicAccessBlockCommand({ Bucket })), "NoSuchPublicAccessBlockConfiguration", 404);

  await fails(s3.send(new sdk.PutBucketAclCommand({ Bucket, ACL: "public-read" })), "AccessControlListNotSupported", 400);
  const own = (ObjectOwnership: "ObjectWriter") =>
    s3.send(new sdk.PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership }] } }));
  await own("ObjectWriter");
  assert.equal(
    (await s3.send(new sdk.GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls?.Rules?.[0]?.ObjectOwnership,
    "ObjectWriter",
  );
  await fails(s3.send(new sdk.PutBucketAclCommand({ Bucket, ACL: "public-read" })), "NotImplemented", 501);
  await s3.send(new sdk.PutBucketAclCommand({ Bucket, ACL: "private" }));
  const acl = await s3.send(new sdk.GetBucketAclCommand({ Bucket }));
  assert.deepEqual(
    acl.Grants?.map(({ Permission, Grantee }) => [Permission, Grantee?.ID]),
    [["FULL_CONTROL", acl.Owner?.ID]],
  );
  await s3.send(new sdk.PutBucketAclCommand({ Bucket, AccessControlPolicy: { Owner: acl.Owner, Grants: acl.Grants } }));
});

test("what would not be done is refused by name", async () => {
  const refused = (command: Promise<unknown>) => fails(command, "NotImplemented", 501);
  const notify = (NotificationConfiguration: sdk.NotificationConfiguration) =>
    s3.send(new sdk.PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  const error = await refused(
    notify({
      LambdaFunctionConfigurations: [
        { LambdaFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:f", Events: ["s3:ObjectCreated:*"] },
      ],
    }),
  );
  assert.match(error.message, /Lambda/);
  await refused(notify({ TopicConfigurations: [{ TopicArn: "arn:aws:sns:us-east-1:123456789012:t", Events: ["s3:ObjectCreated:*"] }] }));
  await refused(notify({ QueueConfigurations: [{ QueueArn: "arn:aws:sqs:us-east-1:123456789012:q", Events: ["s3:ObjectCreated:*"] }] }));
  await notify({ EventBridgeConfiguration: {} });
  assert.deepEqual((await s3.send(new sdk.GetBucketNotificationConfigurationCommand({ Bucket }))).EventBridgeConfiguration, {});
  await refused(
    s3.send(
      new sdk.PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: { LoggingEnabled: { TargetBucket: Bucket, TargetPrefix: "" } } }),
    ),
  );
  await s3.send(new sdk.PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: {} }));
  await refused(
    s3.send(
      new sdk.PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"] }] } }),
    ),
  );
  await refused(s3.send(new sdk.PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration: { IndexDocument: { Suffix: "index.html" } } })));
  await refused(s3.send(new sdk.CreateBucketCommand({ Bucket: "locked", ObjectLockEnabledForBucket: true })));
  await fails(s3.send(new sdk.GetBucketCorsCommand({ Bucket })), "NoSuchCORSConfiguration", 404);
  await fails(s3.send(new sdk.GetBucketWebsiteCommand({ Bucket })), "NoSuchWebsiteConfiguration", 404);
  await fails(
    s3.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: {} })),
    "IllegalVersioningConfigurationException",
    400,
  );
  await fails(s3.send(new sdk.GetBucketAclCommand({ Bucket, ExpectedBucketOwner: "999999999999" })), "AccessDenied", 403);
});
