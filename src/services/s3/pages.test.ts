import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fetch, type Item, type PageOf, type Position, readPage, successor, urlEncoded } from "./pages.ts";

const compare = (one: readonly string[], other: readonly string[]) => {
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    if (one[i] === undefined || other[i] === undefined) return one[i] === undefined ? -1 : 1;
    const order = Buffer.compare(Buffer.from(one[i] as string), Buffer.from(other[i] as string));
    if (order !== 0) return order;
  }
  return 0;
};
/** What a store does, over an array; counts what is read. */
const shelf = (keys: readonly (string | [string, string])[]) => {
  const items: Item<number>[] = keys
    .map((key) => (typeof key === "string" ? [key, ""] : key) as [string, string])
    .sort(compare)
    .map(([key, place], value) => ({ key, place, value }));
  const read = { items: 0, calls: 0 };
  const fetch: Fetch<number> = async (after, limit) => {
    const found = items.filter(({ key, place }) => compare([key, place], after) > 0).slice(0, limit);
    read.items += found.length;
    read.calls++;
    return found;
  };
  return { fetch, read };
};
const shown = (page: PageOf<unknown>) =>
  page.lines.map((line) => ("item" in line ? line.item.key + (line.item.place && `@${line.item.place}`) : `${line.commonPrefix}…`));
const ask = (over: Partial<{ prefix: string; delimiter: string; after: Position; limit: number }>) => ({
  prefix: "",
  delimiter: "",
  limit: 1000,
  ...over,
});

const keys = ["a", "b/1", "b/2", "b/c/3", "b0", "c/", "c/x", "d//e", "ü", "\u{1f600}", "\uffee"];
const cases: [string, Parameters<typeof ask>[0], string[], boolean][] = [
  [
    "everything, in the order of UTF-8 bytes",
    {},
    ["a", "b/1", "b/2", "b/c/3", "b0", "c/", "c/x", "d//e", "ü", "\uffee", "\u{1f600}"],
    false,
  ],
  ["a prefix", { prefix: "b/" }, ["b/1", "b/2", "b/c/3"], false],
  ["a prefix that is a key", { prefix: "a" }, ["a"], false],
  ["a prefix of nothing", { prefix: "zz" }, [], false],
  ["a delimiter", { delimiter: "/" }, ["a", "b/…", "b0", "c/…", "d/…", "ü", "\uffee", "\u{1f600}"], false],
  ["a delimiter below a prefix", { delimiter: "/", prefix: "b/" }, ["b/1", "b/2", "b/c/…"], false],
  ["a key that is the prefix itself", { delimiter: "/", prefix: "c/" }, ["c/", "c/x"], false],
  [
    "a delimiter of two characters",
    { delimiter: "//" },
    ["a", "b/1", "b/2", "b/c/3", "b0", "c/", "c/x", "d//…", "ü", "\uffee", "\u{1f600}"],
    false,
  ],
  ["a full page", { limit: 2 }, ["a", "b/1"], true],
  ["exactly all", { limit: 11 }, ["a", "b/1", "b/2", "b/c/3", "b0", "c/", "c/x", "d//e", "ü", "\uffee", "\u{1f600}"], false],
  ["a common prefix counts once", { delimiter: "/", limit: 2 }, ["a", "b/…"], true],
  ["after a key", { after: ["b/2", ""], limit: 2 }, ["b/c/3", "b0"], true],
  ["after a common prefix", { delimiter: "/", after: ["b/", ""], limit: 2 }, ["b0", "c/…"], true],
  ["after a key inside a common prefix", { delimiter: "/", after: ["b/1", ""], limit: 2 }, ["b/…", "b0"], true],
  ["after something before the prefix", { prefix: "c", after: ["b", ""] }, ["c/", "c/x"], false],
  ["after something behind the prefix", { prefix: "a", after: ["b", ""] }, [], false],
  ["nothing wanted", { limit: 0 }, [], false],
  ["the last line is a common prefix with more in it", { prefix: "b/c", delimiter: "/", limit: 1 }, ["b/c/…"], false],
];
for (const [name, over, expected, truncated] of cases)
  test(`a page of ${name}`, async () => {
    const page = await readPage(ask(over), shelf(keys).fetch);
    assert.deepEqual(shown(page), expected);
    assert.equal(page.truncated, truncated);
  });

for (const delimiter of ["", "/"])
  for (const limit of [1, 2, 3, 7])
    test(`pages of ${limit} with delimiter "${delimiter}" give everything once`, async () => {
      const { fetch } = shelf(keys);
      const whole = shown(await readPage(ask({ delimiter }), fetch));
      const got: string[] = [];
      let after: Position | undefined;
      for (let more = true; more; ) {
        const page = await readPage(ask({ delimiter, limit, ...(after && { after }) }), fetch);
        got.push(...shown(page));
        const last = page.lines.at(-1);
        if (last) after = "item" in last ? [last.item.key, last.item.place] : [last.commonPrefix, ""];
        more = page.truncated;
      }
      assert.deepEqual(got, whole);
    });

test("a page may end between two versions of one key", async () => {
  const { fetch } = shelf([
    ["a", "1"],
    ["a", "2"],
    ["a", "3"],
    ["b", "1"],
  ]);
  const page = await readPage(ask({ limit: 2, after: ["a", "1"] }), fetch);
  assert.deepEqual(shown(page), ["a@2", "a@3"]);
  assert.equal(page.truncated, true);
});

test("folders full of objects are jumped over", async () => {
  const many = Array.from({ length: 50 }, (_, folder) => Array.from({ length: 400 }, (_, file) => `${folder}/${file}`)).flat();
  const { fetch, read } = shelf(many);
  const page = await readPage(ask({ delimiter: "/" }), fetch);
  assert.equal(page.lines.length, 50);
  assert.ok(read.items <= 51 * 32, `${read.items} of ${many.length} documents were read`);
});
test("a flat bucket is read in few steps", async () => {
  const { fetch, read } = shelf(Array.from({ length: 3000 }, (_, i) => `k${String(i).padStart(5, "0")}`));
  const page = await readPage(ask({ delimiter: "/" }), fetch);
  assert.equal(page.truncated, true);
  assert.ok(read.calls <= 8, `${read.calls} calls`);
});

test("the successor of a prefix is after all that begin with it", () => {
  assert.equal(successor("a"), "b");
  assert.equal(successor("a/"), "a0");
  assert.equal(successor("a\u{10ffff}"), "b");
  assert.equal(successor("\ud7ff"), "\ue000");
  assert.equal(successor("\u{10ffff}"), undefined);
  assert.equal(successor(""), undefined);
});
test("encoding-type=url", () => {
  assert.equal(urlEncoded("a/b c+d&é!'()*~"), "a/b%20c%2Bd%26%C3%A9%21%27%28%29*~");
});
