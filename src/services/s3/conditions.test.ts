import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCopySource, checkRead, checkWrite, judgeRead, type ReadConditions } from "./conditions.ts";

const state = { etag: "abc", modified: new Date("2026-01-02T03:04:05.678Z") };
const same = new Date("2026-01-02T03:04:05Z");
const before = new Date("2026-01-02T03:04:04Z");
const after = new Date("2026-01-02T03:04:06Z");

const cases: [string, ReadConditions, string][] = [
  ["none", {}, "ok"],
  ["If-Match the same", { IfMatch: '"abc"' }, "ok"],
  ["If-Match without quotes", { IfMatch: "abc" }, "ok"],
  ["If-Match any", { IfMatch: "*" }, "ok"],
  ["If-Match one of a list", { IfMatch: '"x", "abc"' }, "ok"],
  ["If-Match another", { IfMatch: '"x"' }, "If-Match"],
  ["If-None-Match the same", { IfNoneMatch: '"abc"' }, "not-modified"],
  ["If-None-Match weak", { IfNoneMatch: 'W/"abc"' }, "not-modified"],
  ["If-None-Match another", { IfNoneMatch: '"x"' }, "ok"],
  ["unmodified since its own second", { IfUnmodifiedSince: same }, "ok"],
  ["unmodified since before", { IfUnmodifiedSince: before }, "If-Unmodified-Since"],
  ["modified since its own second", { IfModifiedSince: same }, "not-modified"],
  ["modified since before", { IfModifiedSince: before }, "ok"],
  ["modified since after", { IfModifiedSince: after }, "not-modified"],
  ["If-Match holds, date does not", { IfMatch: "abc", IfUnmodifiedSince: before }, "ok"],
  ["If-None-Match matches, date says modified", { IfNoneMatch: "abc", IfModifiedSince: before }, "not-modified"],
  ["If-None-Match differs, date says unmodified", { IfNoneMatch: "x", IfModifiedSince: after }, "ok"],
  ["a failed If-Match comes first", { IfMatch: "x", IfNoneMatch: "abc" }, "If-Match"],
];
for (const [name, when, expected] of cases)
  test(`reading: ${name}`, () => {
    const judged = judgeRead(state, when);
    assert.equal(typeof judged === "string" ? judged : judged.failed, expected);
  });

test("a read that is not modified is a 304 with the object's headers", () => {
  assert.throws(() => checkRead(state, { IfNoneMatch: "abc" }, { etag: '"abc"' }), { status: 304, headers: { etag: '"abc"' } });
  assert.throws(() => checkRead(state, { IfMatch: "x" }, {}), { code: "PreconditionFailed", status: 412 });
});
test("a copy's source never answers 304", () => {
  assert.throws(() => checkCopySource(state, { IfNoneMatch: "abc" }), { code: "PreconditionFailed", status: 412 });
  checkCopySource(state, { IfMatch: "abc" });
});
test("conditions on writes", () => {
  checkWrite("k", undefined, { IfNoneMatch: "*" });
  checkWrite("k", state, { IfMatch: '"abc"' });
  assert.throws(() => checkWrite("k", state, { IfNoneMatch: "*" }), { code: "PreconditionFailed" });
  assert.throws(() => checkWrite("k", state, { IfNoneMatch: '"abc"' }), { code: "NotImplemented" });
  assert.throws(() => checkWrite("k", state, { IfMatch: "x" }), { code: "PreconditionFailed" });
  assert.throws(() => checkWrite("k", undefined, { IfMatch: "abc" }), { code: "NoSuchKey" });
});
