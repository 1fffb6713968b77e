import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-s3";
import { startServer, type TestServer } from "../../harness/server.ts";
import { fails, textOf } from "./checks.ts";

let server: TestServer;
let s3: sdk.S3Client;
before(async () => {
  server = await startServer();
  s3 = server.client(sdk.S3Client);
});
after(() => server.stop());

const bucket = async (Bucket: string, Status?: "Enabled" | "Suspended") => {
  await s3.send(new sdk.CreateBucketCommand({ Bucket }));
  if (Status) await version(Bucket, Status);
};
const version = (Bucket: string, Status: "Enabled" | "Suspended") =>
  s3.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
const put = async (Bucket: string, Body: string, Key = "k") =>
  (await s3.send(new sdk.PutObjectCommand({ Bucket, Key, Body }))).VersionId as string;
const get = async (Bucket: string, VersionId?: string, Key = "k") =>
  textOf(await s3.send(new sdk.GetObjectCommand({ Bucket, Key, VersionId })));
const remove = (Bucket: string, VersionId?: string, Key = "k") => s3.send(new sdk.DeleteObjectCommand({ Bucket, Key, VersionId }));
const list = async (Bucket: string) => {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new sdk.ListObjectVersionsCommand({ Bucket }));
  return [...Versions, ...DeleteMarkers].map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest]);
};

test("every version stays; the newest is seen", async () => {
  const Bucket = "enabled";
  await bucket(Bucket, "Enabled");
  const ids = [await put(Bucket, "one"), await put(Bucket, "two"), await put(Bucket, "three")];
  assert.equal(new Set(ids).size, 3);
  assert.equal(await get(Bucket), "three");
  for (const [i, text] of ["one", "two", "three"].entries()) assert.equal(await get(Bucket, ids[i]), text);
  assert.deepEqual(await list(Bucket), [
    ["k", ids[2], true],
    ["k", ids[1], false],
    ["k", ids[0], false],
  ]);
  const head = await s3.send(new sdk.HeadObjectCommand({ Bucket, Key: "k" }));
  assert.equal(head.VersionId, ids[2]);
});

test("a delete marker hides, and taking it away shows again", async () => {
  const Bucket = "marked";
  await bucket(Bucket, "Enabled");
  const [one, two] = [await put(Bucket, "one"), await put(Bucket, "two")];
  const marker = await remove(Bucket);
  assert.equal(marker.DeleteMarker, true);
  const hidden = await fails(s3.send(new sdk.GetObjectCommand({ Bucket, Key: "k" })), "NoSuchKey", 404);
  assert.equal(hidden.$response?.headers["x-amz-delete-marker"], "true");
  assert.equal(hidden.$response?.headers["x-amz-version-id"], marker.VersionId);
  const refused = await fails(
    s3.send(new sdk.GetObjectCommand({ Bucket, Key: "k", VersionId: marker.VersionId })),
    "MethodNotAllowed",
    405,
  );
  assert.equal(refused.$response?.headers["x-amz-delete-marker"], "true");
  assert.equal(refused.$response?.headers.allow, "DELETE");
  assert.equal((await s3.send(new sdk.ListObjectsV2Command({ Bucket }))).KeyCount, 0);
  assert.equal(await get(Bucket, two), "two");

  const undone = await remove(Bucket, marker.VersionId);
  assert.deepEqual([undone.DeleteMarker, undone.VersionId], [true, marker.VersionId]);
  assert.equal(await get(Bucket), "two");
  const gone = await remove(Bucket, two);
  assert.deepEqual([gone.DeleteMarker, gone.VersionId], [undefined, two]);
  assert.equal(await get(Bucket), "one");
  assert.deepEqual(await list(Bucket), [["k", one, true]]);
  await fails(s3.send(new sdk.GetObjectCommand({ Bucket, Key: "k", VersionId: two })), "NoSuchVersion", 404);
  await fails(s3.send(new sdk.GetObjectCommand({ Bucket, Key: "k", VersionId: "nonsense" })), "InvalidArgument", 400);
  await remove(Bucket, two);
});

