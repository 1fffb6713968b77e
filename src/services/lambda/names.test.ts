import assert from "node:assert/strict";
import { test } from "node:test";
import { functionArn, layerArn, readFunctionName, readLayerArn, roleName, versionKey } from "./names.ts";

const functions: [string, ReturnType<typeof readFunctionName>][] = [
  ["f", { name: "f", qualifier: undefined, account: undefined, region: undefined }],
  ["f:live", { name: "f", qualifier: "live", account: undefined, region: undefined }],
  ["f:$LATEST", { name: "f", qualifier: "$LATEST", account: undefined, region: undefined }],
  ["123456789012:function:f", { name: "f", qualifier: undefined, account: "123456789012", region: undefined }],
  ["function:f:3", { name: "f", qualifier: "3", account: undefined, region: undefined }],
  ["arn:aws:lambda:eu-west-1:123456789012:function:f", { name: "f", qualifier: undefined, account: "123456789012", region: "eu-west-1" }],
  [
    "arn:aws:lambda:us-gov-west-1:123456789012:function:f:7",
    { name: "f", qualifier: "7", account: "123456789012", region: "us-gov-west-1" },
  ],
  ["a b", undefined],
  ["", undefined],
  ["x".repeat(65), undefined],
];
for (const [text, expected] of functions)
  test(`the function name ${text.slice(0, 50)}`, () => assert.deepEqual(readFunctionName(text), expected));

test("an ARN read is the ARN written", () => {
  const place = { account: "123456789012", region: "us-east-1" };
  assert.equal(functionArn(place, "f", "live"), "arn:aws:lambda:us-east-1:123456789012:function:f:live");
  assert.deepEqual(readLayerArn(layerArn(place, "l", 3)), { ...place, layer: "l", version: 3 });
  assert.deepEqual(readLayerArn(layerArn(place, "l")), { ...place, layer: "l", version: undefined });
  assert.equal(readLayerArn("arn:aws:s3:::b"), undefined);
});

test("versions as keys sort as numbers", () => {
  assert.deepEqual(["10", "9", "1"].map(versionKey).sort().map(Number), [1, 9, 10]);
});

test("a role's name is the last part of its path", () => {
  assert.equal(roleName("arn:aws:iam::123456789012:role/service-role/worker"), "worker");
});
