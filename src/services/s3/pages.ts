/**
 * One page of a listing by key: of objects, of versions, of uploads.
 * Reads about as many documents as the page shows: what lies below a common prefix is jumped over, not read.
 */

/** A place between documents, as the rest of a store key: `[key]` comes before all of that key, `[key, x]` after that one document. */
export type Position = readonly string[];

export interface Question {
  readonly prefix: string;
  readonly delimiter: string;
  /** Where the last page ended; absent for the first. */
  readonly after?: Position;
  readonly limit: number;
}
export interface Item<T> {
  readonly key: string;
  /** Behind the key in the store's order, unique for it. */
  readonly place: string;
  readonly value: T;
}
/** The next documents after that place, in order; fewer than `limit` only at the end. */
export type Fetch<T> = (after: Position, limit: number) => Promise<readonly Item<T>[]>;

export type Line<T> = { item: Item<T> } | { commonPrefix: string };
export interface PageOf<T> {
  readonly lines: readonly Line<T>[];
  readonly truncated: boolean;
}

const firstGlance = 32;

/** The first text, by code point, after all that begin with `prefix`; `undefined`: there is none. */
export const successor = (prefix: string): string | undefined => {
  const points = [...prefix];
  while (points.length > 0) {
    const last = (points.pop() as string).codePointAt(0) as number;
    // Surrogates are no characters: after U+D7FF comes U+E000.
    if (last < 0x10ffff) return points.join("") + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
};

/** The common prefix a key is counted under, if any. */
export const commonPrefixOf = (key: string, prefix: string, delimiter: string): string | undefined => {
  if (delimiter === "" || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
};

const comparePoints = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Where reading begins: at the prefix, or after the last page, whichever is further on. `undefined`: nothing is left. */
const beginning = ({ prefix, delimiter, after }: Question): Position | undefined => {
  const [key] = after ?? [];
  if (after === undefined || key === undefined || comparePoints(key, prefix) < 0) return [prefix];
  // A page that ended with a common prefix goes on behind everything in it.
  if (commonPrefixOf(key, prefix, delimiter) === key) return jump(key);
  return after;
};
const jump = (prefix: string): Position | undefined => {
  const next = successor(prefix);
  return next === undefined ? undefined : [next];
};

export const readPage = async <T>(question: Question, fetch: Fetch<T>): Promise<PageOf<T>> => {
  const { prefix, delimiter, limit } = question;
  const lines: Line<T>[] = [];
  if (limit === 0) return { lines, truncated: false };
  let position = beginning(question);
  let glance = delimiter === "" ? limit + 1 : Math.min(firstGlance, limit + 1);
  while (position !== undefined) {
    const items = await fetch(position, glance);
    let inside: string | undefined;
    for (const item of items) {
      if (inside !== undefined && item.key.startsWith(inside)) continue;
      if (!item.key.startsWith(prefix)) return { lines, truncated: false };
      if (lines.length === limit) return { lines, truncated: true };
      inside = commonPrefixOf(item.key, prefix, delimiter);
      lines.push(inside === undefined ? { item } : { commonPrefix: inside });
    }
    const last = items.at(-1);
    if (last === undefined || items.length < glance) return { lines, truncated: false };
    position = inside === undefined ? [last.key, last.place] : jump(inside);
    // Many objects side by side are read in larger steps; below a common prefix, large steps would be read in vain.
    glance = inside === undefined ? Math.min(glance * 2, limit + 1) : Math.min(firstGlance, limit + 1);
  }
  return { lines, truncated: false };
};

/** `encoding-type=url`. */
export const urlEncoded = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll("%2F", "/")
    .replace(/[!'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
