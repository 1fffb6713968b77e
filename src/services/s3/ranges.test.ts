import assert from "node:assert/strict";
import { test } from "node:test";
import { copyRangeOf, rangeOf } from "./ranges.ts";

const cases: [string | undefined, number, [number, number] | undefined | "InvalidRange"][] = [
  [undefined, 10, undefined],
  ["bytes=0-3", 10, [0, 3]],
  ["bytes=0-0", 10, [0, 0]],
  ["bytes=9-9", 10, [9, 9]],
  ["bytes=4-", 10, [4, 9]],
  ["bytes=4-99", 10, [4, 9]],
  ["bytes=-3", 10, [7, 9]],
  ["bytes=-99", 10, [0, 9]],
  ["bytes=-0", 10, "InvalidRange"],
  ["bytes=10-", 10, "InvalidRange"],
  ["bytes=10-12", 10, "InvalidRange"],
  ["bytes=0-", 0, "InvalidRange"],
  ["bytes=-5", 0, "InvalidRange"],
  ["bytes=5-4", 10, undefined],
  ["bytes=-", 10, undefined],
  ["bytes=0-1,4-5", 10, undefined],
  ["lines=0-1", 10, undefined],
  ["nonsense", 10, undefined],
];
for (const [header, size, expected] of cases)
  test(`Range ${header} of ${size} bytes`, () => {
    if (expected === "InvalidRange") assert.throws(() => rangeOf(header, size), { code: "InvalidRange", status: 416 });
    else assert.deepEqual(rangeOf(header, size), expected && { start: expected[0], end: expected[1] });
  });

test("a copy's range lies inside its source", () => {
  assert.deepEqual(copyRangeOf("bytes=2-9", 10), { start: 2, end: 9 });
  assert.equal(copyRangeOf(undefined, 10), undefined);
  for (const wrong of ["bytes=2-10", "bytes=5-4", "bytes=2-", "bytes=-2", "2-4"])
    assert.throws(() => copyRangeOf(wrong, 10), { code: "InvalidArgument" }, wrong);
});
