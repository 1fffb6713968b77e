import assert from "node:assert/strict";
import { test } from "node:test";
import { BadToken, page } from "./pages.ts";

const self = (text: string) => text;

test("pages follow one another in order and end", () => {
  const all = ["c", "a", "e", "b", "d"];
  const first = page(all, self, 2);
  assert.deepEqual(first.items, ["a", "b"]);
  const second = page(all, self, 2, first.next);
  assert.deepEqual(second.items, ["c", "d"]);
  const third = page(all, self, 2, second.next);
  assert.deepEqual(third, { items: ["e"], next: undefined });
});

test("an item removed between two pages is no trouble", () => {
  const first = page(["a", "b", "c", "d"], self, 2);
  assert.deepEqual(page(["a", "c", "d"], self, 5, first.next).items, ["c", "d"]);
});

test("a full last page has no token", () => assert.equal(page(["a", "b"], self, 2).next, undefined));

test("names of any letters survive the token", () => {
  const first = page(["ä/1", "ö/2"], self, 1);
  assert.deepEqual(page(["ä/1", "ö/2"], self, 1, first.next).items, ["ö/2"]);
});

test("a foreign token is refused", () => {
  for (const token of ["", "x", "cDE", "!!!!", `${page(["a", "b"], self, 1).next}=`]) {
    if (token === "cDE") assert.deepEqual(page(["a"], self, 1, token).items, ["a"]);
    else assert.throws(() => page(["a"], self, 1, token), BadToken, token);
  }
});
