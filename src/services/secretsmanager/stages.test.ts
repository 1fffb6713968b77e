import assert from "node:assert/strict";
import { test } from "node:test";
import type { SecretVersion } from "./records.ts";
import { surplus, withoutStage, withStages } from "./stages.ts";

const versions = (stages: Record<string, string[]>): SecretVersion[] =>
  Object.entries(stages).map(([id, list]) => ({ id, created: "", stages: list }));
const shown = (list: readonly SecretVersion[]) => Object.fromEntries(list.map(({ id, stages }) => [id, stages]));

const cases: [what: string, before: Record<string, string[]>, id: string, stages: string[], after: Record<string, string[]>][] = [
  ["the first", { a: [] }, "a", ["AWSCURRENT"], { a: ["AWSCURRENT"] }],
  ["a second", { a: ["AWSCURRENT"], b: [] }, "b", ["AWSCURRENT"], { a: ["AWSPREVIOUS"], b: ["AWSCURRENT"] }],
  ["a third", { a: ["AWSPREVIOUS"], b: ["AWSCURRENT"], c: [] }, "c", ["AWSCURRENT"], { a: [], b: ["AWSPREVIOUS"], c: ["AWSCURRENT"] }],
  ["a pending one", { a: ["AWSCURRENT"], b: [] }, "b", ["AWSPENDING"], { a: ["AWSCURRENT"], b: ["AWSPENDING"] }],
  ["back to the previous", { a: ["AWSPREVIOUS"], b: ["AWSCURRENT"] }, "a", ["AWSCURRENT"], { a: ["AWSCURRENT"], b: ["AWSPREVIOUS"] }],
  ["current already", { a: ["AWSCURRENT"] }, "a", ["AWSCURRENT"], { a: ["AWSCURRENT"] }],
  ["a label of one's own moves", { a: ["AWSCURRENT", "blue"], b: [] }, "b", ["blue"], { a: ["AWSCURRENT"], b: ["blue"] }],
];
for (const [what, before, id, stages, after] of cases)
  test(what, () => assert.deepEqual(shown(withStages(versions(before), id, stages)), after));

test("a label comes off", () =>
  assert.deepEqual(shown(withoutStage(versions({ a: ["x", "y"], b: ["x"] }), "a", "x")), { a: ["y"], b: ["x"] }));

test("of more than a hundred versions the oldest bare ones go", () => {
  const many = Object.fromEntries(
    Array.from({ length: 102 }, (_, index) => [`v${index}`, index === 0 ? ["kept"] : index === 101 ? ["AWSCURRENT"] : []]),
  );
  assert.deepEqual(
    surplus(versions(many)).map(({ id }) => id),
    ["v1", "v2"],
  );
  assert.deepEqual(surplus(versions({ a: [], b: ["AWSCURRENT"] })), []);
});
