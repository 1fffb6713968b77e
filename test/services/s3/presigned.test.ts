import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { startServer, type TestServer } from "../../harness/server.ts";
import { textOf } from "./checks.ts";

let server: TestServer;
let s3: S3Client;
const Bucket = "presigned";
before(async () => {
  server = await startServer();
  s3 = server.client(S3Client, { requestChecksumCalculation: "WHEN_REQUIRED" });
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(() => server.stop());

test("put, get and delete by URL alone", async () => {
  const Key = "dir/ü b+c.txt";
  const put = await fetch(await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key, ContentType: "text/plain" })), {
    method: "PUT",
    body: "by URL",
    headers: { "content-type": "text/plain" },
  });
  assert.equal(put.status, 200);
  assert.equal(await textOf(await s3.send(new GetObjectCommand({ Bucket, Key }))), "by URL");
  const get = await fetch(
    await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key, ResponseContentDisposition: "attachment" }), { expiresIn: 60 }),
  );
  assert.deepEqual([get.status, await get.text(), get.headers.get("content-disposition")], [200, "by URL", "attachment"]);
  const head = await fetch(await getSignedUrl(s3, new HeadObjectCommand({ Bucket, Key })), { method: "HEAD" });
  assert.deepEqual([head.status, head.headers.get("content-length")], [200, "6"]);
  const gone = await fetch(await getSignedUrl(s3, new DeleteObjectCommand({ Bucket, Key })), { method: "DELETE" });
  assert.equal(gone.status, 204);
});

test("a URL does what it was signed for, until it expires, and nothing else", async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "k" }));
  assert.equal((await fetch(url)).status, 200);
  const changed = await fetch(url.replace("/k?", "/other?"));
  assert.equal(changed.status, 403);
  assert.match(await changed.text(), /<Code>SignatureDoesNotMatch<\/Code>/);
  assert.equal((await fetch(url, { method: "PUT", body: "y" })).status, 403);
  const late = await fetch(
    await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "k" }), { expiresIn: 60, signingDate: new Date(Date.now() - 120_000) }),
  );
  assert.equal(late.status, 403);
  assert.match(await late.text(), /<Code>AccessDenied<\/Code><Message>Request has expired/);
  const unsigned = await fetch(`${server.endpoint}/${Bucket}/k`);
  assert.equal(unsigned.status, 403);
  assert.match(await unsigned.text(), /<Code>AccessDenied<\/Code>/);
});
