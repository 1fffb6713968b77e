import assert from "node:assert/strict";
import { test } from "node:test";
import { absent, evaluate, type Result, type Scope, truth, Unknown, unknownCauses } from "./functions.ts";
import { readTemplate } from "./read.ts";
import { TemplateError, type Value } from "./value.ts";

const parameters: Record<string, Result> = {
  Name: "joe",
  List: ["a", "b"],
  Count: "2",
  "AWS::Region": "eu-west-1",
  "AWS::AccountId": "123456789012",
  "AWS::NoValue": absent,
};
const scope: Scope = {
  parameter: (name) => parameters[name],
  ref: (id) => {
    if (id === "Topic") return "arn:topic";
    if (id === "New") return new Unknown(["New"]);
    throw new TemplateError(`Unresolved resource dependencies [${id}]`);
  },
  attribute: (id, attribute) => (id === "New" ? new Unknown([`New.${attribute}`]) : `${id}!${attribute}`),
  condition: (name) => name === "Yes",
  importValue: (name) => `imported ${name}`,
  mappings: { Regions: { "eu-west-1": { Ami: "ami-1", Zones: ["x", "y"] } } },
  region: "eu-west-1",
};
const run = (yaml: string): unknown => {
  const { value } = readTemplate(`x: ${yaml}`);
  return (evaluate(value, scope) as { x?: unknown }).x;
};

const cases: [yaml: string, expected: unknown][] = [
  ["!Ref Name", "joe"],
  ["!Ref List", ["a", "b"]],
  ["!Ref Topic", "arn:topic"],
  ["!Ref 'AWS::NoValue'", undefined],
  ["[1, !Ref 'AWS::NoValue', 2]", [1, 2]],
  ["!GetAtt Topic.TopicName", "Topic!TopicName"],
  ["!GetAtt Nested.Outputs.Url", "Nested!Outputs.Url"],
  ["{'Fn::GetAtt': 'Topic.Arn'}", "Topic!Arn"],
  ["!GetAtt [Topic, !Ref Name]", "Topic!joe"],
  ["!Sub 'a-${Name}-${AWS::Region}-${Topic}-${Topic.Arn}'", "a-joe-eu-west-1-arn:topic-Topic!Arn"],
  ["!Sub '${!Name}-${Name}'", "${Name}-joe"],
  ["!Sub ['${Name}${y}', {Name: sue, y: !Ref Count}]", "sue2"],
  ["!Sub ''", ""],
  ["!Sub '$ {} $x'", "$ {} $x"],
  ["!Join ['-', [a, 1, !Ref Name, !Ref 'AWS::NoValue']]", "a-1-joe"],
  ["!Join [',', !Ref List]", "a,b"],
  ["!Select [1, !Ref List]", "b"],
  ["!Select ['0', [x, y]]", "x"],
  ["!Split ['|', 'a||b']", ["a", "", "b"]],
  ["!Select [2, !Split [':', 'a:b:c']]", "c"],
  ["!FindInMap [Regions, !Ref 'AWS::Region', Ami]", "ami-1"],
  ["!FindInMap [Regions, eu-west-1, Zones]", ["x", "y"]],
  ["!FindInMap [Regions, none, Ami, {DefaultValue: d}]", "d"],
  ["!If [Yes, 1, 2]", 1],
  ["!If [No, 1, !Ref Name]", "joe"],
  ["!ImportValue 'net'", "imported net"],
  ["!ImportValue\n  'Fn::Sub': 'n-${Name}'", "imported n-joe"],
  ["!Base64 hi", "aGk="],
  ["!GetAZs ''", ["eu-west-1a", "eu-west-1b", "eu-west-1c"]],
  ["!Cidr ['10.0.0.0/16', 3, 8]", ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]],
  ["!Cidr ['10.0.0.0/24', 2, 5]", ["10.0.0.0/27", "10.0.0.32/27"]],
  ["!Cidr ['2001:db8::/56', 2, 64]", ["2001:db8::/64", "2001:db8:0:1::/64"]],
  ["!Length [a, b, c]", 3],
  ["!ToJsonString {a: !Ref Name, b: [1]}", '{"a":"joe","b":[1]}'],
  ["!Equals [a, a]", true],
  ["{Ref: Name, Other: 1}", { Ref: "Name", Other: 1 }],
];
for (const [yaml, expected] of cases) test(yaml, () => assert.deepEqual(run(yaml), expected));

