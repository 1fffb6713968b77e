/** Lists handed out page by page. A token names the last item given, so items that come and go between pages are no trouble. */
export class BadToken extends Error {}

export interface Page<T> {
  readonly items: T[];
  /** Absent on the last page. */
  readonly next?: string;
}

/** `nameOf` is unique among the items and gives their order. Throws `BadToken` for a token we did not make. */
export const page = <T>(items: readonly T[], nameOf: (item: T) => string, limit: number, token?: string): Page<T> => {
  const after = token === undefined ? undefined : nameIn(token);
  const rest = items
    .map((item) => ({ item, name: nameOf(item) }))
    .filter(({ name }) => after === undefined || name > after)
    .sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  const given = rest.slice(0, limit);
  const last = given.at(-1);
  return { items: given.map(({ item }) => item), next: last && rest.length > given.length ? tokenFor(last.name) : undefined };
};

const mark = "p1";
const tokenFor = (name: string) => Buffer.from(`${mark}${name}`).toString("base64url");
const nameIn = (token: string): string => {
  const text = Buffer.from(token, "base64url").toString();
  if (!text.startsWith(mark) || tokenFor(text.slice(mark.length)) !== token) throw new BadToken("the page token is not one of ours");
  return text.slice(mark.length);
};
