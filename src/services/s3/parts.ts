/** The rules of completing an upload: which parts, in which order, how large. */
import { createHash } from "node:crypto";
import { ServiceError } from "../../protocols/operations.ts";
import { type Algorithm, type ChecksumMembers, checksumIn } from "./checksums.ts";
import { invalidArgument, malformedXml } from "./errors.ts";
import type { Part } from "./records.ts";

export const mostParts = 10_000;
const smallestPart = 5 * 2 ** 20;

export interface Chosen extends ChecksumMembers {
  readonly PartNumber?: number;
  readonly ETag?: string;
}

export const checkPartNumber = (number: number | undefined): number => {
  if (number === undefined || !Number.isInteger(number) || number < 1 || number > mostParts)
    throw invalidArgument("partNumber", String(number), `Part number must be an integer between 1 and ${mostParts}, inclusive`);
  return number;
};

const invalidPart = (number: number | undefined, etag: string | undefined, uploadId: string) =>
  new ServiceError(
    "InvalidPart",
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { UploadId: uploadId, PartNumber: String(number), ETag: etag ?? "" },
  );

/** The uploaded parts that make up the object, as their uploader lists them. */
export const choose = (
  chosen: readonly Chosen[],
  uploaded: readonly Part[],
  uploadId: string,
  algorithm: Algorithm | undefined,
): Part[] => {
  if (chosen.length === 0) throw malformedXml();
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  let last = 0;
  const found = chosen.map((one) => {
    const number = checkPartNumber(one.PartNumber);
    if (number <= last)
      throw new ServiceError(
        "InvalidPartOrder",
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
        400,
        { UploadId: uploadId },
      );
    last = number;
    const part = byNumber.get(number);
    const checksum = algorithm && checksumIn(one, algorithm);
    if (
      !part ||
      one.ETag?.replace(/^"|"$/g, "") !== part.md5 ||
      (algorithm && checksum !== undefined && checksum !== part.checksums[algorithm])
    )
      throw invalidPart(number, one.ETag, uploadId);
    return part;
  });
  found.slice(0, -1).forEach((part) => {
    if (part.size < smallestPart)
      throw new ServiceError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400, {
        ProposedSize: String(part.size),
        MinSizeAllowed: String(smallestPart),
        PartNumber: String(part.number),
        ETag: part.md5,
      });
  });
  return found;
};

/** MD5 of the parts' MD5s, and their number. */
export const etagOf = (parts: readonly Pick<Part, "md5">[]): string => {
  const hash = createHash("md5");
  for (const { md5 } of parts) hash.update(md5, "hex");
  return `${hash.digest("hex")}-${parts.length}`;
};

/** Ids of uploads of one key grow with time, so that they are listed in the order they began. */
export const uploadIdFor = (now: Date, random: Uint8Array): string =>
  now.getTime().toString(36).padStart(9, "0") + Buffer.from(random).toString("base64url").replaceAll("-", ".");
export const isUploadId = (text: string): boolean => /^[0-9a-z]{9}[A-Za-z0-9_.]{48}$/.test(text);
/** The last part of a part's store key. */
export const partKey = (uploadId: string, number: number): string[] => [uploadId, String(number).padStart(5, "0")];
