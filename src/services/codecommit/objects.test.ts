import assert from "node:assert/strict";
import { test } from "node:test";
import { commitObject, gitObject, packOf, parseCommit, parseTree, treeObject } from "./objects.ts";

test("objects have the ids that git gives them", () => {
  assert.equal(gitObject("blob", Buffer.from("hi\n")).id, "45b983be36b73c0788dc9cbcb76cbb80fc7bb057");
  assert.equal(treeObject([]).id, "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
});

test("a tree sorts folders as if their names ended with a slash, and reads back", () => {
  const id = "45b983be36b73c0788dc9cbcb76cbb80fc7bb057";
  const tree = treeObject([
    { mode: "40000", name: "a", id },
    { mode: "100644", name: "a.txt", id },
    { mode: "100755", name: "a-b", id },
    { mode: "120000", name: "ü", id },
  ]);
  assert.deepEqual(
    parseTree(tree.content).map(({ mode, name }) => `${mode} ${name}`),
    ["100755 a-b", "100644 a.txt", "40000 a", "120000 ü"],
  );
});

test("a commit reads back, with what we do not know kept as it stands", () => {
  const author = { name: "Ann", email: "ann@example.org", date: "1700000000 +0100" };
  const commit = commitObject({
    tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    parents: [],
    author,
    committer: author,
    message: "one\n\ntwo",
  });
  assert.deepEqual(parseCommit(commit.content), {
    tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    parents: [],
    author,
    committer: author,
    message: "one\n\ntwo",
    additional: "",
  });
  const signed = commit.content.toString().replace("\n\none", "\nencoding ISO-8859-1\ngpgsig -----BEGIN\n abc\n \n -----END\n\none");
  const read = parseCommit(Buffer.from(signed));
  assert.equal(read.additional, "encoding ISO-8859-1\ngpgsig -----BEGIN\n abc\n \n -----END");
  assert.equal(read.message, "one\n\ntwo");
});

test("what would break a commit's header is left out of names", () => {
  const author = { name: "A <b>\nparent x", email: "e>", date: "1 +0000" };
  const commit = commitObject({ tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904", parents: [], author, committer: author, message: "" });
  assert.equal(parseCommit(commit.content).author.name, "A bparent x");
  assert.deepEqual(parseCommit(commit.content).parents, []);
});

test("a pack tells its number of objects, each once", () => {
  const blob = gitObject("blob", Buffer.alloc(5000, "x"));
  const pack = packOf([blob, blob, treeObject([])]);
  assert.equal(pack.readUInt32BE(8), 2);
  // Type 3, size 5000 = 0b1001110001000: low four bits, then sevens.
  assert.deepEqual([...pack.subarray(12, 15)], [0xb8, 0xb8, 0x02]);
});
