import assert from "node:assert/strict";
import { test } from "node:test";
import { matcherOf, wants } from "./match.ts";
import type { Event } from "./records.ts";

const event: Event = {
  version: "0",
  id: "1",
  "detail-type": "CodeCommit Repository State Change",
  source: "aws.codecommit",
  account: "123456789012",
  time: "2026-01-01T00:00:00Z",
  region: "us-east-1",
  resources: ["arn:aws:codecommit:us-east-1:123456789012:app"],
  detail: { event: "referenceUpdated", referenceType: "branch", referenceName: "master" },
};
/** As the console and CDK write it for a pipeline. */
const pushToMaster = JSON.stringify({
  source: ["aws.codecommit"],
  "detail-type": ["CodeCommit Repository State Change"],
  resources: ["arn:aws:codecommit:us-east-1:123456789012:app"],
  detail: { event: ["referenceCreated", "referenceUpdated"], referenceType: ["branch"], referenceName: ["master"] },
});

test("a rule wants what its pattern matches", () => assert.equal(wants({ enabled: true, pattern: pushToMaster }, event), true));
test("another branch is not wanted", () =>
  assert.equal(wants({ enabled: true, pattern: pushToMaster }, { ...event, detail: { ...event.detail, referenceName: "x" } }), false));
test("a disabled rule wants nothing", () => assert.equal(wants({ enabled: false, pattern: pushToMaster }, event), false));
test("a schedule's rule wants no event", () => assert.equal(wants({ enabled: true }, event), false));
test("what is no JSON is refused in EventBridge's words", () =>
  assert.throws(() => matcherOf("{"), { name: "InvalidEventPatternException", message: /^Event pattern is not valid. Reason: / }));
test("what is no pattern is refused in EventBridge's words", () =>
  assert.throws(() => matcherOf('{"source":"aws.s3"}'), {
    name: "InvalidEventPatternException",
    message: /"source" must be an object or an array/,
  }));
