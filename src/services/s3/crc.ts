/** The CRC of two pieces joined, from their CRCs and the length of the second: no byte is read again. */

interface Kind {
  readonly bits: number;
  /** Reflected, without the highest term. */
  readonly polynomial: bigint;
}
export const crcKinds = {
  CRC32: { bits: 32, polynomial: 0xedb88320n },
  CRC32C: { bits: 32, polynomial: 0x82f63b78n },
  CRC64NVME: { bits: 64, polynomial: 0x9a6c9329ac4bc9b5n },
} as const satisfies Record<string, Kind>;

/** Product modulo the polynomial; in reflected form the highest bit is x⁰. */
const multiply = (one: bigint, other: bigint, { bits, polynomial }: Kind): bigint => {
  let product = 0n;
  for (let mask = 1n << BigInt(bits - 1); mask !== 0n; mask >>= 1n) {
    if (one & mask) product ^= other;
    other = other & 1n ? (other >> 1n) ^ polynomial : other >> 1n;
  }
  return product;
};

/** x to the power of 8 × bytes, modulo the polynomial. */
const shift = (bytes: number, kind: Kind): bigint => {
  let result = 1n << BigInt(kind.bits - 1);
  let square = result >> 8n;
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(result, square, kind);
    square = multiply(square, square, kind);
  }
  return result;
};

/** Pieces in order. Their CRCs as numbers, as they are shown (that is, after the final inversion). */
export const joinCrcs = (pieces: readonly { crc: bigint; size: number }[], kind: Kind): bigint => {
  const shifts = new Map<number, bigint>();
  let whole = 0n;
  for (const { crc, size } of pieces) {
    let by = shifts.get(size);
    if (by === undefined) shifts.set(size, (by = shift(size, kind)));
    whole = multiply(by, whole, kind) ^ crc;
  }
  return whole;
};
