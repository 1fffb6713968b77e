/** `#{namespace.key}` in action configurations. */

const reference = /#\{([^{}]*)\}/g;
const wellFormed = /^([A-Za-z0-9@_-]+)\.([A-Za-z0-9@_-]+)$/;

export interface Reference {
  /** As written: `#{Source.CommitId}`. */
  readonly text: string;
  readonly namespace: string;
  readonly key: string;
}

/** Every reference in a text; `malformed` are those that are not a namespace and a key with a period between. */
export const referencesIn = (text: string): { references: Reference[]; malformed: string[] } => {
  const references: Reference[] = [];
  const malformed: string[] = [];
  for (const [whole, inner] of text.matchAll(reference)) {
    const parts = wellFormed.exec(inner!);
    if (parts) references.push({ text: whole, namespace: parts[1]!, key: parts[2]! });
    else malformed.push(whole);
  }
  return { references, malformed };
};

export class UnresolvedVariable extends Error {}

/** Throws `UnresolvedVariable`, naming every reference that has no value. */
export const resolve = (text: string, values: Readonly<Record<string, Readonly<Record<string, string>>>>): string => {
  const missing: string[] = [];
  const result = text.replace(reference, (whole, inner: string) => {
    const parts = wellFormed.exec(inner);
    const known = parts && Object.hasOwn(values, parts[1]!) ? values[parts[1]!]! : undefined;
    if (!parts || !known || !Object.hasOwn(known, parts[2]!)) {
      missing.push(whole);
      return whole;
    }
    return known[parts[2]!]!;
  });
  if (missing.length > 0) throw new UnresolvedVariable(`The following variables have no value: ${missing.join(", ")}`);
  return result;
};

export const resolveAll = (
  configuration: Readonly<Record<string, string>>,
  values: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Record<string, string> => Object.fromEntries(Object.entries(configuration).map(([key, text]) => [key, resolve(text, values)]));

/** An action may give at most so many bytes of variables. */
export const variableLimit = 122_880;
export const sizeOf = (variables: Readonly<Record<string, string>>): number =>
  Object.entries(variables).reduce((size, [key, value]) => size + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
