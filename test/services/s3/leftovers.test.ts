/** What becomes of bytes that nothing names any more. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import type { Readable } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { type Rig, startRig } from "./rig.ts";

let rig: Rig;
let Bucket = "";
let round = 0;
before(async () => {
  rig = await startRig();
});
after(() => rig.end());
beforeEach(async () => {
  Bucket = `leftovers-${round++}`;
  await ask("CreateBucket", {});
});
const ask = (operation: string, input: object) => rig.ask(operation, { Bucket, ...input });
const blobs = async () => {
  await rig.queue.idle();
  assert.deepEqual(rig.failures, []);
  return (await readdir(rig.folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;
};
const put = (Key: string, text: string, more: object = {}) => ask("PutObject", { Key, Body: Buffer.from(text), ...more });
const emptied = async () => {
  const { Versions = [], DeleteMarkers = [] } = await ask("ListObjectVersions", {});
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) await ask("DeleteObject", { Key, VersionId });
  return blobs();
};

test("replaced and deleted objects", async () => {
  await put("a", "one");
  await put("b", "two");
  assert.equal(await blobs(), 2);
  await put("a", "three");
  assert.equal(await blobs(), 2);
  await ask("DeleteObject", { Key: "a" });
  assert.equal(await blobs(), 1);
  assert.equal(await emptied(), 0);
});
test("refused writes leave nothing", async () => {
  await put("a", "one");
  await assert.rejects(put("a", "two", { IfNoneMatch: "*" }), { code: "PreconditionFailed" });
  await assert.rejects(put("b", "two", { ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" }), { code: "BadDigest" });
  await assert.rejects(put("b", "two", { ContentLength: 4 }), { code: "IncompleteBody" });
  assert.equal(await blobs(), 1);
  assert.equal(await emptied(), 0);
});
test("versions keep their bytes until they are deleted themselves", async () => {
  await ask("PutBucketVersioning", { VersioningConfiguration: { Status: "Enabled" } });
  await put("a", "one");
  await put("a", "two");
  await ask("DeleteObject", { Key: "a" });
  assert.equal(await blobs(), 2);
  assert.equal(await emptied(), 0);
});
test("bytes that copies share go with the last of them, in whatever order", async () => {
  const CopySource = `${Bucket}/a`;
  for (const order of [
    ["a", "b", "c"],
    ["c", "b", "a"],
    ["b", "a", "c"],
  ]) {
    await put("a", "shared");
    await ask("CopyObject", { Key: "b", CopySource });
    await ask("CopyObject", { Key: "c", CopySource: `${Bucket}/b` });
    await ask("CopyObject", { Key: "a", CopySource, MetadataDirective: "REPLACE", Metadata: { x: "y" } });
    assert.equal(await blobs(), 1);
    for (const [i, Key] of order.entries()) {
      await ask("DeleteObject", { Key });
      assert.equal(await blobs(), i === 2 ? 0 : 1);
    }
  }
});
test("uploads: replaced, unused and aborted parts", async () => {
  const { UploadId } = await ask("CreateMultipartUpload", { Key: "u" });
  const part = (PartNumber: number, text: string) => ask("UploadPart", { Key: "u", UploadId, PartNumber, Body: Buffer.from(text) });
  await part(1, "one");
  const { ETag } = await part(1, "again");
  await part(2, "unused");
  assert.equal(await blobs(), 2);
  await ask("CompleteMultipartUpload", { Key: "u", UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } });
  assert.equal(await blobs(), 1);
  const other = await ask("CreateMultipartUpload", { Key: "u" });
  await ask("UploadPart", { Key: "u", UploadId: other.UploadId, PartNumber: 1, Body: Buffer.from("x") });
  await ask("AbortMultipartUpload", { Key: "u", UploadId: other.UploadId });
  assert.equal(await blobs(), 1);
  assert.equal(await emptied(), 0);
});
test("a deleted bucket's uploads", async () => {
  for (let i = 0; i < 25; i++) {
    const { UploadId } = await ask("CreateMultipartUpload", { Key: `u${i}` });
    await ask("UploadPart", { Key: `u${i}`, UploadId, PartNumber: 1, Body: Buffer.from("x") });
  }
  assert.equal(await blobs(), 25);
  await ask("DeleteBucket", {});
  assert.equal(await blobs(), 0);
});
test("bytes that are being read wait for their reader", async () => {
  await put("a", "read me");
  const { Body }: { Body: Readable } = await ask("GetObject", { Key: "a" });
  const blob = (await readdir(rig.folder, { recursive: true })).find((name) => name.length > 30)?.slice(-32) as string;
  const remove = () => rig.run("s3.deleteBlobs", [{ blobs: [blob] }]);
  assert.ok(await remove());
  assert.equal(await blobs(), 1);
  assert.equal((await Body.toArray()).join(""), "read me");
  assert.equal(await remove(), undefined);
  assert.equal(await blobs(), 0);
});
