import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { containerLine, createMask, phaseComplete } from "./log-lines.ts";
import { parseSecretReference, secretValue } from "./secrets.ts";

it("containerLine", () =>
  assert.equal(
    containerLine(Date.UTC(2026, 10, 23, 20, 0, 0, 7), "Entering phase BUILD"),
    "[Container] 2026/11/23 20:00:00.007000 Entering phase BUILD",
  ));
it("phaseComplete", () => {
  assert.deepEqual(phaseComplete("BUILD", "SUCCEEDED"), [
    "Phase complete: BUILD State: SUCCEEDED",
    "Phase context status code:  Message: ",
  ]);
});

describe("createMask", () => {
  it("hides every secret, the longest first", () =>
    assert.equal(createMask(["abc", "abcdef", "$x.*"])("abcdef abc $x.* abd"), "*** *** *** abd"));
  it("hides each line of a long one", () => assert.equal(createMask(["one line\ntwo lines"])("has two lines"), "has ***"));
  it("leaves very short ones", () => assert.equal(createMask(["a", ""])("a cat"), "a cat"));
});

describe("secret references", () => {
  const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";
  for (const [text, expected] of [
    ["db", { id: "db", key: undefined, stage: undefined, version: undefined }],
    ["db:password", { id: "db", key: "password", stage: undefined, version: undefined }],
    ["db::AWSPREVIOUS", { id: "db", key: undefined, stage: "AWSPREVIOUS", version: undefined }],
    [`${arn}:password::v1`, { id: arn, key: "password", stage: undefined, version: "v1" }],
  ] as const)
    it(text, () => assert.deepEqual(parseSecretReference(text), expected));
  it("take a key out of JSON", () => assert.equal(secretValue({ id: "db", key: "n" }, '{"n":5}'), "5"));
  it("refuse a key that is not there", () => {
    assert.throws(() => secretValue({ id: "db", key: "n" }, "{}"), /has no key n/);
    assert.throws(() => secretValue({ id: "db", key: "n" }, "text"), /is no JSON/);
  });
});
