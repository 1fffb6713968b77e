/** S3's checksums: which one a writer asked for, computing it while bytes pass, and those of objects made of parts. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Crc32c, Crc64Nvme } from "@aws-sdk/checksums/crc";
import { Xxh3_64, Xxh3_128, Xxh64 } from "@aws-sdk/checksums/xxh";
import { ServiceError } from "../../protocols/operations.ts";
import { crcKinds, joinCrcs } from "./crc.ts";
import { badDigest, invalidArgument, invalidRequest } from "./errors.ts";

export const algorithms = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"] as const;
export type Algorithm = (typeof algorithms)[number];
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";
/** The members by which S3's shapes carry checksums. */
export type ChecksumMembers = { -readonly [A in Algorithm as `Checksum${A}`]?: string | undefined };

export interface Digest {
  update(bytes: Uint8Array): void;
  /** Base64. */
  end(): Promise<string>;
}
const node = (name: string) => (): Digest => {
  const hash = createHash(name);
  return { update: (bytes) => void hash.update(bytes), end: async () => hash.digest("base64") };
};
const smithy = (of: new () => { update(bytes: Uint8Array): void; digest(): Promise<Uint8Array> }) => (): Digest => {
  const hash = new of();
  return { update: (bytes) => hash.update(bytes), end: async () => Buffer.from(await hash.digest()).toString("base64") };
};
const makers: Record<Algorithm, () => Digest> = {
  CRC32: () => {
    let crc = 0;
    return {
      update: (bytes) => {
        crc = crc32(bytes, crc);
      },
      end: async () => {
        const out = Buffer.alloc(4);
        out.writeUInt32BE(crc >>> 0);
        return out.toString("base64");
      },
    };
  },
  CRC32C: smithy(Crc32c as never),
  CRC64NVME: smithy(Crc64Nvme as never),
  SHA1: node("sha1"),
  SHA256: node("sha256"),
  SHA512: node("sha512"),
  MD5: node("md5"),
  XXHASH64: smithy(Xxh64 as never),
  XXHASH3: smithy(Xxh3_64 as never),
  XXHASH128: smithy(Xxh3_128 as never),
};
export const digest = (algorithm: Algorithm): Digest => makers[algorithm]();

export const checksumIn = (members: ChecksumMembers, algorithm: Algorithm): string | undefined => members[`Checksum${algorithm}`];
export const asMembers = (checksum: { algorithm: Algorithm; value: string } | undefined): ChecksumMembers =>
  checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value } : {};

const isAlgorithm = (name: string): name is Algorithm => (algorithms as readonly string[]).includes(name);
export const algorithmNamed = (name: string | undefined): Algorithm | undefined => {
  if (name === undefined) return undefined;
  const upper = name.toUpperCase();
  if (!isAlgorithm(upper))
    throw invalidArgument(
      "x-amz-checksum-algorithm",
      name,
      "Checksum algorithm provided is unsupported. Please try again with any of the valid types",
    );
  return upper;
};

/** What a body's sender says of its checksum: by value, by trailer, or only by the name of the algorithm. */
export const askedOf = (
  members: ChecksumMembers & { readonly ChecksumAlgorithm?: string },
  headers: Readonly<Record<string, string>>,
): { algorithm: Algorithm; value?: string } | undefined => {
  const given = algorithms.filter((algorithm) => checksumIn(members, algorithm) !== undefined);
  if (given.length > 1) throw invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  const named = algorithmNamed(members.ChecksumAlgorithm);
  const [algorithm] = given;
  if (algorithm !== undefined) {
    if (named !== undefined && named !== algorithm) throw invalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.");
    return { algorithm, value: checksumIn(members, algorithm) as string };
  }
  const trailer = /^\s*x-amz-checksum-(\w+)\s*$/i.exec(headers["x-amz-trailer"] ?? "")?.[1];
  const trailing = trailer === undefined ? undefined : algorithmNamed(trailer);
  return (trailing ?? named) && { algorithm: (trailing ?? named) as Algorithm };
};

export const checkSum = (asked: { algorithm: Algorithm; value?: string }, computed: string): void => {
  if (asked.value !== undefined && asked.value !== computed) throw badDigest(asked.algorithm);
};

/** `Content-MD5` is base64, a blob's MD5 hex. */
export const checkMd5 = (header: string | undefined, md5: string): void => {
  if (header === undefined) return;
  const bytes = Buffer.from(header, "base64");
  if (bytes.length !== 16 || bytes.toString("base64") !== header)
    throw new ServiceError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400, { "Content-MD5": header });
  if (bytes.toString("hex") !== md5) throw badDigest("Content-MD5");
};

/** Which type an upload's object gets, by S3's table. */
export const checksumTypeFor = (algorithm: Algorithm, asked: string | undefined): ChecksumType => {
  const full = algorithm in crcKinds;
  const composite = algorithm !== "CRC64NVME";
  if (asked === undefined) return composite ? "COMPOSITE" : "FULL_OBJECT";
  if ((asked === "FULL_OBJECT" && full) || (asked === "COMPOSITE" && composite)) return asked;
  throw invalidRequest(`The ${asked} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`);
};

/** The checksum of an object made of parts; `undefined` when a part has none. */
export const joined = async (
  parts: readonly { size: number; checksum: string | undefined }[],
  algorithm: Algorithm,
  type: ChecksumType,
): Promise<string | undefined> => {
  const values = parts.map(({ checksum }) => checksum);
  if (values.some((value) => value === undefined)) return undefined;
  const bytes = values.map((value) => Buffer.from(value as string, "base64"));
  if (type === "COMPOSITE") {
    const whole = digest(algorithm);
    for (const one of bytes) whole.update(one);
    return `${await whole.end()}-${parts.length}`;
  }
  const kind = crcKinds[algorithm as keyof typeof crcKinds];
  const crc = joinCrcs(
    parts.map(({ size }, i) => ({ size, crc: BigInt(`0x${(bytes[i] as Buffer).toString("hex")}`) })),
    kind,
  );
  return Buffer.from(crc.toString(16).padStart(kind.bits / 4, "0"), "hex").toString("base64");
};
