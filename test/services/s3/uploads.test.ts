import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-s3";
import { startServer, type TestServer } from "../../harness/server.ts";
import { fails } from "./checks.ts";

let server: TestServer;
let s3: sdk.S3Client;
const Bucket = "uploads";
const mib = 2 ** 20;
before(async () => {
  server = await startServer();
  s3 = server.client(sdk.S3Client);
  await s3.send(new sdk.CreateBucketCommand({ Bucket }));
});
after(() => server.stop());

const piece = (fill: number, size = 5 * mib) => Buffer.alloc(size, fill);
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest();
const begin = async (Key: string, more: object = {}) =>
  (await s3.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key, ...more }))).UploadId as string;
const part = (Key: string, UploadId: string, PartNumber: number, Body: Uint8Array, more: object = {}) =>
  s3.send(new sdk.UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...more }));
const complete = (Key: string, UploadId: string, Parts: sdk.CompletedPart[], more: object = {}) =>
  s3.send(new sdk.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }));
const bytesOf = async (Key: string, more: object = {}) => {
  const got = await s3.send(new sdk.GetObjectCommand({ Bucket, Key, ...more }));
  assert.ok(got.Body);
  return { got, bytes: Buffer.from(await got.Body.transformToByteArray()) };
};

test("an object of three parts, its ETag, parts, ranges and attributes", async () => {
  const Key = "three/parts";
  const UploadId = await begin(Key, { ContentType: "x/y", Metadata: { a: "b" }, Tagging: "t=1" });
  const pieces = [piece(1), piece(2), piece(3, 100)];
  const done = [];
  for (const i of [2, 0, 1]) done[i] = await part(Key, UploadId, i + 1, pieces[i] as Buffer);
  await part(Key, UploadId, 9, piece(9, 10));
  const Parts = done.map((one, i) => ({ PartNumber: i + 1, ETag: one?.ETag }));
  const listed = await s3.send(new sdk.ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 2 }));
  assert.deepEqual(
    listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
    [
      [1, 5 * mib],
      [2, 5 * mib],
    ],
  );
  assert.deepEqual([listed.IsTruncated, listed.NextPartNumberMarker], [true, "2"]);
  await fails(s3.send(new sdk.HeadObjectCommand({ Bucket, Key })), "NotFound", 404);

  const answer = await complete(Key, UploadId, Parts);
  const expected = createHash("md5")
    .update(Buffer.concat(pieces.map(md5)))
    .digest("hex");
  assert.equal(answer.ETag, `"${expected}-3"`);
  assert.equal(answer.Location, `${server.endpoint}/${Bucket}/three/parts`);
  const whole = Buffer.concat(pieces);
  const { got, bytes } = await bytesOf(Key, { ChecksumMode: "ENABLED" });
  assert.ok(bytes.equals(whole));
  assert.deepEqual([got.ContentType, got.Metadata, got.TagCount, got.ETag], ["x/y", { a: "b" }, 1, answer.ETag]);
  const range = await bytesOf(Key, { Range: `bytes=${5 * mib - 2}-${10 * mib + 1}` });
  assert.ok(range.bytes.equals(whole.subarray(5 * mib - 2, 10 * mib + 2)));
  const second = await bytesOf(Key, { PartNumber: 2 });
  assert.ok(second.bytes.equals(pieces[1] as Buffer));
  assert.deepEqual(
    [second.got.PartsCount, second.got.ContentRange, second.got.$metadata.httpStatusCode],
    [3, `bytes ${5 * mib}-${10 * mib - 1}/${whole.length}`, 206],
  );
  await fails(bytesOf(Key, { PartNumber: 4 }), "InvalidPartNumber", 416);
  await fails(bytesOf(Key, { PartNumber: 1, Range: "bytes=0-1" }), "InvalidRequest", 400);
  const attributes = await s3.send(new sdk.GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: ["ObjectParts", "ObjectSize"] }));
  assert.equal(attributes.ObjectParts?.TotalPartsCount, 3);
  assert.deepEqual(
    attributes.ObjectParts?.Parts?.map(({ Size }) => Size),
    [5 * mib, 5 * mib, 100],
  );

  const again = await complete(Key, UploadId, Parts);
  assert.equal(again.ETag, answer.ETag);
  await fails(part(Key, UploadId, 1, piece(1)), "NoSuchUpload", 404);
  await fails(s3.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId })), "NoSuchUpload", 404);

  const copied = await s3.send(new sdk.CopyObjectCommand({ Bucket, Key: "one part", CopySource: `${Bucket}/${Key}` }));
  assert.equal(copied.CopyObjectResult?.ETag, `"${md5(whole).toString("hex")}"`);
});

