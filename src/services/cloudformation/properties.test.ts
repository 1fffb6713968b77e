import assert from "node:assert/strict";
import { test } from "node:test";
import { addTags, checkProperties, coerceProperties } from "./properties.ts";
import { Unknown } from "./template/functions.ts";
import type { TypeTable } from "./types.ts";

const table: TypeTable = {
  properties: {
    Name: "!*s",
    Count: "i",
    On: "b",
    Ratio: "n",
    Rules: "[#Rule]",
    Env: "{s}",
    Policy: "s|j",
    Doc: "j",
    Tags: "[t]",
    Vpc: "#Rule",
  },
  definitions: { Rule: { Version: "!s", Deep: "[s]", Odd: "s" } },
  attributes: ["Arn"],
  tags: ["Tags", "standard"],
};
const offered = { properties: Object.keys(table.properties).filter((name) => name !== "Vpc"), refuses: ["Rules.Odd"] };
const check = (properties: Record<string, never> | object) =>
  checkProperties("AWS::X::Y", table, offered, properties as never, undefined, ["Resources", "Z", "Properties"]);

test("good properties pass", () => {
  check({
    Name: "a",
    Count: { Ref: "C" },
    Rules: [{ Version: 1, Deep: ["x"] }, { "Fn::If": ["c", { Anything: 1 }, {}] }],
    Doc: { any: { thing: 1 } },
  });
});
const complaints: [properties: object, message: RegExp][] = [
  [{ Name: "a", Nmae: "b" }, /^Encountered unsupported property Nmae \(Resources\.Z\.Properties\.Nmae\)$/],
  [
    { Name: "a", Rules: [{ Version: "1", Vresion: 1 }] },
    /^Encountered unsupported property Vresion \(Resources\.Z\.Properties\.Rules\.0\.Vresion\)$/,
  ],
  [{ Count: 1 }, /^Property Name cannot be empty/],
  [{ Name: "a", Rules: [{}] }, /^Property Version cannot be empty/],
  [{ Name: "a", Vpc: {} }, /^Property Vpc of AWS::X::Y is not implemented by Mayfly/],
  [{ Name: "a", Rules: [{ Version: "1", Odd: "x" }] }, /^Property Rules\.Odd of AWS::X::Y is not implemented by Mayfly/],
];
for (const [properties, message] of complaints)
  test(`complains: ${JSON.stringify(properties)}`, () => assert.throws(() => check(properties), { message }));

test("texts and numbers become what the specification wants", () => {
  assert.deepEqual(
    coerceProperties("AWS::X::Y", table, {
      Name: 5,
      Count: "7",
      On: "true",
      Ratio: "0.5",
      Rules: [{ Version: 1, Deep: [1, true] }],
      Env: { A: 1, B: false },
      Policy: { a: 1 },
      Doc: { a: 1 },
      Tags: [{ Key: "k", Value: 1 }],
    }),
    {
      Name: "5",
      Count: 7,
      On: true,
      Ratio: 0.5,
      Rules: [{ Version: "1", Deep: ["1", "true"] }],
      Env: { A: "1", B: "false" },
      Policy: { a: 1 },
      Doc: { a: 1 },
      Tags: [{ Key: "k", Value: "1" }],
    },
  );
});
const wrong: [properties: Record<string, never> | object, message: string][] = [
  [{ Name: ["a"] }, "Value of property Name must be of type String"],
  [{ Count: "x" }, "Value of property Count must be of type Integer"],
  [{ Count: "1.5" }, "Value of property Count must be of type Integer"],
  [{ On: "yes" }, "Value of property On must be of type Boolean"],
  [{ Rules: { Version: 1 } }, "Value of property Rules must be of type List of Rule"],
  [{ Rules: ["a"] }, "Value of property Rules must be an object"],
  [{ Env: "a" }, "Value of property Env must be an object"],
];
for (const [properties, message] of wrong)
  test(message, () => assert.throws(() => coerceProperties("AWS::X::Y", table, properties as never), { message }));

test("what is unknown stays so", () => {
  const unknown = new Unknown(["A"]);
  assert.deepEqual(coerceProperties("AWS::X::Y", table, { Name: unknown, Rules: [unknown] }), { Name: unknown, Rules: [unknown] });
});
test("the stack's tags are added, the resource's own win", () => {
  const tags = [
    { Key: "a", Value: "stack" },
    { Key: "b", Value: "stack" },
  ];
  assert.deepEqual(addTags(table, offered, { Tags: [{ Key: "a", Value: "own" }] }, tags), {
    Tags: [
      { Key: "a", Value: "own" },
      { Key: "b", Value: "stack" },
    ],
  });
  assert.deepEqual(addTags({ ...table, tags: ["Tags", "map"] }, offered, { Tags: { a: "own" } }, tags), { Tags: { a: "own", b: "stack" } });
  assert.deepEqual(addTags({ ...table, tags: undefined } as never, offered, {}, tags), {});
});
