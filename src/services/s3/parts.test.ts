import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { checkPartNumber, choose, etagOf, isUploadId, uploadIdFor } from "./parts.ts";
import type { Part } from "./records.ts";

const mib = 2 ** 20;
const part = (number: number, size = 5 * mib): Part => ({
  number,
  size,
  blob: `b${number}`,
  md5: String(number).repeat(32).slice(0, 32),
  modified: "",
  checksums: { CRC32: `crc${number}` },
});
const uploaded = [part(1), part(2), part(3, 10), part(7, 10)];
const named = (...numbers: number[]) => numbers.map((number) => ({ PartNumber: number, ETag: `"${part(number).md5}"` }));

const cases: [string, Parameters<typeof choose>[0], number[] | string][] = [
  ["all but one", named(1, 2, 3), [1, 2, 3]],
  ["gaps", named(1, 7), [1, 7]],
  ["one small part alone", named(3), [3]],
  ["an ETag without quotes", [{ PartNumber: 1, ETag: part(1).md5 }], [1]],
  ["a checksum that agrees", [{ ...named(1)[0], ChecksumCRC32: "crc1" }], [1]],
  ["a checksum that does not", [{ ...named(1)[0], ChecksumCRC32: "crc2" }], "InvalidPart"],
  ["none", [], "MalformedXML"],
  ["not uploaded", named(1, 4), "InvalidPart"],
  ["another ETag", [{ PartNumber: 1, ETag: '"x"' }], "InvalidPart"],
  ["no ETag", [{ PartNumber: 1 }], "InvalidPart"],
  ["out of order", named(2, 1), "InvalidPartOrder"],
  ["twice the same", named(1, 1), "InvalidPartOrder"],
  ["a small part before the last", named(1, 3, 7), "EntityTooSmall"],
  ["number zero", [{ PartNumber: 0, ETag: "x" }], "InvalidArgument"],
];
for (const [name, chosen, expected] of cases)
  test(`completing with ${name}`, () => {
    if (typeof expected === "string") assert.throws(() => choose(chosen, uploaded, "u", "CRC32"), { code: expected });
    else
      assert.deepEqual(
        choose(chosen, uploaded, "u", "CRC32").map(({ number }) => number),
        expected,
      );
  });

test("the ETag of an object made of parts", () => {
  // md5(md5("a") + md5("b")) as S3 computes it.
  assert.equal(
    etagOf([{ md5: "0cc175b9c0f1b6a831c399e269772661" }, { md5: "92eb5ffee6ae2fec3ad71c777531578f" }]),
    "96e024ba2074fe77e8e965ba43a704be-2",
  );
});
test("part numbers", () => {
  assert.equal(checkPartNumber(10_000), 10_000);
  for (const wrong of [0, 10_001, 1.5, -1, undefined]) assert.throws(() => checkPartNumber(wrong), { code: "InvalidArgument" });
});
test("upload ids grow with time", () => {
  const [one, two] = [1, 2].map((day) => uploadIdFor(new Date(`2026-01-0${day}`), randomBytes(36))) as [string, string];
  assert.ok(one < two);
  assert.ok(isUploadId(one));
  assert.equal(isUploadId("nonsense"), false);
});
