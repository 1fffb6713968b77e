import assert from "node:assert/strict";
import { test } from "node:test";
import { type GitObject, gitObject, parseTree, treeObject } from "./objects.ts";
import { type Change, diffTrees, editTree, findEntry, TreeConflict } from "./trees.ts";

const objects = new Map<string, GitObject>();
const load = async (id: string) => {
  const found = objects.get(id);
  if (!found) throw new Error(`no tree ${id}`);
  return parseTree(found.content);
};
const file = (text: string, mode = "100644") => ({ mode, id: gitObject("blob", Buffer.from(text)).id });
const build = async (files: Record<string, string>, from?: string) => {
  const edits = Object.entries(files).map(([path, text]) => ({ path, file: text === "-" ? undefined : file(text) }));
  const { tree, objects: made } = await editTree(load, from, edits);
  for (const object of made) objects.set(object.id, object);
  return tree;
};
const listing = async (tree: string) => {
  const paths: string[] = [];
  for await (const { path } of diffTrees(load, undefined, tree)) paths.push(path);
  return paths.join(" ");
};

const cases: [string, Record<string, string>, Record<string, string>, string][] = [
  ["adds into new folders", { a: "1" }, { "b/c/d": "2" }, "a b/c/d"],
  ["replaces", { "a/b": "1" }, { "a/b": "2" }, "a/b"],
  ["deletes, and the folder with its last file", { "a/b/c": "1", d: "1" }, { "a/b/c": "-" }, "d"],
  ["a file makes way for a folder", { a: "1" }, { a: "-", "a/b": "2" }, "a/b"],
  ["deletes the last file of all", { a: "1" }, { a: "-" }, ""],
];
for (const [name, before, edits, after] of cases) {
  test(`edit: ${name}`, async () => {
    assert.equal(await listing(await build(edits, await build(before))), after);
  });
}

const conflicts: [string, Record<string, string>, Record<string, string>, string][] = [
  ["a file where a folder is", { "a/b": "1" }, { a: "2" }, "file-is-folder"],
  ["a folder where a file is", { a: "1" }, { "a/b": "2" }, "folder-is-file"],
  ["a deletion of nothing", { a: "1" }, { b: "-" }, "missing"],
  ["a deletion below a file", { a: "1" }, { "a/b": "-" }, "missing"],
  ["a deletion of a folder", { "a/b": "1" }, { a: "-" }, "missing"],
];
for (const [name, before, edits, kind] of conflicts) {
  test(`conflict: ${name}`, async () => {
    const tree = await build(before);
    await assert.rejects(build(edits, tree), (error) => error instanceof TreeConflict && error.kind === kind);
  });
}

test("an emptied folder is kept with a file when asked for", async () => {
  const { tree, objects: made } = await editTree(load, await build({ "a/b": "1" }), [{ path: "a/b", file: undefined }], true);
  for (const object of made) objects.set(object.id, object);
  assert.equal(await listing(tree), "a/.gitkeep");
});

test("a difference names each file that was added, modified or deleted, also by its mode alone", async () => {
  const before = await build({ same: "1", changed: "1", gone: "1", "x/y": "1", swap: "1" });
  const after = await build({ same: "1", changed: "2", added: "1", "x/y": "1", "swap/in": "1" });
  const seen: Change[] = [];
  for await (const change of diffTrees(load, before, after)) seen.push(change);
  assert.deepEqual(
    seen.map(({ path, before: old, after: young }) => `${old ? (young ? "M" : "D") : "A"} ${path}`),
    ["A added", "M changed", "D gone", "D swap", "A swap/in"],
  );
  const tree = (mode: string) => {
    const object = treeObject([{ name: "run", ...file("1", mode) }]);
    objects.set(object.id, object);
    return object.id;
  };
  const modes: Change[] = [];
  for await (const change of diffTrees(load, tree("100644"), tree("100755"))) modes.push(change);
  assert.deepEqual(
    modes.map(({ before: old, after: young }) => `${old?.mode} ${young?.mode}`),
    ["100644 100755"],
  );
});

test("an entry is found by its path", async () => {
  const tree = await build({ "a/b/c": "1" });
  assert.equal((await findEntry(load, tree, "a/b/c"))?.id, file("1").id);
  assert.equal((await findEntry(load, tree, "a/b"))?.mode, "40000");
  assert.equal((await findEntry(load, tree, ""))?.id, tree);
  assert.equal(await findEntry(load, tree, "a/b/c/d"), undefined);
  assert.equal(await findEntry(load, tree, "x"), undefined);
});
