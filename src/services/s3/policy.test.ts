import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPolicy } from "./policy.ts";

const statement = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" };
const policy = (over: object, document: object = {}) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ ...statement, ...over }], ...document });

test("a policy of good form", () => {
  checkPolicy(policy({}), "b");
  checkPolicy(
    policy({ Resource: ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], Action: ["s3:*"], Effect: "Deny", NotPrincipal: { AWS: "1" } }),
    "b",
  );
  checkPolicy(JSON.stringify({ Statement: statement }), "b");
});
const wrong: [string, string][] = [
  ["no JSON", "{"],
  ["a list", "[]"],
  ["another version", policy({}, { Version: "2020-01-01" })],
  ["no statement", JSON.stringify({ Version: "2012-10-17" })],
  ["no effect", policy({ Effect: undefined })],
  ["no principal", policy({ Principal: undefined })],
  ["no action", policy({ Action: undefined })],
  ["another service's action", policy({ Action: "ec2:RunInstances" })],
  ["no resource", policy({ Resource: undefined })],
  ["another bucket", policy({ Resource: "arn:aws:s3:::bb/*" })],
];
for (const [name, text] of wrong)
  test(`a policy with ${name}`, () => assert.throws(() => checkPolicy(text, "b"), { code: "MalformedPolicy" }));
