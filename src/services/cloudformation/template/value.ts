/** A template after reading: plain data in which functions stand in their long form. */
export type Value = string | number | boolean | readonly Value[] | ValueMap;
export interface ValueMap {
  readonly [key: string]: Value;
}
export type Path = readonly (string | number)[];

export const isMap = (value: unknown): value is ValueMap => typeof value === "object" && value !== null && !Array.isArray(value);

/** A complaint about a template: the API answers it as `ValidationError`. */
export class TemplateError extends Error {}

/** Where a value stands in the text: `(line 12, Resources.Topic.Properties.Name)`. */
export type Places = ReadonlyMap<string, number>;
export const placeKey = (path: Path): string => path.join("\u0000");

/** The nearest line known for a path, and the path itself, as people write it. */
export const placeText = (places: Places | undefined, path: Path): string => {
  const dotted = path.join(".");
  for (let length = path.length; length > 0 && places; length--) {
    const line = places.get(placeKey(path.slice(0, length)));
    if (line !== undefined) return `(line ${line}, ${dotted})`;
  }
  return `(${dotted})`;
};

/** Deep equality of plain data; the order of keys does not matter. */
export const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]));
};

/** The function a map stands for: its one key, when that names a function. */
export const functionOf = (value: Value): [name: string, argument: Value] | undefined => {
  if (!isMap(value)) return undefined;
  const keys = Object.keys(value);
  const name = keys.find((key) => key === "Ref" || key.startsWith("Fn::"));
  if (name === undefined) return undefined;
  if (keys.length > 1) {
    if (name === "Ref") return undefined;
    throw new TemplateError(
      `Template format error: ${name} must be the only key of its object, but stands beside [${keys.filter((key) => key !== name).join(", ")}]`,
    );
  }
  return [name, value[name] as Value];
};
