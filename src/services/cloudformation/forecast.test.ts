import assert from "node:assert/strict";
import { test } from "node:test";
import type { Types } from "./declared.ts";
import { dependencyGraph } from "./declared.ts";
import { forecast } from "./forecast.ts";
import { placeOf } from "./prepare.ts";
import type { Resource, Stack, Version } from "./records.ts";
import type { ResourceType } from "./resources/resource.ts";
import { Unknown } from "./template/functions.ts";
import { readTemplate } from "./template/read.ts";
import { checkTemplate } from "./template/template.ts";

const stack = { account: "123456789012", region: "us-east-1", id: "arn:stack", name: "s", uuid: "u", outputs: [] } as unknown as Stack;
const type = (properties: string[], more: Partial<ResourceType> = {}): ResourceType => ({
  properties,
  create: async () => ({ physicalId: "x" }),
  update: async () => ({ physicalId: "x" }),
  delete: async () => {},
  ...more,
});
const types: Types = new Map([
  ["AWS::SNS::Topic", type(["TopicName", "DisplayName", "Tags"])],
  ["AWS::SNS::TopicPolicy", type(["PolicyDocument", "Topics"])],
  ["AWS::SSM::Parameter", type(["Name", "Type", "Value"], { changing: ["Value"] })],
]);
const version = (text: string, parameters: Record<string, string> = {}): Version => ({
  id: "v",
  body: text,
  template: checkTemplate(readTemplate(text).value),
  transforms: [],
  parameters: Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, { value, list: false, noEcho: name === "Secret" }]),
  ),
  capabilities: [],
  tags: [],
  notificationArns: [],
  imports: [],
});
const stands = (logicalId: string, resourceType: string, properties: object, attributes: object = {}): Resource => ({
  logicalId,
  type: resourceType,
  status: "CREATE_COMPLETE",
  at: "",
  stands: {
    type: resourceType,
    physicalId: `physical-${logicalId}`,
    properties: properties as Record<string, unknown>,
    attributes: attributes as Record<string, unknown>,
    needs: [],
  },
});
const run = (records: Resource[], before: Version, after: Version) => {
  const graph = dependencyGraph(after, placeOf(stack, []), () => new Unknown([]), types);
  return forecast(stack, new Map(records.map((one) => [one.logicalId, one])), before, {
    version: after,
    graph,
    types,
    needs: { capabilities: [] },
    imports: new Map(),
  });
};
const short = (result: ReturnType<typeof run>) =>
  result.changes.map((change) => [
    change.action,
    change.logicalId,
    change.replacement,
    change.details.map(
      (detail) =>
        `${detail.evaluation} ${detail.source} ${detail.name ?? detail.attribute} ${detail.requires}${detail.causing ? ` < ${detail.causing}` : ""}`,
    ),
  ]);

const topic = "  T:\n    Type: AWS::SNS::Topic\n    Properties:\n";
const policy = "  P:\n    Type: AWS::SNS::TopicPolicy\n    Properties:\n      PolicyDocument: {a: 1}\n      Topics: [!Ref T]\n";
const policyStands = stands("P", "AWS::SNS::TopicPolicy", { PolicyDocument: { a: 1 }, Topics: ["physical-T"] });

