/** What the listings share: a page of a collection, as S3 asks for it and shows it. */
import type { Collection, Reading } from "../../store/store.ts";
import { invalidArgument } from "./errors.ts";
import { fromPart, toPart } from "./names.ts";
import { type Fetch, type Line, type Position, type Question, urlEncoded } from "./pages.ts";
import type { Bucket } from "./records.ts";

/** More than all places of a key. */
export const end = "\u{10ffff}";

export const from =
  <T>(tx: Reading, collection: Collection<T>, bucket: Bucket): Fetch<T> =>
  async ([key, ...place], limit) => {
    const after = [bucket.id, toPart(key ?? ""), ...place];
    // The store's keys have at least one character before any object key: nothing sorts before [bucket, ""].
    const entries = await tx.entries(collection, { prefix: [bucket.id], after, limit });
    return entries.map(({ key: [, part, place], value }) => ({ key: fromPart(part as string), place: place as string, value }));
  };

interface Asked {
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly EncodingType?: string;
}
export const questionOf = (input: Asked, most: number | undefined, name: string, after: Position | undefined): Question => {
  if (most !== undefined && most < 0)
    throw invalidArgument(name, String(most), `Argument ${name} must be an integer between 0 and 2147483647`);
  return { prefix: input.Prefix ?? "", delimiter: input.Delimiter ?? "", limit: Math.min(most ?? 1000, 1000), ...(after && { after }) };
};
export const shower = (input: Asked) => {
  if (input.EncodingType !== undefined && input.EncodingType !== "url")
    throw invalidArgument("encoding-type", input.EncodingType, "Invalid Encoding Method specified in Request");
  return input.EncodingType === "url" ? urlEncoded : (text: string) => text;
};
export const prefixesIn = (lines: readonly Line<unknown>[], show: (text: string) => string) => {
  const found = lines.flatMap((line) => ("commonPrefix" in line ? [{ Prefix: show(line.commonPrefix) }] : []));
  return found.length > 0 ? found : undefined;
};
export const itemsIn = <T>(lines: readonly Line<T>[]) => lines.flatMap((line) => ("item" in line ? [line.item] : []));
export const nameOf = (line: Line<unknown> | undefined): string =>
  line === undefined ? "" : "item" in line ? line.item.key : line.commonPrefix;
