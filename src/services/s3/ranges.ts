/** `Range: bytes=…` of a GetObject, and `bytes=a-b` of an UploadPartCopy. Ends are inclusive. */
import { ServiceError } from "../../protocols/operations.ts";
import { invalidArgument } from "./errors.ts";

export interface Range {
  readonly start: number;
  readonly end: number;
}

const invalidRange = (asked: string, size: number) =>
  new ServiceError(
    "InvalidRange",
    "The requested range is not satisfiable",
    416,
    { RangeRequested: asked, ActualObjectSize: String(size) },
    { "content-range": `bytes */${size}` },
  );

/** `undefined` means the whole object: what is no single byte range is ignored, as HTTP says. */
export const rangeOf = (header: string | undefined, size: number): Range | undefined => {
  const [, first, last] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/.exec(header ?? "") ?? [];
  if (header === undefined || first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    if (length === 0) throw invalidRange(header, size);
    return { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= size) throw invalidRange(header, size);
  return { start, end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
};

/** Here, unlike in `Range`, both ends are needed and must lie inside the source. */
export const copyRangeOf = (header: string | undefined, size: number): Range | undefined => {
  if (header === undefined) return undefined;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  if (first === undefined || last === undefined || Number(last) < Number(first))
    throw invalidArgument(
      "x-amz-copy-source-range",
      header,
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
    );
  if (Number(last) >= size)
    throw invalidArgument("x-amz-copy-source-range", header, `Range specified is not valid for source object of size: ${size}`);
  return { start: Number(first), end: Number(last) };
};