test("nothing changes", () => {
  const text = version(`Resources:\n${topic}      DisplayName: a\n${policy}`);
  const result = run([stands("T", "AWS::SNS::Topic", { DisplayName: "a" }), policyStands], text, text);
  assert.deepEqual(short(result), []);
  assert.equal(result.idle, true);
});
test("a change in place does not reach those that refer to it", () => {
  const before = version(`Resources:\n${topic}      DisplayName: a\n${policy}`);
  const after = version(`Resources:\n${topic}      DisplayName: b\n${policy}`);
  assert.deepEqual(short(run([stands("T", "AWS::SNS::Topic", { DisplayName: "a" }), policyStands], before, after)), [
    ["Modify", "T", "False", ["Static DirectModification DisplayName Never"]],
  ]);
});
test("a replacement reaches those that refer to it", () => {
  const before = version(`Resources:\n${topic}      TopicName: a\n${policy}`);
  const after = version(`Resources:\n${topic}      TopicName: b\n${policy}`);
  assert.deepEqual(short(run([stands("T", "AWS::SNS::Topic", { TopicName: "a" }), policyStands], before, after)), [
    ["Modify", "T", "True", ["Static DirectModification TopicName Always"]],
    ["Modify", "P", "False", ["Dynamic ResourceReference Topics Never < T"]],
  ]);
});
test("a parameter is named as the cause", () => {
  const text = `Parameters: {N: {Type: String}}\nResources:\n${topic}      TopicName: !Sub 'x-\${N}'\n`;
  const result = run([stands("T", "AWS::SNS::Topic", { TopicName: "x-a" })], version(text, { N: "a" }), version(text, { N: "b" }));
  assert.deepEqual(short(result), [["Modify", "T", "True", ["Static ParameterReference TopicName Always < N"]]]);
});
test("added and removed", () => {
  const before = version(`Resources:\n${topic}      TopicName: a\n`);
  const after = version(`Resources:\n  U:\n    Type: AWS::SNS::Topic\n`);
  assert.deepEqual(short(run([stands("T", "AWS::SNS::Topic", { TopicName: "a" })], before, after)), [
    ["Add", "U", undefined, []],
    ["Remove", "T", undefined, []],
  ]);
});
test("an attribute that may change with an update is unknown until then; one that may make a replacement is conditional", () => {
  const text = (value: string) =>
    version(
      `Resources:\n  S:\n    Type: AWS::SSM::Parameter\n    Properties: {Type: String, Value: ${value}}\n${topic}      TopicName: !GetAtt S.Value\n      DisplayName: !Ref S\n`,
    );
  const records = [
    stands("S", "AWS::SSM::Parameter", { Type: "String", Value: "a" }, { Value: "a" }),
    stands("T", "AWS::SNS::Topic", { TopicName: "a", DisplayName: "physical-S" }),
  ];
  assert.deepEqual(short(run(records, text("a"), text("b"))), [
    ["Modify", "S", "False", ["Static DirectModification Value Never"]],
    ["Modify", "T", "Conditional", ["Dynamic ResourceAttribute TopicName Always < S.Value"]],
  ]);
});
test("metadata and policies", () => {
  const before = version(`Resources:\n${topic}      TopicName: a\n`);
  const after = version(`Resources:\n${topic}      TopicName: a\n    DeletionPolicy: Retain\n    Metadata: {a: 1}\n`);
  assert.deepEqual(short(run([stands("T", "AWS::SNS::Topic", { TopicName: "a" })], before, after)), [
    ["Modify", "T", "False", ["Static DirectModification Metadata Never", "Static DirectModification DeletionPolicy Never"]],
  ]);
});
test("only outputs change: no resource does, and yet it is an update", () => {
  const before = version(`Resources:\n${topic}      TopicName: a\n`);
  const after = version(`Resources:\n${topic}      TopicName: a\nOutputs: {O: {Value: !Ref T}}\n`);
  const result = run([stands("T", "AWS::SNS::Topic", { TopicName: "a" })], before, after);
  assert.deepEqual([result.changes, result.idle], [[], false]);
});
test("secrets are hidden in values", () => {
  const text = `Parameters: {Secret: {Type: String, NoEcho: true}}\nResources:\n${topic}      DisplayName: !Sub 'x-\${Secret}'\n`;
  const result = run(
    [stands("T", "AWS::SNS::Topic", { DisplayName: "x-hunter2" })],
    version(text, { Secret: "hunter2" }),
    version(text, { Secret: "hunter3" }),
  );
  assert.doesNotMatch(JSON.stringify(result), /hunter/);
  assert.match(JSON.stringify(result), /x-\*\*\*\*/);
});
