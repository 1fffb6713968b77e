import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { startServer, type TestServer } from "../../harness/server.ts";
import { fails, textOf } from "./checks.ts";

let server: TestServer;
let s3: S3Client;
const Bucket = "objects";
before(async () => {
  server = await startServer();
  s3 = server.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(() => server.stop());

const put = (Key: string, Body: string, more: object = {}) => s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

test("what is put is got, with everything said of it", async () => {
  const answer = await put("dir/a b+c&ü?.txt", "hello", {
    ContentType: "text/plain",
    CacheControl: "no-cache",
    ContentDisposition: 'attachment; filename="x"',
    ContentEncoding: "identity",
    ContentLanguage: "en",
    Expires: new Date("2030-01-02T03:04:05Z"),
    Metadata: { Colour: "blue", "x-y": "z" },
    Tagging: "a=1&b=two%20words",
    StorageClass: "STANDARD_IA",
  });
  assert.equal(answer.ETag, `"${md5("hello")}"`);
  assert.equal(answer.ServerSideEncryption, "AES256");
  assert.equal(answer.VersionId, undefined);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "dir/a b+c&ü?.txt" }));
  assert.equal(await textOf(got), "hello");
  assert.equal(got.ContentType, "text/plain");
  assert.equal(got.CacheControl, "no-cache");
  assert.equal(got.ContentDisposition, 'attachment; filename="x"');
  assert.equal(got.ContentEncoding, "identity");
  assert.equal(got.ContentLanguage, "en");
  assert.equal(got.ExpiresString, "Wed, 02 Jan 2030 03:04:05 GMT");
  assert.deepEqual(got.Metadata, { colour: "blue", "x-y": "z" });
  assert.equal(got.TagCount, 2);
  assert.equal(got.StorageClass, "STANDARD_IA");
  assert.equal(got.ContentLength, 5);
  assert.equal(got.AcceptRanges, "bytes");
  assert.equal(got.ServerSideEncryption, "AES256");
  assert.ok(Math.abs((got.LastModified?.getTime() ?? 0) - Date.now()) < 60_000);
});

test("an empty object, and one without a content type", async () => {
  await put("empty", "", { ContentType: undefined });
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "empty" }));
  assert.equal(await textOf(got), "");
  assert.equal(got.ContentLength, 0);
  await s3.send(new PutObjectCommand({ Bucket, Key: "bytes", Body: new Uint8Array([1, 2]) }));
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: "bytes" }))).ContentType, "application/octet-stream");
});

test("ranges", async () => {
  await put("ranged", "0123456789");
  const range = async (Range: string) => {
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "ranged", Range }));
    return [await textOf(got), got.ContentRange, got.$metadata.httpStatusCode];
  };
  assert.deepEqual(await range("bytes=2-4"), ["234", "bytes 2-4/10", 206]);
  assert.deepEqual(await range("bytes=7-"), ["789", "bytes 7-9/10", 206]);
  assert.deepEqual(await range("bytes=-1"), ["9", "bytes 9-9/10", 206]);
  assert.deepEqual(await range("bytes=0-0,2-3"), ["0123456789", undefined, 200]);
  const error = await fails(range("bytes=10-"), "InvalidRange", 416);
  assert.equal(error.$response?.headers["content-range"], "bytes */10");
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "ranged", Range: "bytes=2-4" }));
  assert.deepEqual([head.ContentLength, head.ContentRange, head.$metadata.httpStatusCode], [3, "bytes 2-4/10", 206]);
});

test("response overrides", async () => {
  await put("plain", "x", { ContentType: "text/plain" });
  const got = await s3.send(
    new GetObjectCommand({
      Bucket,
      Key: "plain",
      ResponseContentType: "text/html",
      ResponseCacheControl: "no-store",
      ResponseContentDisposition: "inline",
      ResponseContentLanguage: "de",
      ResponseExpires: new Date("2031-01-01T00:00:00Z"),
    }),
  );
  assert.deepEqual(
    [got.ContentType, got.CacheControl, got.ContentDisposition, got.ContentLanguage, got.ExpiresString],
    ["text/html", "no-store", "inline", "de", "Wed, 01 Jan 2031 00:00:00 GMT"],
  );
});

test("conditional reads", async () => {
  const { ETag } = await put("conditional", "x");
  const get = (conditions: object) => s3.send(new GetObjectCommand({ Bucket, Key: "conditional", ...conditions }));
  await textOf(await get({ IfMatch: ETag }));
  await fails(get({ IfMatch: '"other"' }), "PreconditionFailed", 412);
  const unchanged = await fails(get({ IfNoneMatch: ETag }), undefined, 304);
  assert.equal(unchanged.$response?.headers.etag, ETag);
  await fails(get({ IfModifiedSince: new Date() }), undefined, 304);
  await fails(get({ IfUnmodifiedSince: new Date("2020-01-01") }), "PreconditionFailed", 412);
  await fails(s3.send(new HeadObjectCommand({ Bucket, Key: "conditional", IfNoneMatch: ETag })), undefined, 304);
});

