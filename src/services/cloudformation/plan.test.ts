import assert from "node:assert/strict";
import { test } from "node:test";
import { physicalName } from "./names.ts";
import { fateOf, type Graph, ordered, propertyChanges, replacementOf, reversed, startable } from "./plan.ts";
import { type Result, Unknown } from "./template/functions.ts";

const graph = (arrows: Record<string, string[]>): Graph => new Map(Object.entries(arrows).map(([id, needs]) => [id, new Set(needs)]));

test("order", () => {
  assert.deepEqual(ordered(graph({ a: ["b", "c"], b: ["c"], c: [], d: ["gone"] })), { order: ["c", "d", "b", "a"] });
  assert.deepEqual(ordered(graph({ a: ["b"], b: ["c"], c: ["b"], d: [] })), { circle: ["b", "c"] });
  assert.deepEqual(ordered(graph({ a: ["a"] })), { circle: ["a"] });
  assert.deepEqual(ordered(graph({})), { order: [] });
});
test("turned round", () => {
  const turned = reversed(graph({ a: ["b"], b: [], c: ["b", "a"] }));
  assert.deepEqual([...(turned.get("b") ?? [])], ["a", "c"]);
  assert.deepEqual([...(turned.get("c") ?? [])], []);
});
test("what may start", () => {
  const needs = graph({ a: [], b: ["a"], c: ["a"], d: ["b", "c"] });
  const start = (ended: string[], started: string[]) => startable(needs, new Set(ended), new Set(started));
  assert.deepEqual(start([], []), ["a"]);
  assert.deepEqual(start([], ["a"]), []);
  assert.deepEqual(start(["a"], ["a"]), ["b", "c"]);
  assert.deepEqual(start(["a", "b"], ["a", "b", "c"]), []);
  assert.deepEqual(start(["a", "b", "c"], ["a", "b", "c"]), ["d"]);
});

const table = {
  properties: { Name: "*s", Size: "i", Code: "#Code", Rules: "[#Rule]", Maybe: "?s", Env: "{s}" },
  definitions: { Code: { Key: "*s", Note: "s" }, Rule: { Id: "s", Kind: "*s" } },
};
const differences: [
  name: string,
  before: Record<string, unknown>,
  after: Record<string, Result>,
  expected: [string, string, string, boolean][],
  replacement: string,
][] = [
  ["nothing", { Size: 1 }, { Size: 1 }, [], "False"],
  ["order of keys", { Code: { Key: "a", Note: "b" } }, { Code: { Note: "b", Key: "a" } }, [], "False"],
  ["in place", { Size: 1 }, { Size: 2 }, [["Size", "/Properties/Size", "Never", true]], "False"],
  ["added", {}, { Size: 2 }, [["Size", "/Properties/Size", "Never", true]], "False"],
  ["taken away", { Size: 2 }, {}, [["Size", "/Properties/Size", "Never", true]], "False"],
  ["create-only", { Name: "a" }, { Name: "b" }, [["Name", "/Properties/Name", "Always", true]], "True"],
  ["create-only further down", { Code: { Key: "a" } }, { Code: { Key: "b" } }, [["Code", "/Properties/Code/Key", "Always", true]], "True"],
  [
    "beside a create-only",
    { Code: { Key: "a", Note: "x" } },
    { Code: { Key: "a", Note: "y" } },
    [["Code", "/Properties/Code/Note", "Never", true]],
    "False",
  ],
  [
    "in a list",
    { Rules: [{ Id: "a", Kind: "k" }] },
    { Rules: [{ Id: "a", Kind: "l" }] },
    [["Rules", "/Properties/Rules/0/Kind", "Always", true]],
    "True",
  ],
  ["in a map", { Env: { A: "1" } }, { Env: { A: "2" } }, [["Env", "/Properties/Env/A", "Never", true]], "False"],
  ["two at once", { Env: { A: "1" } }, { Env: { A: "2", B: "1" } }, [["Env", "/Properties/Env", "Never", true]], "False"],
  ["conditionally", { Maybe: "a" }, { Maybe: "b" }, [["Maybe", "/Properties/Maybe", "Conditionally", true]], "Conditional"],
  ["not yet known", { Size: 1 }, { Size: new Unknown(["A"]) }, [["Size", "/Properties/Size", "Never", false]], "False"],
  [
    "create-only and not yet known",
    { Name: "a" },
    { Name: new Unknown(["A.Arn"]) },
    [["Name", "/Properties/Name", "Always", false]],
    "Conditional",
  ],
  [
    "known to differ beside what is unknown",
    { Rules: [{ Id: "a", Kind: "k" }] },
    { Rules: [{ Id: new Unknown(["A"]), Kind: "l" }] },
    [["Rules", "/Properties/Rules/0", "Always", true]],
    "True",
  ],
  [
    "only an unknown part",
    { Rules: [{ Id: "a", Kind: "k" }] },
    { Rules: [{ Id: new Unknown(["A"]), Kind: "k" }] },
    [["Rules", "/Properties/Rules/0/Id", "Never", false]],
    "False",
  ],
];
for (const [name, before, after, expected, replacement] of differences) {
  test(`difference: ${name}`, () => {
    const changes = propertyChanges(before, after, table);
    assert.deepEqual(
      changes.map((change) => [change.name, change.path, change.requires, change.certain]),
      expected,
    );
    assert.equal(replacementOf(changes), replacement);
  });
}

const fates: [why: Parameters<typeof fateOf>[0], deletion: string | undefined, replace: string | undefined, fate: string][] = [
  ["removed", undefined, undefined, "delete"],
  ["removed", "Retain", undefined, "retain"],
  ["removed", "RetainExceptOnCreate", undefined, "retain"],
  ["rolled back", "RetainExceptOnCreate", undefined, "delete"],
  ["rolled back", "Retain", undefined, "retain"],
  ["stack deleted", "Delete", "Retain", "delete"],
  ["stack deleted", "RetainExceptOnCreate", undefined, "retain"],
  ["replaced", "Retain", undefined, "delete"],
  ["replaced", undefined, "Retain", "retain"],
];
for (const [why, deletion, replace, fate] of fates) {
  test(`${why}, DeletionPolicy ${deletion}, UpdateReplacePolicy ${replace}: ${fate}`, () =>
    assert.equal(fateOf(why, { ...(deletion && { deletion }), ...(replace && { replace }) }), fate));
}

test("physical names", () => {
  assert.match(physicalName("stack", "Topic", "s"), /^stack-Topic-[A-Z0-9]{12}$/);
  assert.equal(physicalName("stack", "Topic", "s"), physicalName("stack", "Topic", "s"));
  assert.notEqual(physicalName("stack", "Topic", "s"), physicalName("stack", "Topic", "t"));
  assert.match(physicalName("Stack", "MyBucket", "s", { most: 63, lowerCase: true }), /^stack-mybucket-[a-z0-9]{12}$/);
  const long = physicalName("a".repeat(100), "B".repeat(100), "s", { most: 64 });
  assert.match(long, /^a{25}-B{25}-[A-Z0-9]{12}$/);
  assert.match(physicalName("a".repeat(100), "Role", "s", { most: 64 }), /^a{46}-Role-[A-Z0-9]{12}$/);
  assert.match(physicalName("st", "T", "s", { most: 40, suffix: ".fifo" }), /^st-T-[A-Z0-9]{12}\.fifo$/);
});
