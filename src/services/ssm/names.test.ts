import assert from "node:assert/strict";
import { test } from "node:test";
import { askedFor, checkName, isBelow } from "./names.ts";

for (const name of ["a", "/a", "/a/b-c/d_e.f", `/${Array.from({ length: 15 }, () => "x").join("/")}`, "my.aws", "/x/aws"])
  test(`a name: ${name}`, () => checkName(name));
for (const [name, complaint] of [
  ["a b", /must only contain/],
  ["/a/", /must only contain/],
  ["/a//b", /must only contain/],
  ["a/b", /fully qualified/],
  ["aws", /reserved/],
  ["/AWS/x", /reserved/],
  ["ssm.x", /prefixed/],
  [`/${Array.from({ length: 16 }, () => "x").join("/")}`, /maximum of 15/],
] as const)
  test(`no name: ${name}`, () => assert.throws(() => checkName(name), { message: complaint }));

for (const [text, name, selector] of [
  ["a", "a", undefined],
  ["/a/b", "/a/b", undefined],
  ["/a/b:3", "/a/b", "3"],
  ["a:live", "a", "live"],
  ["arn:aws:ssm:us-east-1:123456789012:parameter/a", "a", undefined],
  ["arn:aws:ssm:us-east-1:123456789012:parameter/a/b", "/a/b", undefined],
  ["arn:aws:ssm:us-east-1:123456789012:parameter/a/b:2", "/a/b", "2"],
] as const)
  test(`${text} asks for ${name} ${selector ?? ""}`, () => assert.deepEqual(askedFor(text), { name, selector }));

for (const [name, path, recursive, below] of [
  ["/a/b", "/a", false, true],
  ["/a/b", "/a/", false, true],
  ["/a/b/c", "/a", false, false],
  ["/a/b/c", "/a", true, true],
  ["/ab/c", "/a", true, false],
  ["/a", "/a", true, false],
  ["/a", "/", false, true],
  ["/a/b", "/", false, false],
  ["/a/b", "/", true, true],
  ["a", "/", false, true],
  ["a", "/a", true, false],
] as const)
  test(`${name} is ${below ? "" : "not "}below ${path}${recursive ? ", at any depth" : ""}`, () =>
    assert.equal(isBelow(name, path, recursive), below));
