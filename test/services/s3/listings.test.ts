import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-s3";
import { startServer, type TestServer } from "../../harness/server.ts";
import { fails } from "./checks.ts";

let server: TestServer;
let s3: sdk.S3Client;
const Bucket = "listed";
const keys = ["a", "b/1", "b/2", "b/c/3", "b0", "d e+f&g%", "d/\u{1f600}", "d/\uffee", "zz<>\"'"];
before(async () => {
  server = await startServer();
  s3 = server.client(sdk.S3Client);
  await s3.send(new sdk.CreateBucketCommand({ Bucket }));
  for (const Key of keys) await s3.send(new sdk.PutObjectCommand({ Bucket, Key, Body: Key }));
});
after(() => server.stop());

const two = (more: Partial<sdk.ListObjectsV2Request> = {}) => s3.send(new sdk.ListObjectsV2Command({ Bucket, ...more }));
const one = (more: Partial<sdk.ListObjectsRequest> = {}) => s3.send(new sdk.ListObjectsCommand({ Bucket, ...more }));
const keysOf = ({ Contents = [] }: { Contents?: sdk._Object[] | undefined }) => Contents.map(({ Key }) => Key);
const prefixesOf = ({ CommonPrefixes = [] }: { CommonPrefixes?: sdk.CommonPrefix[] | undefined }) =>
  CommonPrefixes.map(({ Prefix }) => Prefix);

test("all keys, in the order of their UTF-8 bytes", async () => {
  const ordered = [...keys].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
  const listed = await two();
  assert.deepEqual(keysOf(listed), ordered);
  assert.equal(listed.KeyCount, keys.length);
  assert.equal(listed.IsTruncated, false);
  const [first] = listed.Contents ?? [];
  assert.equal(first?.Size, 1);
  assert.match(first?.ETag ?? "", /^"[0-9a-f]{32}"$/);
  assert.equal(first?.StorageClass, "STANDARD");
  assert.equal(first?.Owner, undefined);
  assert.ok((await two({ FetchOwner: true })).Contents?.[0]?.Owner?.ID);
  const old = await one();
  assert.deepEqual(keysOf(old), ordered);
  assert.ok(old.Contents?.[0]?.Owner?.ID);
});

test("prefix and delimiter", async () => {
  const listed = await two({ Delimiter: "/" });
  assert.deepEqual(keysOf(listed), ["a", "b0", "d e+f&g%", "zz<>\"'"]);
  assert.deepEqual(prefixesOf(listed), ["b/", "d/"]);
  assert.equal(listed.KeyCount, 6);
  const below = await two({ Delimiter: "/", Prefix: "b/" });
  assert.deepEqual([keysOf(below), prefixesOf(below), below.Prefix, below.Delimiter], [["b/1", "b/2"], ["b/c/"], "b/", "/"]);
});

test("encoding-type=url", async () => {
  const listed = await two({ EncodingType: "url", Prefix: "d " });
  assert.deepEqual([keysOf(listed), listed.Prefix, listed.EncodingType], [["d%20e%2Bf%26g%25"], "d%20", "url"]);
  await fails(two({ EncodingType: "base64" as "url" }), "InvalidArgument", 400);
});

for (const size of [1, 2, 3])
  test(`pages of ${size}, by token and by marker`, async () => {
    for (const Delimiter of [undefined, "/"]) {
      const whole = await two({ Delimiter });
      const all = [...keysOf(whole), ...prefixesOf(whole)].sort();
      const seen: (string | undefined)[] = [];
      for await (const page of sdk.paginateListObjectsV2({ client: s3, pageSize: size }, { Bucket, Delimiter }))
        seen.push(...keysOf(page), ...prefixesOf(page));
      assert.deepEqual(seen.sort(), all);
      const old: (string | undefined)[] = [];
      let Marker: string | undefined;
      for (;;) {
        const page = await one({ Delimiter, MaxKeys: size, Marker });
        old.push(...keysOf(page), ...prefixesOf(page));
        if (!page.IsTruncated) break;
        assert.equal(page.NextMarker === undefined, Delimiter === undefined);
        Marker = page.NextMarker ?? page.Contents?.at(-1)?.Key;
      }
      assert.deepEqual(old.sort(), all);
    }
  });

test("start-after, limits and bad tokens", async () => {
  assert.deepEqual(keysOf(await two({ StartAfter: "b0" })).slice(0, 1), ["d e+f&g%"]);
  assert.deepEqual(keysOf(await two({ MaxKeys: 0 })), []);
  assert.equal((await two({ MaxKeys: 5000 })).MaxKeys, 5000);
  await fails(two({ MaxKeys: -1 }), "InvalidArgument", 400);
  await fails(two({ ContinuationToken: "nonsense!" }), "InvalidArgument", 400);
  await fails(s3.send(new sdk.ListObjectsV2Command({ Bucket: "no-such-bucket" })), "NoSuchBucket", 404);
});