test("conditional writes: one of many writers wins", async () => {
  const results = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => put("once", `writer ${i}`, { IfNoneMatch: "*" })));
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  for (const result of results) if (result.status === "rejected") assert.equal(result.reason.name, "PreconditionFailed");
  const winner = results.findIndex(({ status }) => status === "fulfilled");
  const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key: "once" }));
  assert.equal(ETag, `"${md5(`writer ${winner}`)}"`);
  await fails(put("once", "x", { IfMatch: '"other"' }), "PreconditionFailed", 412);
  await fails(put("nothing", "x", { IfMatch: '"other"' }), "NoSuchKey", 404);
  await put("once", "second", { IfMatch: ETag });
});

test("checksums are checked, kept, and shown on request", async () => {
  const sha256 = createHash("sha256").update("hello").digest("base64");
  const answer = await put("summed", "hello", { ChecksumSHA256: sha256 });
  assert.deepEqual([answer.ChecksumSHA256, answer.ChecksumType], [sha256, "FULL_OBJECT"]);
  const shown = await s3.send(new HeadObjectCommand({ Bucket, Key: "summed", ChecksumMode: "ENABLED" }));
  assert.equal(shown.ChecksumSHA256, sha256);
  await fails(put("bad", "hello!", { ChecksumSHA256: sha256 }), "BadDigest", 400);
  await fails(put("bad", "hello", { ContentMD5: createHash("md5").update("other").digest("base64") }), "BadDigest", 400);
  await fails(put("bad", "hello", { ContentMD5: "nonsense" }), "InvalidDigest", 400);
  await fails(s3.send(new HeadObjectCommand({ Bucket, Key: "bad" })), "NotFound", 404);
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: ChecksumAlgorithm, Body: "hello", ChecksumAlgorithm }));
    const get = await s3.send(new GetObjectCommand({ Bucket, Key: ChecksumAlgorithm, ChecksumMode: "ENABLED" }));
    // The client holds the sum against the bytes itself.
    assert.equal(await textOf(get), "hello");
    assert.ok(put[`Checksum${ChecksumAlgorithm}`]);
    assert.equal(get[`Checksum${ChecksumAlgorithm}`], put[`Checksum${ChecksumAlgorithm}`]);
  }
});

test("a client that names no checksum gets S3's own", async () => {
  const plain = server.client(S3Client, { requestChecksumCalculation: "WHEN_REQUIRED" });
  const answer = await plain.send(new PutObjectCommand({ Bucket, Key: "unsummed", Body: "123456789" }));
  assert.equal(answer.ChecksumCRC64NVME, Buffer.from("ae8b14860a799888", "hex").toString("base64"));
});

test("attributes", async () => {
  await put("attributed", "hello", { ChecksumAlgorithm: "SHA1" });
  const got = await s3.send(
    new GetObjectAttributesCommand({
      Bucket,
      Key: "attributed",
      ObjectAttributes: ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"],
    }),
  );
  assert.equal(got.ETag, md5("hello"));
  assert.equal(got.ObjectSize, 5);
  assert.equal(got.StorageClass, "STANDARD");
  assert.equal(got.Checksum?.ChecksumSHA1, createHash("sha1").update("hello").digest("base64"));
  assert.equal(got.ObjectParts, undefined);
});

test("tags of an object", async () => {
  await put("tagged", "x", { Tagging: "a=1" });
  const tags = async () => (await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "tagged" }))).TagSet;
  const retag = (TagSet: { Key: string; Value: string }[]) =>
    s3.send(new PutObjectTaggingCommand({ Bucket, Key: "tagged", Tagging: { TagSet } }));
  assert.deepEqual(await tags(), [{ Key: "a", Value: "1" }]);
  await retag([{ Key: "b", Value: "" }]);
  assert.deepEqual(await tags(), [{ Key: "b", Value: "" }]);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: "tagged" }))).ContentLength, 1);
  await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: "tagged" }));
  assert.deepEqual(await tags(), []);
  await fails(retag(Array.from({ length: 11 }, (_, i) => ({ Key: `k${i}`, Value: "" }))), "BadRequest", 400);
  await fails(
    retag([
      { Key: "a", Value: "" },
      { Key: "a", Value: "" },
    ]),
    "InvalidTag",
    400,
  );
  await fails(retag([{ Key: "a<", Value: "" }]), "InvalidTag", 400);
});

