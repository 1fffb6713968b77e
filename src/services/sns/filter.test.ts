import assert from "node:assert/strict";
import { test } from "node:test";
import { BadPattern } from "../../lib/pattern.ts";
import { filterOf, wants } from "./filter.ts";
import type { Attribute } from "./records.ts";

const attributes: Record<string, Attribute> = {
  store: { type: "String", value: "example_corp" },
  price: { type: "Number", value: "210.75" },
  tags: { type: "String.Array", value: '["red", "big"]' },
  raw: { type: "Binary", value: "AAAA" },
};
const text = JSON.stringify({ order: { state: "shipped", lines: [{ sku: "a" }, { sku: "b" }] } });
const policy = (FilterPolicy: object, FilterPolicyScope?: string) => ({
  attributes: { FilterPolicy: JSON.stringify(FilterPolicy), ...(FilterPolicyScope && { FilterPolicyScope }) },
});

const cases: [what: string, subscription: { attributes: Record<string, string> }, wanted: boolean][] = [
  ["no policy", { attributes: {} }, true],
  ["an empty policy", policy({}), true],
  ["a text", policy({ store: ["example_corp"] }), true],
  ["another text", policy({ store: ["other"] }), false],
  ["two attributes", policy({ store: [{ prefix: "example" }], price: [{ numeric: [">=", 100, "<", 300] }] }), true],
  ["two attributes, one fails", policy({ store: [{ prefix: "example" }], price: [{ numeric: [">", 300] }] }), false],
  ["a list", policy({ tags: ["big"] }), true],
  ["an absent attribute", policy({ other: ["x"] }), false],
  ["an attribute that must be absent", policy({ other: [{ exists: false }] }), true],
  ["anything but", policy({ store: [{ "anything-but": ["example_corp"] }] }), false],
  ["one of two", policy({ $or: [{ store: ["x"] }, { tags: ["red"] }] }), true],
  ["bytes match nothing", policy({ raw: [{ exists: true }] }), false],
  ["the body", policy({ order: { state: ["shipped"], lines: { sku: ["b"] } } }, "MessageBody"), true],
  ["the body fails", policy({ order: { state: ["lost"] } }, "MessageBody"), false],
];
for (const [what, subscription, wanted] of cases)
  test(`${what}: ${wanted ? "wanted" : "not wanted"}`, () => assert.equal(wants(subscription, { text, attributes }), wanted));

test("a body that is no JSON is not wanted by who looks into it", () =>
  assert.equal(wants(policy({ a: ["b"] }, "MessageBody"), { text: "hello", attributes }), false));

for (const [what, bad, scope] of [
  ["no JSON", "{", undefined],
  ["a list", "[]", undefined],
  ["a bare value", '{"a":"b"}', undefined],
  ["nested attributes", '{"a":{"b":["c"]}}', undefined],
  ["six keys", '{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}', undefined],
  ["an unknown operator", '{"a":[{"like":"x"}]}', "MessageBody"],
] as const)
  test(`refused: ${what}`, () => assert.throws(() => filterOf(bad, scope), BadPattern));
