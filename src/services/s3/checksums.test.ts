import assert from "node:assert/strict";
import { test } from "node:test";
import { type Algorithm, algorithms, askedOf, checkMd5, checksumTypeFor, checkSum, digest, joined } from "./checksums.ts";

const sum = async (algorithm: Algorithm, ...bytes: Uint8Array[]) => {
  const one = digest(algorithm);
  for (const piece of bytes) one.update(piece);
  return one.end();
};
const text = Buffer.from("123456789");
/** The check values of the algorithms' own descriptions. */
const known: Partial<Record<Algorithm, string>> = {
  CRC32: "cbf43926",
  CRC32C: "e3069283",
  CRC64NVME: "ae8b14860a799888",
  SHA1: "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
  SHA256: "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
  SHA512:
    "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
  MD5: "25f9e794323b453885f5181f1b624d0b",
  XXHASH64: "8cb841db40e6ae83",
};
for (const algorithm of algorithms)
  test(`${algorithm}, in one piece and in two`, async () => {
    const whole = await sum(algorithm, text);
    if (known[algorithm] !== undefined) assert.equal(Buffer.from(whole, "base64").toString("hex"), known[algorithm]);
    assert.equal(await sum(algorithm, text.subarray(0, 4), text.subarray(4)), whole);
    assert.notEqual(await sum(algorithm, text.subarray(1)), whole);
  });

for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME"] as const)
  test(`${algorithm} of parts joined is that of the whole`, async () => {
    const whole = Buffer.from(Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 251));
    const cuts = [0, 1, 1, 4096, 8192, 10_000];
    const pieces = cuts.slice(1).map((end, i) => whole.subarray(cuts[i], end));
    const parts = await Promise.all(pieces.map(async (piece) => ({ size: piece.length, checksum: await sum(algorithm, piece) })));
    assert.equal(await joined(parts, algorithm, "FULL_OBJECT"), await sum(algorithm, whole));
  });
test("a composite checksum is that of the parts' checksums", async () => {
  const [one, two] = [await sum("SHA256", text), await sum("SHA256", Buffer.from("x"))];
  const expected = await sum("SHA256", Buffer.from(one, "base64"), Buffer.from(two, "base64"));
  assert.equal(
    await joined(
      [
        { size: 9, checksum: one },
        { size: 1, checksum: two },
      ],
      "SHA256",
      "COMPOSITE",
    ),
    `${expected}-2`,
  );
  assert.equal(
    await joined(
      [
        { size: 9, checksum: one },
        { size: 1, checksum: undefined },
      ],
      "SHA256",
      "COMPOSITE",
    ),
    undefined,
  );
});
test("ten thousand parts are joined quickly", async () => {
  const parts = Array.from({ length: 10_000 }, () => ({ size: 5 * 2 ** 20, checksum: "AAAAAAAAAAE=" }));
  const start = performance.now();
  await joined(parts, "CRC64NVME", "FULL_OBJECT");
  assert.ok(performance.now() - start < 2000);
});

test("what a sender says of a body's checksum", () => {
  assert.equal(askedOf({}, {}), undefined);
  assert.deepEqual(askedOf({ ChecksumCRC32: "AAAAAA==" }, {}), { algorithm: "CRC32", value: "AAAAAA==" });
  assert.deepEqual(askedOf({ ChecksumAlgorithm: "SHA256" }, {}), { algorithm: "SHA256" });
  assert.deepEqual(askedOf({ ChecksumAlgorithm: "CRC32" }, { "x-amz-trailer": "x-amz-checksum-crc32" }), { algorithm: "CRC32" });
  assert.deepEqual(askedOf({}, { "x-amz-trailer": "x-amz-checksum-crc64nvme" }), { algorithm: "CRC64NVME" });
  assert.throws(() => askedOf({ ChecksumCRC32: "a", ChecksumSHA1: "b" }, {}), { code: "InvalidRequest" });
  assert.throws(() => askedOf({ ChecksumAlgorithm: "ROT13" }, {}), { code: "InvalidArgument" });
  assert.throws(() => checkSum({ algorithm: "CRC32", value: "a" }, "b"), { code: "BadDigest" });
});
test("Content-MD5", () => {
  checkMd5(undefined, "");
  checkMd5("JfnnlDI7RTiF9RgfG2JNCw==", "25f9e794323b453885f5181f1b624d0b");
  assert.throws(() => checkMd5("JfnnlDI7RTiF9RgfG2JNCw==", "00f9e794323b453885f5181f1b624d0b"), { code: "BadDigest" });
  assert.throws(() => checkMd5("nonsense", ""), { code: "InvalidDigest" });
});
test("checksum types by algorithm", () => {
  assert.equal(checksumTypeFor("CRC32", undefined), "COMPOSITE");
  assert.equal(checksumTypeFor("CRC32", "FULL_OBJECT"), "FULL_OBJECT");
  assert.equal(checksumTypeFor("CRC64NVME", undefined), "FULL_OBJECT");
  assert.throws(() => checksumTypeFor("CRC64NVME", "COMPOSITE"), { code: "InvalidRequest" });
  assert.throws(() => checksumTypeFor("SHA256", "FULL_OBJECT"), { code: "InvalidRequest" });
});
