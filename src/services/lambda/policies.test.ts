import assert from "node:assert/strict";
import { test } from "node:test";
import { letsAnybodyIn, statementOf } from "./policies.ts";

const arn = "arn:aws:lambda:us-east-1:123456789012:function:f";
const least = { FunctionName: "f", StatementId: "s", Action: "lambda:InvokeFunction" };

const statements: [string, object, object][] = [
  [
    "a service",
    { Principal: "sns.amazonaws.com", SourceArn: "arn:aws:sns:us-east-1:123456789012:t" },
    { Principal: { Service: "sns.amazonaws.com" }, Condition: { ArnLike: { "AWS:SourceArn": "arn:aws:sns:us-east-1:123456789012:t" } } },
  ],
  ["an account", { Principal: "123456789012" }, { Principal: { AWS: "arn:aws:iam::123456789012:root" } }],
  ["a role", { Principal: "arn:aws:iam::123456789012:role/r" }, { Principal: { AWS: "arn:aws:iam::123456789012:role/r" } }],
  [
    "anybody",
    { Principal: "*", FunctionUrlAuthType: "NONE" },
    { Principal: "*", Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } } },
  ],
];
for (const [who, input, expected] of statements)
  test(`a permission for ${who}`, () =>
    assert.deepEqual(statementOf({ ...least, ...input } as never, arn), {
      Sid: "s",
      Effect: "Allow",
      Action: "lambda:InvokeFunction",
      Resource: arn,
      ...expected,
    }));

test("an action of another service is refused", () => {
  assert.throws(() => statementOf({ ...least, Action: "s3:GetObject", Principal: "*" } as never, arn), {
    name: "InvalidParameterValueException",
  });
});

const url = { ...least, Action: "lambda:InvokeFunctionUrl", Principal: "*" };
const open: [string, object, boolean][] = [
  ["the usual statement", { ...url, FunctionUrlAuthType: "NONE" }, true],
  ["no condition", url, true],
  ["only signed calls", { ...url, FunctionUrlAuthType: "AWS_IAM" }, false],
  ["one account", { ...url, Principal: "123456789012" }, false],
  ["plain invocations", { ...url, Action: "lambda:InvokeFunction" }, false],
  ["an organisation", { ...url, PrincipalOrgID: "o-1234567890" }, false],
];
for (const [what, input, expected] of open)
  test(`a policy for ${what} ${expected ? "opens" : "does not open"} the URL`, () =>
    assert.equal(letsAnybodyIn({ statements: [statementOf(input as never, arn)], revisionId: "r" }), expected));
test("no policy opens nothing", () => assert.equal(letsAnybodyIn(undefined), false));
