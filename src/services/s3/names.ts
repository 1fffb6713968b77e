/** The rules of bucket names and object keys. */
import { ServiceError } from "../../protocols/operations.ts";

const reservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
const reservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/** General-purpose bucket names: 3 to 63 of `a-z 0-9 . -`, label by label, no IP address, no reserved affix. */
export const isBucketName = (name: string): boolean =>
  name.length >= 3 &&
  name.length <= 63 &&
  name.split(".").every((label) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label)) &&
  !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
  !reservedPrefixes.some((prefix) => name.startsWith(prefix)) &&
  !reservedSuffixes.some((suffix) => name.endsWith(suffix));

export const checkBucketName = (name: string): void => {
  if (!isBucketName(name)) throw new ServiceError("InvalidBucketName", "The specified bucket is not valid.", 400, { BucketName: name });
};

/** 1 to 1024 bytes of UTF-8. */
export const checkKey = (key: string): void => {
  const size = Buffer.byteLength(key);
  if (size > 1024) throw new ServiceError("KeyTooLongError", "Your key is too long", 400, { Size: String(size), MaxSizeAllowed: "1024" });
};

/**
 * An object key as a part of a store key, which may not hold U+0000 and U+0001:
 * both, and the escape itself, become two characters, in an order that keeps the order of keys and their prefixes.
 */
export const toPart = (key: string): string =>
  key.replace(/[\0\u0001\u0002]/g, (char) => `\u0002${String.fromCharCode(char.charCodeAt(0) + 2)}`);
export const fromPart = (part: string): string =>
  part.replace(/\u0002([\u0002-\u0004])/g, (_, char: string) => String.fromCharCode(char.charCodeAt(0) - 2));
