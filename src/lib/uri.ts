const escapes = /[!'()*]/g;

/** RFC 3986 escaping, as SigV4 wants it: everything but letters, digits and `-._~`. */
export const escapeUri = (text: string): string =>
  encodeURIComponent(text).replace(escapes, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** The pairs of a query string, decoded. `+` stays a plus sign unless it came from a form. Throws URIError on a bad escape. */
export function queryPairs(query: string, form = false): [string, string][] {
  if (query === "") return [];
  const decode = (s: string) => decodeURIComponent(form ? s.replaceAll("+", " ") : s);
  return query.split("&").flatMap((part): [string, string][] => {
    if (part === "") return [];
    const at = part.indexOf("=");
    return at < 0 ? [[decode(part), ""]] : [[decode(part.slice(0, at)), decode(part.slice(at + 1))]];
  });
}
