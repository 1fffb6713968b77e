import assert from "node:assert/strict";
import { it } from "node:test";
import { replaceSections } from "./ini.ts";

const cases: [title: string, before: string, after: string][] = [
  ["an empty file gets the section", "", "[mayfly]\na = 1\n"],
  ["others stay, the section is added", "[default]\nx = 2\n", "[default]\nx = 2\n\n[mayfly]\na = 1\n"],
  ["the old section goes", "[mayfly]\na = 0\nb = 3\n\n[other]\ny = 1\n", "[other]\ny = 1\n\n[mayfly]\na = 1\n"],
];
for (const [title, before, after] of cases)
  it(title, () => {
    assert.equal(replaceSections(before, "mayfly", { a: "1" }), after);
  });
