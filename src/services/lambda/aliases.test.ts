import assert from "node:assert/strict";
import { test } from "node:test";
import { choose } from "./aliases.ts";

const cases: [Record<string, number>, number, string][] = [
  [{}, 0, "1"],
  [{}, 0.99, "1"],
  [{ "2": 0.1 }, 0.05, "2"],
  [{ "2": 0.1 }, 0.1, "1"],
  [{ "2": 0 }, 0, "1"],
  [{ "2": 1 }, 0.99, "2"],
];
for (const [weights, chance, version] of cases)
  test(`of 1 and ${JSON.stringify(weights)}, chance ${chance} chooses ${version}`, () =>
    assert.equal(choose({ version: "1", weights }, chance), version));