test("checksums of parts and of the whole", async () => {
  const pieces = [piece(1), piece(2, 1000)];
  const sum = (name: string, ...bytes: Uint8Array[]) => createHash(name).update(Buffer.concat(bytes)).digest();
  const composite = await begin("composite", { ChecksumAlgorithm: "SHA256" });
  const Parts: sdk.CompletedPart[] = [];
  for (const [i, bytes] of pieces.entries()) {
    const { ETag, ChecksumSHA256 } = await part("composite", composite, i + 1, bytes, { ChecksumAlgorithm: "SHA256" });
    assert.equal(ChecksumSHA256, sum("sha256", bytes).toString("base64"));
    Parts.push({ PartNumber: i + 1, ETag, ChecksumSHA256 });
  }
  await fails(part("composite", composite, 3, piece(3), { ChecksumAlgorithm: "SHA1" }), "InvalidRequest", 400);
  const done = await complete("composite", composite, Parts);
  assert.equal(done.ChecksumSHA256, `${sum("sha256", ...pieces.map((one) => sum("sha256", one))).toString("base64")}-2`);
  assert.equal(done.ChecksumType, "COMPOSITE");
  assert.ok((await bytesOf("composite", { ChecksumMode: "ENABLED" })).bytes.equals(Buffer.concat(pieces)));

  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME"] as const) {
    const Key = `full ${ChecksumAlgorithm}`;
    const id = await begin(Key, { ChecksumAlgorithm, ChecksumType: "FULL_OBJECT" });
    const parts: sdk.CompletedPart[] = [];
    for (const [i, bytes] of pieces.entries())
      parts.push({ PartNumber: i + 1, ETag: (await part(Key, id, i + 1, bytes, { ChecksumAlgorithm })).ETag });
    const whole = await s3.send(new sdk.PutObjectCommand({ Bucket, Key: "whole", Body: Buffer.concat(pieces), ChecksumAlgorithm }));
    const answer = await complete(Key, id, parts);
    assert.equal(answer[`Checksum${ChecksumAlgorithm}`], whole[`Checksum${ChecksumAlgorithm}`]);
    assert.equal(answer.ChecksumType, "FULL_OBJECT");
    // The client checks the sum against the bytes it reads.
    await bytesOf(Key, { ChecksumMode: "ENABLED" });
  }
  await fails(begin("x", { ChecksumAlgorithm: "CRC64NVME", ChecksumType: "COMPOSITE" }), "InvalidRequest", 400);
});

test("a part uploaded again replaces the first", async () => {
  const id = await begin("replaced");
  await part("replaced", id, 1, piece(1, 10));
  const { ETag } = await part("replaced", id, 1, piece(2, 20));
  await complete("replaced", id, [{ PartNumber: 1, ETag }]);
  assert.ok((await bytesOf("replaced")).bytes.equals(piece(2, 20)));
});

test("what cannot be completed", async () => {
  const Key = "refused";
  const id = await begin(Key);
  const [one, two] = [await part(Key, id, 1, piece(1, 10)), await part(Key, id, 2, piece(2, 10))];
  const parts = [
    { PartNumber: 1, ETag: one.ETag },
    { PartNumber: 2, ETag: two.ETag },
  ];
  await fails(complete(Key, id, parts), "EntityTooSmall", 400);
  await fails(complete(Key, id, [...parts].reverse()), "InvalidPartOrder", 400);
  await fails(complete(Key, id, [{ PartNumber: 1, ETag: two.ETag }]), "InvalidPart", 400);
  await fails(complete(Key, id, [{ PartNumber: 3, ETag: two.ETag }]), "InvalidPart", 400);
  await fails(complete(Key, id, []), "MalformedXML", 400);
  await fails(complete(Key, "nonsense", parts), "NoSuchUpload", 404);
  await fails(complete("another key", id, parts), "NoSuchUpload", 404);
  await fails(part(Key, id, 10_001, piece(1, 1)), "InvalidArgument", 400);
  await fails(complete(Key, id, [parts[0] as object], { MpuObjectSize: 11 }), "InvalidRequest", 400);
  await s3.send(new sdk.PutObjectCommand({ Bucket, Key, Body: "there" }));
  await fails(complete(Key, id, [parts[0] as object], { IfNoneMatch: "*" }), "PreconditionFailed", 412);
  await complete(Key, id, [parts[0] as object]);
  assert.equal((await bytesOf(Key)).bytes.length, 10);
});

test("uploads are listed in the order of keys and beginnings, and aborted", async () => {
  const begun = [await begin("l/b"), await begin("l/a"), await begin("l/b"), await begin("l/c/1"), await begin("l/c/2")];
  const ids: (string | undefined)[] = [];
  let markers: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const page = await s3.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: "l/", MaxUploads: 2, ...markers }));
    ids.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
    if (!page.IsTruncated) break;
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
  assert.deepEqual(ids, [begun[1], ...[begun[0], begun[2]].sort(), begun[3], begun[4]]);
  const folded = await s3.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: "l/", Delimiter: "/" }));
  assert.deepEqual([folded.Uploads?.length, folded.CommonPrefixes?.map(({ Prefix }) => Prefix)], [3, ["l/c/"]]);
  await s3.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key: "l/a", UploadId: begun[1] }));
  await fails(s3.send(new sdk.ListPartsCommand({ Bucket, Key: "l/a", UploadId: begun[1] })), "NoSuchUpload", 404);
});

test("parts copied from objects", async () => {
  const source = Buffer.concat([piece(1), piece(2, 1000)]);
  await s3.send(new sdk.PutObjectCommand({ Bucket, Key: "source", Body: source }));
  const id = await begin("from copies");
  const copy = (PartNumber: number, CopySourceRange?: string) =>
    s3.send(
      new sdk.UploadPartCopyCommand({
        Bucket,
        Key: "from copies",
        UploadId: id,
        PartNumber,
        CopySource: `${Bucket}/source`,
        CopySourceRange,
      }),
    );
  const [one, two] = [await copy(1), await copy(2, "bytes=10-19")];
  await fails(copy(3, `bytes=0-${source.length}`), "InvalidArgument", 400);
  await complete("from copies", id, [
    { PartNumber: 1, ETag: one.CopyPartResult?.ETag },
    { PartNumber: 2, ETag: two.CopyPartResult?.ETag },
  ]);
  assert.ok((await bytesOf("from copies")).bytes.equals(Buffer.concat([source, source.subarray(10, 20)])));
});
