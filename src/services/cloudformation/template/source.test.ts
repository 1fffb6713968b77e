import assert from "node:assert/strict";
import { test } from "node:test";
import { s3Location } from "./source.ts";

const good: [address: string, bucket: string, key: string, version?: string][] = [
  ["https://my-bucket.s3.amazonaws.com/a/b.yml", "my-bucket", "a/b.yml"],
  ["https://my.bucket.s3.eu-west-1.amazonaws.com/a.yml", "my.bucket", "a.yml"],
  ["https://my-bucket.s3-eu-west-1.amazonaws.com/a.yml", "my-bucket", "a.yml"],
  ["https://my-bucket.s3.dualstack.us-east-1.amazonaws.com/a.yml", "my-bucket", "a.yml"],
  ["https://s3.amazonaws.com/my-bucket/a/b.yml", "my-bucket", "a/b.yml"],
  ["https://s3.eu-west-1.amazonaws.com/my-bucket/a.yml", "my-bucket", "a.yml"],
  ["https://s3-eu-west-1.amazonaws.com/my-bucket/a.yml", "my-bucket", "a.yml"],
  ["http://127.0.0.1:4566/my-bucket/a%20b.yml", "my-bucket", "a b.yml"],
  ["http://localhost:4566/my-bucket/a.yml?versionId=v1", "my-bucket", "a.yml", "v1"],
  ["http://my-bucket.s3.localhost:4566/a.yml", "my-bucket", "a.yml"],
  ["https://my-bucket.s3.us-east-1.localhost:4566/a.yml", "my-bucket", "a.yml"],
  ["s3://my-bucket/a.yml", "my-bucket", "a.yml"],
];
for (const [address, bucket, key, version] of good) {
  test(address, () => assert.deepEqual(s3Location(address), { bucket, key, ...(version && { version }) }));
}
for (const address of ["", "nonsense", "ftp://a/b", "https://s3.amazonaws.com/only-bucket", "https://ec2.amazonaws.com/a/b"]) {
  test(`refused: ${address}`, () => assert.throws(() => s3Location(address), { message: "TemplateURL must be a supported URL." }));
}
