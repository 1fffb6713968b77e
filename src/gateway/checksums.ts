import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Crc32c, Crc64Nvme } from "@aws-sdk/checksums/crc";
import { Xxh3_64, Xxh3_128, Xxh64 } from "@aws-sdk/checksums/xxh";

/** A checksum while bytes go by; the digest is base64. */
export interface Checksum {
  update(data: Uint8Array): void;
  digest(): Promise<string>;
}

const hash = (name: string) => (): Checksum => {
  const running = createHash(name);
  return { update: (data) => void running.update(data), digest: async () => running.digest("base64") };
};
const library = (made: () => { update(data: Uint8Array): void; digest(): Promise<Uint8Array> }) => (): Checksum => {
  const running = made();
  return { update: (data) => running.update(data), digest: async () => Buffer.from(await running.digest()).toString("base64") };
};

const algorithms: Record<string, () => Checksum> = {
  crc32() {
    let value = 0;
    return {
      update(data) {
        value = crc32(data, value);
      },
      async digest() {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32BE(value >>> 0);
        return bytes.toString("base64");
      },
    };
  },
  crc32c: library(() => new Crc32c()),
  crc64nvme: library(() => new Crc64Nvme()),
  sha1: hash("sha1"),
  sha256: hash("sha256"),
  sha512: hash("sha512"),
  md5: hash("md5"),
  xxhash64: library(() => new Xxh64()),
  xxhash3: library(() => new Xxh3_64()),
  xxhash128: library(() => new Xxh3_128()),
};

/** By the lower-case name that stands in `x-amz-checksum-…`; `md5` too. */
export const checksum = (algorithm: string): Checksum | undefined => algorithms[algorithm]?.();
