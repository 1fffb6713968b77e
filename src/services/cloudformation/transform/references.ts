/** References to what the transform has renamed (`Layer`) or made (`Function.Version`), anywhere in the template. */
import { isMap, type Value } from "../template/value.ts";

export interface Renaming {
  /** Logical ids that are others now. */
  readonly ids: Readonly<Record<string, string>>;
  /** `Function.Alias` → logical id. */
  readonly names: Readonly<Record<string, string>>;
}

export const rewrite = (value: Value, renaming: Renaming): Value => {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, renaming));
  if (!isMap(value)) return value;
  const [key, ...others] = Object.keys(value);
  const argument = key === undefined ? undefined : value[key];
  if (others.length === 0 && key === "Ref" && typeof argument === "string") return { Ref: whole(argument, renaming) };
  if (others.length === 0 && key === "Fn::GetAtt") return { "Fn::GetAtt": attribute(argument as Value, renaming) };
  if (others.length === 0 && key === "Fn::Sub") return { "Fn::Sub": substitution(argument as Value, renaming) };
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, rewrite(member, renaming)]));
};

/** DependsOn names logical ids without a function. */
export const rewriteDependsOn = <D extends string | readonly string[] | undefined>(depends: D, { ids }: Renaming): D =>
  (typeof depends === "string" ? find(ids, depends) : depends?.map((id) => find(ids, id))) as D;

const find = (table: Readonly<Record<string, string>>, name: string): string =>
  Object.hasOwn(table, name) ? (table[name] as string) : name;
const whole = (name: string, { ids, names }: Renaming): string => (Object.hasOwn(names, name) ? (names[name] as string) : find(ids, name));

/** `Function.Version.Version` is an attribute of the version, `Layer.Arn` one of the layer. */
const dotted = (text: string, renaming: Renaming): string => {
  const [first = "", second, ...rest] = text.split(".");
  const made = second === undefined ? undefined : renaming.names[`${first}.${second}`];
  if (made !== undefined && Object.hasOwn(renaming.names, `${first}.${second}`)) return [made, ...rest].join(".");
  return [find(renaming.ids, first), ...(second === undefined ? [] : [second, ...rest])].join(".");
};

const attribute = (argument: Value, renaming: Renaming): Value => {
  if (typeof argument === "string") return dotted(argument, renaming);
  if (!Array.isArray(argument) || typeof argument[0] !== "string") return argument;
  if (!argument.every((part) => typeof part === "string"))
    return [dotted(argument[0], renaming), ...argument.slice(1).map((part) => rewrite(part, renaming))];
  const text = dotted(argument.join("."), renaming);
  const dot = text.indexOf(".");
  return dot < 0 ? argument : [text.slice(0, dot), text.slice(dot + 1)];
};

const substitution = (argument: Value, renaming: Renaming): Value => {
  const inText = (text: string, own: readonly string[]) =>
    text.replace(/\$\{([^!{}][^{}]*)\}/g, (all, name: string) => (own.includes(name) ? all : `\${${dotted(name, renaming)}}`));
  if (typeof argument === "string") return inText(argument, []);
  if (!Array.isArray(argument) || typeof argument[0] !== "string") return rewrite(argument, renaming);
  const [text, variables] = argument as unknown as readonly [string, Value?];
  return variables === undefined
    ? [inText(text, [])]
    : [inText(text, isMap(variables) ? Object.keys(variables) : []), rewrite(variables, renaming)];
};