const complaints: [yaml: string, message: RegExp][] = [
  ["!Ref Nobody", /Unresolved resource dependencies \[Nobody\]/],
  ["!Ref [a]", /every Ref object must have a single String value/],
  ["!GetAtt Topic", /every Fn::GetAtt object requires two non-empty parameters/],
  ["!Join [a]", /every Fn::Join object requires two parameters/],
  ["!Join ['', 'text']", /every Fn::Join object requires two parameters/],
  ["!Select [7, [a]]", /Fn::Select cannot select nonexistent value at index 7/],
  ["!Select [-1, [a]]", /nonexistent value at index -1/],
  ["!FindInMap [Nope, a, b]", /Mapping named 'Nope' is not present/],
  ["!FindInMap [Regions, nope, Ami]", /Unable to get mapping for Regions::nope::Ami/],
  ["!FindInMap [Regions, eu-west-1]", /every Fn::FindInMap object requires three parameters/],
  ["!If [Yes, 1]", /Fn::If requires a list argument with three elements/],
  ["!Sub '${a b}'", /variable names in Fn::Sub/],
  ["!Sub '${List}'", /is no string/],
  ["{'Fn::Nope': 1}", /Unknown function: Fn::Nope/],
  ["{'Fn::Sub': a, other: b}", /Fn::Sub must be the only key/],
  ["!Cidr ['10.0.0.0/24', 20, 5]", /cannot divide/],
  ["!Cidr ['300.0.0.0/24', 2, 5]", /cannot divide/],
  ["!Base64 [a]", /every Fn::Base64 object must have a String-typed value/],
];
for (const [yaml, message] of complaints) test(`complains: ${yaml}`, () => assert.throws(() => run(yaml), { message }));

test("what is not yet known stays so, with its causes", () => {
  const value = evaluate({ a: { "Fn::Sub": "x${New}-${New.Arn}" }, b: { "Fn::Join": ["", ["a", { Ref: "New" }]] }, c: 1 }, scope);
  assert.deepEqual(unknownCauses(value), ["New", "New.Arn", "New"]);
  assert.equal((value as { c: number }).c, 1);
  assert.equal(evaluate({ "Fn::Select": [1, [{ Ref: "New" }, "known"]] }, scope), "known");
  assert.deepEqual(unknownCauses(evaluate({ "Fn::ToJsonString": { a: { Ref: "New" } } }, scope)), ["New"]);
});

const truths: [node: Value, expected: boolean][] = [
  [{ "Fn::Equals": [{ Ref: "Name" }, "joe"] }, true],
  [{ "Fn::Equals": [1, "1"] }, true],
  [{ "Fn::Equals": [true, "true"] }, true],
  [{ "Fn::Equals": [{ Ref: "List" }, ["a", "b"]] }, true],
  [{ "Fn::Equals": [{ Ref: "Name" }, ""] }, false],
  [{ "Fn::Not": [{ Condition: "Yes" }] }, false],
  [{ "Fn::And": [{ Condition: "Yes" }, { "Fn::Equals": ["a", "a"] }] }, true],
  [{ "Fn::Or": [{ Condition: "No" }, { Condition: "No" }] }, false],
];
for (const [node, expected] of truths) test(`${JSON.stringify(node)} is ${expected}`, () => assert.equal(truth(node, scope), expected));
test("a condition function wants its arguments", () => {
  assert.throws(() => truth({ "Fn::And": [{ Condition: "Yes" }] }, scope), /Fn::And object requires a list of at least 2 and at most 10/);
  assert.throws(() => truth({ "Fn::Equals": ["a"] }, scope), /every Fn::Equals object requires a list of 2 string parameters/);
  assert.throws(() => truth({ "Fn::Sub": "a" }, scope), /no condition function/);
});
