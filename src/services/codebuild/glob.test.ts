import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { globPattern, literalPrefix, plainPath } from "./glob.ts";

describe("globPattern", () => {
  for (const [glob, yes, no] of [
    ["**/*", ["a", "a/b", ".git/x"], []],
    ["*", ["a", ".env"], ["a/b"]],
    ["target/*.jar", ["target/a.jar"], ["target/b/a.jar", "targetXa.jar"]],
    ["a/**/b", ["a/b", "a/x/y/b"], ["a/xb"]],
    ["dist/**", ["dist/a", "dist/a/b"], ["dis/a"]],
    ["*.{js,css}", ["a.js", "a.css"], ["a.jsx", "a.{js,css}"]],
    ["file-?.[!t]xt", ["file-1.xxt"], ["file-12.xxt", "file-1.txt"]],
    ["a+b(c).txt", ["a+b(c).txt"], ["aab(c).txt"]],
    ["/root/.m2/**/*", ["/root/.m2/x", "/root/.m2/r/s"], ["/root/xm2/a"]],
  ] as [string, string[], string[]][])
    it(glob, () => {
      for (const path of yes) assert.match(path, globPattern(glob));
      for (const path of no) assert.doesNotMatch(path, globPattern(glob));
    });
});

it("literalPrefix", () =>
  assert.deepEqual(["a/b/*.c", "**/*", "a/b", "/root/.m2/**/*"].map(literalPrefix), ["a/b", "", "a/b", "/root/.m2"]));
it("plainPath", () => assert.deepEqual(["./a//b/../c", "/x/./y/", ".", "../a"].map(plainPath), ["a/c", "/x/y", "", "a"]));
