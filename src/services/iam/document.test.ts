import assert from "node:assert/strict";
import { test } from "node:test";
import { awsPolicies } from "./aws-policies.ts";
import { encoded, faultOf, weightOf } from "./document.ts";

const allow = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const trust = { Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" };
const policy = (Statement: unknown, rest: object = { Version: "2012-10-17" }) => JSON.stringify({ ...rest, Statement });

const identity: [what: string, document: string, fault: RegExp | undefined][] = [
  ["one statement, not in a list", policy(allow), undefined],
  ["a list of statements", policy([allow, { ...allow, Effect: "Deny" }]), undefined],
  ["no version", policy(allow, {}), undefined],
  [
    "lists of actions and resources",
    policy({ ...allow, Action: ["s3:*", "sqs:SendMessage"], Resource: ["arn:aws:s3:::b/*", "*"] }),
    undefined,
  ],
  ["NotAction", policy({ Effect: "Allow", NotAction: "iam:*", Resource: "*" }), undefined],
  [
    "a condition",
    policy({ ...allow, Condition: { StringEquals: { "aws:PrincipalTag/team": ["a", "b"] }, Bool: { "aws:SecureTransport": true } } }),
    undefined,
  ],
  ["a condition over sets", policy({ ...allow, Condition: { "ForAnyValue:StringLikeIfExists": { "aws:TagKeys": "x*" } } }), undefined],
  ["no JSON", "{", /Syntax errors/],
  ["a list", "[]", /Syntax errors/],
  ["another version", policy(allow, { Version: "2020-01-01" }), /legacy parsing/],
  ["no statement", JSON.stringify({ Version: "2012-10-17" }), /no Statement/],
  ["an empty list", policy([]), /empty/],
  ["a misspelt element", policy({ ...allow, Ressource: "*" }), /Ressource/],
  ["a misspelt element outside", JSON.stringify({ Statement: allow, Statements: allow }), /Statements/],
  ["an effect that is none", policy({ ...allow, Effect: "allow" }), /Effect/],
  ["no action", policy({ Effect: "Allow", Resource: "*" }), /must contain actions/],
  ["no resource", policy({ Effect: "Allow", Action: "s3:*" }), /must contain resources/],
  ["an empty list of resources", policy({ ...allow, Resource: [] }), /must contain resources/],
  ["both action and not-action", policy({ ...allow, NotAction: "s3:*" }), /exclude each other/],
  ["an action without its service", policy({ ...allow, Action: "GetObject" }), /prefaced by a vendor/],
  ["a resource that is no ARN", policy({ ...allow, Resource: "bucket" }), /ARN format/],
  ["a principal", policy({ ...allow, Principal: "*" }), /should not specify a principal/],
  ["a Sid with a space", policy({ ...allow, Sid: "a b" }), /alpha-numeric/],
  [
    "a Sid twice",
    policy([
      { ...allow, Sid: "a" },
      { ...allow, Sid: "a" },
    ]),
    /unique/,
  ],
  ["an unknown operator", policy({ ...allow, Condition: { StringSame: { "aws:a": "b" } } }), /Invalid Condition type/],
  ["a condition key without its service", policy({ ...allow, Condition: { StringEquals: { a: "b" } } }), /prefaced by a vendor/],
];
for (const [what, document, fault] of identity)
  test(`an identity's policy with ${what}`, () => {
    if (fault) assert.match(faultOf(document, "identity") ?? "", fault);
    else assert.equal(faultOf(document, "identity"), undefined);
  });

const trusts: [what: string, document: string, fault: RegExp | undefined][] = [
  ["one statement, not in a list", policy(trust), undefined],
  ["accounts and roles", policy({ ...trust, Principal: { AWS: ["123456789012", "arn:aws:iam::123456789012:role/x"] } }), undefined],
  ["anybody", policy({ ...trust, Principal: "*" }), undefined],
  ["session tags too", policy({ ...trust, Action: ["sts:AssumeRole", "sts:TagSession"] }), undefined],
  ["a resource", policy({ ...trust, Resource: "*" }), /prohibited field Resource/],
  ["no principal", policy({ Effect: "Allow", Action: "sts:AssumeRole" }), /required field Principal/],
  ["another service's action", policy({ ...trust, Action: "s3:GetObject" }), /only specify STS/],
  ["a service that is none", policy({ ...trust, Principal: { Service: "codebuild" } }), /Invalid principal.*SERVICE/],
  ["an unknown kind of principal", policy({ ...trust, Principal: { Team: "a" } }), /Invalid principal/],
  ["a principal that is a text", policy({ ...trust, Principal: "arn:aws:iam::123456789012:root" }), /Principal/],
];
for (const [what, document, fault] of trusts)
  test(`a trust policy with ${what}`, () => {
    if (fault) assert.match(faultOf(document, "trust") ?? "", fault);
    else assert.equal(faultOf(document, "trust"), undefined);
  });

test("documents are answered percent-encoded", () => assert.equal(encoded(`{"a":"b*(c)'!"}`), "%7B%22a%22%3A%22b%2A%28c%29%27%21%22%7D"));
test("white space weighs nothing", () => assert.equal(weightOf(' { "a" :\n 1 } '), 7));

test("every policy of AWS is a sound policy", () => {
  for (const { arn, document } of awsPolicies.values()) assert.equal(faultOf(document, "identity"), undefined, arn);
  assert.ok(awsPolicies.has("arn:aws:iam::aws:policy/AdministratorAccess"));
  assert.equal(awsPolicies.get("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")?.path, "/service-role/");
});
