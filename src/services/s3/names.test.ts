import assert from "node:assert/strict";
import { test } from "node:test";
import { checkKey, fromPart, isBucketName, toPart } from "./names.ts";

const good = ["abc", "my-bucket", "a.b.c", "123", "log-delivery-march-2020", "x".repeat(63), "a--b"];
const bad = [
  "ab",
  "x".repeat(64),
  "Upper",
  "under_score",
  "-start",
  "end-",
  ".start",
  "end.",
  "a..b",
  "a.-b",
  "a-.b",
  "192.168.5.4",
  "xn--a",
  "sthree-a",
  "a-s3alias",
  "a--x-s3",
  "amzn-s3-demo-x",
  "sp ace",
  "ü-b",
];
for (const name of good) test(`${name} is a bucket name`, () => assert.equal(isBucketName(name), true));
for (const name of bad) test(`${name} is no bucket name`, () => assert.equal(isBucketName(name), false));

test("keys are at most 1024 bytes, not characters", () => {
  checkKey("ü".repeat(512));
  assert.throws(() => checkKey("ü".repeat(513)), { code: "KeyTooLongError" });
});

test("control characters survive the store, in order and with their prefixes", () => {
  const keys = [
    "",
    "\0",
    "\0\u0001",
    "\u0001",
    "\u0001\0",
    "\u0002",
    "\u0002\u0002",
    "\u0002\u0004",
    "\u0003",
    "a",
    "a\0",
    "a\u0002b",
    "b",
  ];
  const parts = keys.map(toPart);
  assert.deepEqual(parts.map(fromPart), keys);
  for (const part of parts) assert.doesNotMatch(part, /[\0\u0001]/);
  assert.deepEqual([...parts].sort(), parts);
  for (const one of keys) for (const other of keys) assert.equal(toPart(other).startsWith(toPart(one)), other.startsWith(one));
});
