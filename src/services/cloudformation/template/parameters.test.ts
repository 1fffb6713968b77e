import assert from "node:assert/strict";
import { test } from "node:test";
import { checkParameters, chooseParameters, type GivenParameter, parameterResult, type ParameterValues } from "./parameters.ts";
import type { ParameterDeclaration, Template } from "./template.ts";

const template = (declaration: ParameterDeclaration): Template => ({ Parameters: { P: declaration }, Resources: {} });
const given = (value?: string): GivenParameter[] => (value === undefined ? [] : [{ ParameterKey: "P", ParameterValue: value }]);
const result = (declaration: ParameterDeclaration, value?: string) => {
  const values = checkParameters(template(declaration), chooseParameters(template(declaration), given(value), {}), {});
  return parameterResult(values.P as ParameterValues[string]);
};

const good: [name: string, declaration: ParameterDeclaration, value: string | undefined, expected: unknown][] = [
  ["given", { Type: "String" }, "a", "a"],
  ["default", { Type: "String", Default: "d" }, undefined, "d"],
  ["a number as default", { Type: "Number", Default: 5 }, undefined, "5"],
  ["given beats default", { Type: "String", Default: "d" }, "a", "a"],
  ["empty text counts", { Type: "String", Default: "d" }, "", ""],
  ["list", { Type: "CommaDelimitedList" }, "a, b,c", ["a", "b", "c"]],
  ["numbers", { Type: "List<Number>" }, "1,2.5", ["1", "2.5"]],
  ["allowed", { Type: "String", AllowedValues: ["a", 5] }, "5", "5"],
  ["pattern of every item", { Type: "CommaDelimitedList", AllowedPattern: "[a-c]" }, "a,b", ["a", "b"]],
  ["pattern", { Type: "String", AllowedPattern: "a|bc" }, "bc", "bc"],
];
for (const [name, declaration, value, expected] of good) test(name, () => assert.deepEqual(result(declaration, value), expected));

const bad: [name: string, declaration: ParameterDeclaration, value: string | undefined, message: string][] = [
  ["no value", { Type: "String" }, undefined, "Parameters: [P] must have values"],
  ["no number", { Type: "Number" }, "x", "Parameter 'P' must be a number."],
  ["empty is no number", { Type: "Number" }, "", "Parameter 'P' must be a number."],
  ["too small", { Type: "Number", MinValue: 3 }, "2", "Parameter 'P' must be a number not less than 3"],
  ["too large", { Type: "Number", MaxValue: 3 }, "4", "Parameter 'P' must be a number not greater than 3"],
  ["too short", { Type: "String", MinLength: 3 }, "ab", "Parameter 'P' must contain at least 3 characters"],
  ["too long", { Type: "String", MaxLength: "1" }, "ab", "Parameter 'P' must contain at most 1 characters"],
  ["not allowed", { Type: "String", AllowedValues: ["a"] }, "b", "Parameter 'P' must be one of AllowedValues"],
  ["pattern matches the whole", { Type: "String", AllowedPattern: "[a-z]+" }, "ab1", "Parameter 'P' must match pattern [a-z]+"],
  ["alternatives match the whole", { Type: "String", AllowedPattern: "a|b" }, "ac", "Parameter 'P' must match pattern a|b"],
  [
    "own words",
    { Type: "String", AllowedPattern: "a", ConstraintDescription: "must be a" },
    "b",
    "Parameter 'P' failed to satisfy constraint: must be a",
  ],
  ["unknown type", { Type: "Strin" }, "b", "Template format error: Unrecognized parameter type: Strin"],
];
for (const [name, declaration, value, message] of bad)
  test(`complains: ${name}`, () => assert.throws(() => result(declaration, value), { message }));

test("a type of another service is refused by name", () => {
  assert.throws(() => result({ Type: "AWS::EC2::VPC::Id" }, "vpc-1"), /AWS::EC2::VPC::Id of P is not implemented/);
});
test("nobody declared it", () => {
  assert.throws(() => chooseParameters(template({ Type: "String", Default: "" }), [{ ParameterKey: "Q", ParameterValue: "1" }], {}), {
    message: "Parameters: [Q] do not exist in the template",
  });
});
test("the previous value is kept when asked for, and only then", () => {
  const previous: ParameterValues = { P: { value: "old", list: false, noEcho: true } };
  assert.deepEqual(
    chooseParameters(template({ Type: "String", Default: "d" }), [{ ParameterKey: "P", UsePreviousValue: true }], previous),
    { P: "old" },
  );
  assert.deepEqual(chooseParameters(template({ Type: "String", Default: "d" }), [], previous), { P: "d" });
  assert.throws(
    () => chooseParameters(template({ Type: "String" }), [{ ParameterKey: "P", UsePreviousValue: true }], {}),
    /usePreviousValue/,
  );
});
test("what Systems Manager said is the value; its name is what is shown", () => {
  const values = checkParameters(template({ Type: "AWS::SSM::Parameter::Value<List<String>>" }), { P: "/name" }, { P: "x,y" });
  assert.equal(values.P?.value, "/name");
  assert.deepEqual(parameterResult(values.P as ParameterValues[string]), ["x", "y"]);
});
