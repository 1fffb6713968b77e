import assert from "node:assert/strict";
import { test } from "node:test";
import { copySourceOf } from "./copy-source.ts";

const cases: [string, object][] = [
  ["bucket/key", { bucket: "bucket", key: "key" }],
  ["/bucket/a/b", { bucket: "bucket", key: "a/b" }],
  ["bucket/a%20b%2Bc%3F", { bucket: "bucket", key: "a b+c?" }],
  ["bucket%2Fa%2Fb", { bucket: "bucket", key: "a/b" }],
  ["bucket/a+b", { bucket: "bucket", key: "a+b" }],
  ["bucket/key?versionId=v.1", { bucket: "bucket", key: "key", versionId: "v.1" }],
  ["bucket/what?ever", { bucket: "bucket", key: "what?ever" }],
  ["bucket//key", { bucket: "bucket", key: "/key" }],
  ["bucket/%C3%BC", { bucket: "bucket", key: "ü" }],
];
for (const [header, expected] of cases) test(`copy source ${header}`, () => assert.deepEqual(copySourceOf(header), expected));
for (const wrong of [undefined, "", "bucket", "bucket/", "/", "bucket/%zz"])
  test(`no copy source: ${wrong}`, () => assert.throws(() => copySourceOf(wrong), { code: "InvalidArgument" }));
