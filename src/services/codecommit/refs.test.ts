import assert from "node:assert/strict";
import { test } from "node:test";
import { firstDefault, isBranchName, isRefName, parentsOf } from "./refs.ts";

const names: [string, boolean][] = [
  ["refs/heads/main", true],
  ["refs/heads/feature/a-b_c.d", true],
  ["refs/tags/v1.0", true],
  ["refs/heads/ünïcode", true],
  ["refs/heads/a@b", true],
  ["main", false],
  ["refs/main", false],
  ["refs/heads/", false],
  ["refs/heads//a", false],
  ["refs/heads/.a", false],
  ["refs/heads/a/.b", false],
  ["refs/heads/a..b", false],
  ["refs/heads/a.lock", false],
  ["refs/heads/a.lock/b", false],
  ["refs/heads/a.", false],
  ["refs/heads/a b", false],
  ["refs/heads/a~1", false],
  ["refs/heads/a^", false],
  ["refs/heads/a:b", false],
  ["refs/heads/a?", false],
  ["refs/heads/a*", false],
  ["refs/heads/a[", false],
  ["refs/heads/a\\b", false],
  ["refs/heads/a@{b", false],
  ["refs/heads/a\u0000b", false],
  ["refs/heads/a\nb", false],
  ["refs/../../etc", false],
];
for (const [name, good] of names) {
  test(`${JSON.stringify(name)} is ${good ? "a" : "no"} reference name`, () => assert.equal(isRefName(name), good));
}

test("branch names", () => {
  for (const good of ["main", "a/b", "x".repeat(256)]) assert.ok(isBranchName(good), good);
  for (const bad of ["", "-a", "HEAD", "a b", "x".repeat(257), "0".repeat(40)]) assert.ok(!isBranchName(bad), bad);
});

test("what cannot stand beside a reference", () => {
  assert.deepEqual(parentsOf("refs/heads/a/b/c"), ["refs/heads/a", "refs/heads/a/b"]);
  assert.deepEqual(parentsOf("refs/heads/a"), []);
});

test("main, then master, then the first becomes the default branch", () => {
  assert.equal(firstDefault(["a", "master", "main"]), "main");
  assert.equal(firstDefault(["a", "master"]), "master");
  assert.equal(firstDefault(["b", "a"]), "b");
  assert.equal(firstDefault([]), undefined);
});