test("the null version: before versioning, after its suspension, and only once", async () => {
  const Bucket = "null-versions";
  await bucket(Bucket);
  assert.equal(await put(Bucket, "before"), undefined);
  assert.deepEqual(await list(Bucket), [["k", "null", true]]);
  await version(Bucket, "Enabled");
  const one = await put(Bucket, "one");
  assert.equal(await get(Bucket, "null"), "before");
  await version(Bucket, "Suspended");
  assert.equal(await put(Bucket, "suspended"), "null");
  assert.deepEqual(await list(Bucket), [
    ["k", "null", true],
    ["k", one, false],
  ]);
  assert.equal(await get(Bucket, "null"), "suspended");
  const marker = await remove(Bucket);
  assert.deepEqual([marker.DeleteMarker, marker.VersionId], [true, "null"]);
  assert.deepEqual(
    (await list(Bucket)).sort(),
    [
      ["k", "null", true],
      ["k", one, false],
    ].sort(),
  );
  await remove(Bucket, "null");
  assert.equal(await get(Bucket), "one");
});

test("versions page by page, whatever the page", async () => {
  const Bucket = "paged-versions";
  await bucket(Bucket);
  await put(Bucket, "null", "b");
  await version(Bucket, "Enabled");
  for (const Key of ["a", "b", "c/1", "c/2"]) for (let i = 0; i < 3; i++) await put(Bucket, String(i), Key);
  await remove(Bucket, undefined, "b");
  const walk = async (MaxKeys: number, Delimiter?: string) => {
    const seen: string[] = [];
    let markers: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (;;) {
      const page = await s3.send(new sdk.ListObjectVersionsCommand({ Bucket, MaxKeys, Delimiter, ...markers }));
      const entries = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      assert.ok(entries.length + (page.CommonPrefixes?.length ?? 0) <= MaxKeys);
      seen.push(
        ...entries.map(({ Key, VersionId, IsLatest }) => `${Key} ${VersionId} ${IsLatest}`),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}`),
      );
      if (!page.IsTruncated) return seen.sort();
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
  };
  const whole = await walk(1000);
  assert.equal(whole.length, 14);
  assert.equal(whole.filter((line) => line.endsWith("true")).length, 4);
  for (const size of [1, 2, 3, 5]) assert.deepEqual(await walk(size), whole);
  const folded = await walk(1000, "/");
  assert.equal(folded.length, 9);
  for (const size of [1, 2, 4]) assert.deepEqual(await walk(size, "/"), folded);
});

test("emptied page by page, deleting each before the next is asked for", async () => {
  const Bucket = "emptied";
  await bucket(Bucket);
  await put(Bucket, "null");
  await version(Bucket, "Enabled");
  for (let i = 0; i < 7; i++) await put(Bucket, String(i));
  await remove(Bucket);
  let markers: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (;;) {
    const page = await s3.send(new sdk.ListObjectVersionsCommand({ Bucket, MaxKeys: 2, ...markers }));
    const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({ Key, VersionId }));
    await s3.send(new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    if (!page.IsTruncated) break;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  await s3.send(new sdk.DeleteBucketCommand({ Bucket }));
});

test("copies of versions, and their tags", async () => {
  const Bucket = "copied-versions";
  await bucket(Bucket, "Enabled");
  const [one, two] = [await put(Bucket, "one"), await put(Bucket, "two")];
  const copied = await s3.send(new sdk.CopyObjectCommand({ Bucket, Key: "k", CopySource: `${Bucket}/k?versionId=${one}` }));
  assert.equal(copied.CopySourceVersionId, one);
  assert.ok(copied.VersionId && copied.VersionId !== one);
  assert.equal(await get(Bucket), "one");
  await s3.send(new sdk.PutObjectTaggingCommand({ Bucket, Key: "k", VersionId: two, Tagging: { TagSet: [{ Key: "a", Value: "b" }] } }));
  const tags = async (VersionId?: string) =>
    (await s3.send(new sdk.GetObjectTaggingCommand({ Bucket, Key: "k", VersionId }))).TagSet?.length;
  assert.deepEqual([await tags(two), await tags(one), await tags()], [1, 0, 0]);
  const marker = await remove(Bucket);
  await fails(
    s3.send(new sdk.CopyObjectCommand({ Bucket, Key: "x", CopySource: `${Bucket}/k?versionId=${marker.VersionId}` })),
    "InvalidRequest",
    400,
  );
  await fails(s3.send(new sdk.CopyObjectCommand({ Bucket, Key: "x", CopySource: `${Bucket}/k` })), "NoSuchKey", 404);
});
