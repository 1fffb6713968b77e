/** The properties of a resource against the resource specification: what is unknown, what is refused, and which text is a number. */
import { type Result, Unknown } from "./template/functions.ts";
import { functionOf, isMap, type Path, type Places, placeText, TemplateError, type Value, type ValueMap } from "./template/value.ts";
import { isCustom, propertyLine, type TypeTable } from "./types.ts";

export interface Offered {
  readonly properties: readonly string[];
  readonly refuses?: readonly string[];
}
export type Tags = readonly { readonly Key: string; readonly Value: string }[];

/** Complains of properties that the type does not have, that Mayfly does not carry out, or that are missing. Functions are not looked into. */
export const checkProperties = (
  type: string,
  table: TypeTable,
  offered: Offered,
  properties: ValueMap,
  places: Places | undefined,
  base: Path,
): void => {
  if (isCustom(type)) {
    if (properties.ServiceToken === undefined) throw new TemplateError(`Property ServiceToken cannot be empty. ${placeText(places, base)}`);
    return;
  }
  const refused = (path: Path) => {
    const dotted = path.filter((part) => typeof part === "string").join(".");
    const top = path.length === 1 && !offered.properties.includes(dotted);
    if (top || offered.refuses?.includes(dotted)) {
      throw new TemplateError(`Property ${dotted} of ${type} is not implemented by Mayfly ${placeText(places, [...base, ...path])}`);
    }
  };
  const walk = (value: Value, text: string, path: Path): void => {
    if (path.length > 0) refused(path);
    if (functionOf(value)) return;
    if (text.startsWith("[") && Array.isArray(value)) value.forEach((item, index) => walk(item, text.slice(1, -1), [...path, index]));
    else if (text.startsWith("{") && isMap(value))
      for (const [key, item] of Object.entries(value)) walk(item, text.slice(1, -1), [...path, key]);
    else if (text.startsWith("#") && isMap(value)) members(value, table.definitions[text.slice(1)] ?? {}, path);
  };
  const members = (value: ValueMap, lines: Readonly<Record<string, string>>, path: Path): void => {
    for (const [name, item] of Object.entries(value)) {
      const line = lines[name];
      if (line === undefined)
        throw new TemplateError(`Encountered unsupported property ${name} ${placeText(places, [...base, ...path, name])}`);
      walk(item, propertyLine(line).type, [...path, name]);
    }
    for (const [name, line] of Object.entries(lines)) {
      if (propertyLine(line).required && value[name] === undefined && !Object.keys(value).some((key) => key.startsWith("Fn::"))) {
        throw new TemplateError(`Property ${name} cannot be empty. ${placeText(places, [...base, ...path])}`);
      }
    }
  };
  members(properties, table.properties, []);
};

const wanted: Readonly<Record<string, string>> = { s: "String", i: "Integer", n: "Number", b: "Boolean", t: "Tag", d: "String" };
const typeName = (text: string): string =>
  text.startsWith("[") ? `List of ${typeName(text.slice(1, -1))}` : (wanted[text] ?? (text.startsWith("#") ? text.slice(1) : "Json"));

/** Gives every property the type that the specification wants: `Version: 1` becomes text, `Timeout: "5"` a number. */
export const coerceProperties = (
  type: string,
  table: TypeTable | undefined,
  properties: Readonly<Record<string, Result>>,
): Record<string, Result> => {
  if (!table || isCustom(type)) return { ...properties };
  const coerce = (value: Result, text: string, name: string): Result => {
    if (value instanceof Unknown) return value;
    const fail = (): never => {
      throw new TemplateError(
        text.startsWith("#") || text.startsWith("{")
          ? `Value of property ${name} must be an object`
          : `Value of property ${name} must be of type ${typeName(text)}`,
      );
    };
    if (text.includes("|") || text === "j") return value;
    if (text.startsWith("[")) return Array.isArray(value) ? value.map((item) => coerce(item, text.slice(1, -1), name)) : fail();
    const map = typeof value === "object" && !Array.isArray(value) ? (value as Record<string, Result>) : undefined;
    if (text.startsWith("{"))
      return map ? Object.fromEntries(Object.entries(map).map(([key, item]) => [key, coerce(item, text.slice(1, -1), key)])) : fail();
    if (text === "t") return map ? Object.fromEntries(Object.entries(map).map(([key, item]) => [key, coerce(item, "s", key)])) : fail();
    if (text.startsWith("#")) return map ? members(map, table.definitions[text.slice(1)] ?? {}) : fail();
    if (typeof value === "object" || typeof value === "symbol") return fail();
    if (text === "s" || text === "d") return String(value);
    if (text === "b") return typeof value === "boolean" ? value : value === "true" ? true : value === "false" ? false : fail();
    const number = typeof value === "boolean" || value === "" ? Number.NaN : Number(value);
    return Number.isNaN(number) || (text === "i" && !Number.isInteger(number)) ? fail() : number;
  };
  const members = (map: Readonly<Record<string, Result>>, lines: Readonly<Record<string, string>>): Record<string, Result> =>
    Object.fromEntries(
      Object.entries(map).map(([name, value]) => {
        const line = lines[name];
        if (line === undefined) throw new TemplateError(`Encountered unsupported property ${name}`);
        return [name, coerce(value, propertyLine(line).type, name)];
      }),
    );
  return members(properties, table.properties);
};

/** Adds the stack's tags to a resource that can carry tags; the resource's own win. */
export const addTags = (
  table: TypeTable | undefined,
  offered: Offered,
  properties: Record<string, Result>,
  tags: Tags,
): Record<string, Result> => {
  const [name, variant] = table?.tags ?? [];
  if (!name || tags.length === 0 || !offered.properties.includes(name)) return properties;
  const own = properties[name];
  if (variant === "map") {
    if (own instanceof Unknown) return properties;
    return {
      ...properties,
      [name]: { ...Object.fromEntries(tags.map((tag) => [tag.Key, tag.Value])), ...((own as Record<string, Result>) ?? {}) },
    };
  }
  if (own !== undefined && !Array.isArray(own)) return properties;
  const list = (own ?? []) as readonly Result[];
  const has = (key: string) => list.some((item) => isMap(item) && item.Key === key);
  return { ...properties, [name]: [...list, ...tags.filter((tag) => !has(tag.Key)).map((tag) => ({ Key: tag.Key, Value: tag.Value }))] };
};

/** Whether a required property turned out to be absent (`Fn::If` with `AWS::NoValue`). */
export const checkRequired = (table: TypeTable | undefined, properties: Readonly<Record<string, Result>>): void => {
  for (const [name, line] of Object.entries(table?.properties ?? {})) {
    if (propertyLine(line).required && properties[name] === undefined) throw new TemplateError(`Property ${name} cannot be empty.`);
  }
};
