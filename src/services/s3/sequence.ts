/** The order of a key's versions, and version ids that say where in it they stand. */
import { randomBytes } from "node:crypto";

const highest = 2 ** 53 - 1;

/** Later than `last`, whatever the clock did. */
export const nextSequence = (now: Date, last: number | undefined): number => Math.max(now.getTime() * 1000, (last ?? 0) + 1);

/** The last part of a version's store key: newest first in ascending order. */
export const placeOf = (sequence: number): string => String(highest - sequence).padStart(16, "0");

/** As in S3's events: compare as text, right-justified. */
export const sequencerOf = (sequence: number): string => sequence.toString(16).toUpperCase().padStart(18, "0");

/** 32 characters: 17 random bytes and the sequence. */
export const versionIdFor = (sequence: number): string => {
  const bytes = randomBytes(24);
  bytes.writeBigUInt64BE((BigInt(bytes[16] as number) << 56n) | BigInt(sequence), 16);
  // A leading hyphen would look like an option on a command line.
  return bytes.toString("base64url").replaceAll("-", ".");
};

/** Where a version of that id would stand; `undefined`: it is no version id of ours. */
export const sequenceOf = (versionId: string): number | undefined => {
  if (!/^[A-Za-z0-9_.]{32}$/.test(versionId)) return undefined;
  return Number(Buffer.from(versionId.replaceAll(".", "-"), "base64url").readBigUInt64BE(16) & ((1n << 56n) - 1n));
};