test("copies", async () => {
  await put("source ü/+", "copied", { ContentType: "text/plain", Metadata: { a: "1" }, Tagging: "t=1" });
  const copy = (Key: string, more: object = {}) =>
    s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${encodeURIComponent("source ü/+")}`, ...more }));
  const answer = await copy("copy");
  assert.equal(answer.CopyObjectResult?.ETag, `"${md5("copied")}"`);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "copy", ChecksumMode: "ENABLED" }));
  assert.deepEqual([await textOf(got), got.ContentType, got.Metadata, got.TagCount], ["copied", "text/plain", { a: "1" }, 1]);

  await copy("replaced", {
    MetadataDirective: "REPLACE",
    Metadata: { b: "2" },
    ContentType: "text/html",
    TaggingDirective: "REPLACE",
    Tagging: "",
  });
  const other = await s3.send(new HeadObjectCommand({ Bucket, Key: "replaced" }));
  assert.deepEqual([other.ContentType, other.Metadata, other.TagCount], ["text/html", { b: "2" }, undefined]);

  const summed = await copy("summed copy", { ChecksumAlgorithm: "SHA256" });
  assert.equal(summed.CopyObjectResult?.ChecksumSHA256, createHash("sha256").update("copied").digest("base64"));

  await fails(copy("source ü/+"), "InvalidRequest", 400);
  await copy("source ü/+", { MetadataDirective: "REPLACE", Metadata: { c: "3" } });
  const itself = await s3.send(new GetObjectCommand({ Bucket, Key: "source ü/+" }));
  assert.deepEqual([await textOf(itself), itself.Metadata], ["copied", { c: "3" }]);

  await fails(copy("x", { CopySource: `${Bucket}/nothing` }), "NoSuchKey", 404);
  await fails(copy("x", { CopySource: "no-such-bucket/x" }), "NoSuchBucket", 404);
  await fails(copy("x", { CopySource: Bucket }), "InvalidArgument", 400);
  await fails(copy("x", { CopySourceIfMatch: '"other"' }), "PreconditionFailed", 412);
  await fails(copy("x", { CopySourceIfNoneMatch: `"${md5("copied")}"` }), "PreconditionFailed", 412);
  await fails(copy("copy", { IfNoneMatch: "*" }), "PreconditionFailed", 412);
});

test("a copy lives on when its source goes, and the other way round", async () => {
  await put("original", "shared bytes");
  const copy = (from: string, Key: string) => s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${from}` }));
  await copy("original", "second");
  await copy("second", "third");
  for (const Key of ["original", "third"]) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  await server.idle();
  assert.equal(await textOf(await s3.send(new GetObjectCommand({ Bucket, Key: "second" }))), "shared bytes");
});

test("deleting, once and again, and many at a time", async () => {
  await put("gone", "x");
  for (let i = 0; i < 2; i++) {
    const answer = await s3.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
    assert.deepEqual([answer.$metadata.httpStatusCode, answer.DeleteMarker, answer.VersionId], [204, undefined, undefined]);
  }
  await fails(s3.send(new GetObjectCommand({ Bucket, Key: "gone" })), "NoSuchKey", 404);
  for (let i = 0; i < 3; i++) await put(`many/${i} &<`, "x");
  const answer = await s3.send(
    new DeleteObjectsCommand({
      Bucket,
      Delete: { Objects: [{ Key: "many/0 &<" }, { Key: "many/1 &<" }, { Key: "never there" }, { Key: "bad", VersionId: "nonsense" }] },
    }),
  );
  assert.deepEqual(
    answer.Deleted?.map(({ Key }) => Key),
    ["many/0 &<", "many/1 &<", "never there"],
  );
  assert.deepEqual(
    answer.Errors?.map(({ Key, Code }) => [Key, Code]),
    [["bad", "InvalidArgument"]],
  );
  const quiet = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Quiet: true, Objects: [{ Key: "many/2 &<" }] } }));
  assert.equal(quiet.Deleted, undefined);
  await fails(s3.send(new HeadObjectCommand({ Bucket, Key: "many/2 &<" })), "NotFound", 404);
  const tooMany = Array.from({ length: 1001 }, (_, i) => ({ Key: String(i) }));
  await fails(s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: tooMany } })), "MalformedXML", 400);
});

test("what is refused", async () => {
  await fails(s3.send(new GetObjectCommand({ Bucket: "no-such-bucket", Key: "x" })), "NoSuchBucket", 404);
  await fails(s3.send(new PutObjectCommand({ Bucket: "no-such-bucket", Key: "x", Body: "x" })), "NoSuchBucket", 404);
  await fails(put("k".repeat(1025), "x"), "KeyTooLongError", 400);
  await fails(put("k", "x", { ServerSideEncryption: "aws:kms" }), "NotImplemented", 501);
  await fails(put("k", "x", { StorageClass: "GLACIER" }), "NotImplemented", 501);
  await fails(put("k", "x", { ACL: "public-read" }), "AccessControlListNotSupported", 400);
  await fails(put("k", "x", { ObjectLockLegalHoldStatus: "ON" }), "NotImplemented", 501);
  await fails(put("k", "x", { Metadata: { a: "x".repeat(2048) } }), "MetadataTooLarge", 400);
  await fails(put("k", "x", { ExpectedBucketOwner: "999999999999" }), "AccessDenied", 403);
  await put("k", "x", { ACL: "bucket-owner-full-control", ServerSideEncryption: "AES256", ExpectedBucketOwner: server.account });
});
