/** What several types need: tags as differences, documents as text, and names as the other APIs spell them. */
import { same } from "../template/value.ts";
import { propertyLine, typeTable } from "../types.ts";

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}
export interface TagChanges {
  readonly set: Tag[];
  readonly remove: string[];
}
export const tagChanges = (before: readonly Tag[] | undefined = [], after: readonly Tag[] | undefined = []): TagChanges => ({
  set: after.filter((tag) => !before.some((old) => same(old, tag))),
  remove: before.flatMap(({ Key }) => (after.some((tag) => tag.Key === Key) ? [] : [Key])),
});
export const tagMap = (tags: readonly Tag[] | undefined = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));

/** Calls what needs calling for the tags that differ. */
export const changeTags = async (
  before: readonly Tag[] | undefined,
  after: readonly Tag[] | undefined,
  set: (tags: Tag[]) => Promise<unknown>,
  remove: (keys: string[]) => Promise<unknown>,
): Promise<void> => {
  const changes = tagChanges(before, after);
  if (changes.remove.length > 0) await remove(changes.remove);
  if (changes.set.length > 0) await set(changes.set);
};

/** A document as text: as it was written when it is text already. */
export const documentText = (document: unknown): string => (typeof document === "string" ? document : JSON.stringify(document));

/** Which of these properties differ. */
export const differ = (before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>, ...names: string[]): boolean =>
  names.some((name) => !same(before[name], after[name]));

/** `names` that are no longer there, and those that are new. */
export const listChanges = (
  before: readonly string[] | undefined = [],
  after: readonly string[] | undefined = [],
): { gone: string[]; come: string[] } => ({
  gone: before.filter((one) => !after.includes(one)),
  come: after.filter((one) => !before.includes(one)),
});

const lower = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
/** Properties as APIs with small first letters spell them. Keys of maps and of free documents are the user's and stay. */
export const camelCase = (
  type: string,
  properties: Readonly<Record<string, unknown>>,
  spelling: Readonly<Record<string, string>> = {},
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the other API's
): any => {
  const definitions = typeTable(type)?.definitions ?? {};
  const convert = (value: unknown, text: string): unknown => {
    if (text.startsWith("[") && Array.isArray(value)) return value.map((item) => convert(item, text.slice(1, -1)));
    if (text.startsWith("#")) return members(value as Record<string, unknown>, definitions[text.slice(1)] ?? {});
    if (text === "t") return members(value as Record<string, unknown>, {});
    return value;
  };
  const members = (value: Readonly<Record<string, unknown>>, lines: Readonly<Record<string, string>>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(value).map(([name, item]) => [spelling[name] ?? lower(name), convert(item, propertyLine(lines[name] ?? "s").type)]),
    );
  return members(properties, typeTable(type)?.properties ?? {});
};

/** Every page of a listing. */
export const everyPage = async <T>(
  read: (token: string | undefined) => Promise<{ items: readonly T[] | undefined; next: string | undefined }>,
): Promise<T[]> => {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await read(token);
    all.push(...(items ?? []));
    token = next;
  } while (token !== undefined);
  return all;
};
