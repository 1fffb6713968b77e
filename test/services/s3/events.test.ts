import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, type Rig, startRig } from "./rig.ts";

let rig: Rig;
before(async () => {
  rig = await startRig();
});
after(() => rig.end());

const told = async () => {
  await rig.queue.idle();
  assert.deepEqual(rig.failures, []);
  return rig.events
    .splice(0)
    .map(({ Source, DetailType, Resources, Detail }) => ({ Source, DetailType, Resources, detail: JSON.parse(Detail) }));
};

test("a versioned bucket tells of every object, in AWS's shapes", async () => {
  const Bucket = "telling";
  const ask = (operation: string, input: object) => rig.ask(operation, { Bucket, ...input });
  await ask("CreateBucket", {});
  await ask("PutObject", { Key: "before", Body: Buffer.from("x") });
  assert.deepEqual(await told(), []);
  await ask("PutBucketVersioning", { VersioningConfiguration: { Status: "Enabled" } });

  const put = await ask("PutObject", { Key: "a b/ü", Body: Buffer.from("hello") });
  const [created, ...none] = await told();
  assert.deepEqual(none, []);
  const sequencer = created?.detail.object.sequencer;
  assert.match(sequencer, /^[0-9A-F]{16,}$/);
  assert.deepEqual(created, {
    Source: "aws.s3",
    DetailType: "Object Created",
    Resources: ["arn:aws:s3:::telling"],
    detail: {
      version: "0",
      bucket: { name: Bucket },
      object: { key: "a b/ü", size: 5, etag: "5d41402abc4b2a76b9719d911017c592", "version-id": put.VersionId, sequencer },
      "request-id": call.requestId,
      requester: "codebuild.amazonaws.com",
      "source-ip-address": "127.0.0.1",
      reason: "PutObject",
    },
  });

  await ask("CopyObject", { Key: "copy", CopySource: `${Bucket}/a b/ü` });
  assert.deepEqual(
    (await told()).map(({ detail }) => [detail.reason, detail.object.key]),
    [["CopyObject", "copy"]],
  );

  const marker = await ask("DeleteObject", { Key: "a b/ü" });
  const [marked] = await told();
  assert.deepEqual(
    [marked?.DetailType, marked?.detail["deletion-type"], marked?.detail.object["version-id"]],
    ["Object Deleted", "Delete Marker Created", marker.VersionId],
  );
  assert.ok(marked?.detail.object.sequencer > sequencer);
  assert.equal(marked?.detail.reason, "DeleteObject");

  await ask("DeleteObject", { Key: "a b/ü", VersionId: put.VersionId });
  const [deleted] = await told();
  assert.deepEqual([deleted?.detail["deletion-type"], deleted?.detail.object["version-id"]], ["Permanently Deleted", put.VersionId]);

  const { UploadId } = await ask("CreateMultipartUpload", { Key: "u" });
  const { ETag } = await ask("UploadPart", { Key: "u", UploadId, PartNumber: 1, Body: Buffer.from("x") });
  assert.deepEqual(await told(), []);
  const done = await ask("CompleteMultipartUpload", { Key: "u", UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } });
  const [completed] = await told();
  assert.deepEqual(
    [completed?.detail.reason, completed?.detail.object.etag, completed?.detail.object["version-id"]],
    ["CompleteMultipartUpload", done.ETag.slice(1, -1), done.VersionId],
  );
});

test("a refused write tells nothing", async () => {
  await assert.rejects(rig.ask("PutObject", { Bucket: "telling", Key: "x", Body: Buffer.from("x"), IfMatch: "y" }), { code: "NoSuchKey" });
  assert.deepEqual(await told(), []);
});

test("a bucket without versions tells when EventBridge is turned on, and no longer when it is off", async () => {
  const Bucket = "turned-on";
  const turn = (NotificationConfiguration: object) => rig.ask("PutBucketNotificationConfiguration", { Bucket, NotificationConfiguration });
  const put = async () => {
    await rig.ask("PutObject", { Bucket, Key: "k", Body: Buffer.from("x") });
    return (await told()).map(({ detail }) => "version-id" in detail.object);
  };
  await rig.ask("CreateBucket", { Bucket });
  assert.deepEqual(await put(), []);
  await turn({ EventBridgeConfiguration: {} });
  assert.deepEqual(await put(), [false]);
  await turn({});
  assert.deepEqual(await put(), []);
});
