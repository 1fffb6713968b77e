import assert from "node:assert/strict";
import { test } from "node:test";
import { letsLambdaIn } from "./roles.ts";

const trusting = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: statement });
const policies: [string, string, boolean][] = [
  ["Lambda", trusting([{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }]), true],
  [
    "one statement, lists",
    trusting({ Effect: "Allow", Principal: { Service: ["a.amazonaws.com", "lambda.amazonaws.com"] }, Action: ["sts:AssumeRole"] }),
    true,
  ],
  [
    "percent-encoded",
    encodeURIComponent(trusting([{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:*" }])),
    true,
  ],
  ["anybody", trusting([{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }]), true],
  ["another service", trusting([{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }]), false],
  ["a denial", trusting([{ Effect: "Deny", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }]), false],
  ["another action", trusting([{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:TagSession" }]), false],
  ["nothing", "", false],
];
for (const [what, document, expected] of policies)
  test(`a trust policy for ${what} ${expected ? "lets" : "does not let"} Lambda in`, () => assert.equal(letsLambdaIn(document), expected));
