import { cidrBlocks } from "./cidr.ts";
import { functionOf, isMap, TemplateError, type Value, type ValueMap } from "./value.ts";

/** `AWS::NoValue`: what it stands for is left out. */
export const absent = Symbol("AWS::NoValue");

/** A value that is known only once the named resources are made; only forecasts of change sets meet it. */
export class Unknown {
  /** `Topic` for a reference, `Topic.TopicArn` for an attribute. */
  readonly causes: readonly string[];
  constructor(causes: readonly string[]) {
    this.causes = [...new Set(causes)];
  }
}
export type Result = string | number | boolean | Unknown | typeof absent | readonly Result[] | { readonly [key: string]: Result };

/** What a template's functions may look at. */
export interface Scope {
  /** Parameters and pseudo parameters; undefined when there is none of that name. */
  parameter(name: string): Result | undefined;
  ref(logicalId: string): Result;
  attribute(logicalId: string, attribute: string): Result;
  condition(name: string): boolean;
  importValue(name: string): Result;
  readonly mappings: ValueMap;
  readonly region: string;
}

const textOf = (value: Result, complaint: string): string | Unknown => {
  if (value instanceof Unknown || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new TemplateError(complaint);
};
/** The causes of everything unknown in these values; undefined when all is known. */
const unknownIn = (values: readonly Result[]): Unknown | undefined => {
  const causes = values.flatMap((value) => (value instanceof Unknown ? value.causes : []));
  return causes.length > 0 || values.some((value) => value instanceof Unknown) ? new Unknown(causes) : undefined;
};
const listOf = (value: Value, scope: Scope, complaint: string): Result[] | Unknown => {
  const result = evaluate(value, scope);
  if (result instanceof Unknown) return result;
  if (!Array.isArray(result)) throw new TemplateError(complaint);
  return result.filter((item) => item !== absent);
};
const argumentsOf = (argument: Value, least: number, most: number, complaint: string): readonly Value[] => {
  if (!Array.isArray(argument) || argument.length < least || argument.length > most) throw new TemplateError(complaint);
  return argument;
};

/** The value of a part of a template. */
export const evaluate = (node: Value, scope: Scope): Result => {
  if (Array.isArray(node)) return node.map((item) => evaluate(item, scope)).filter((item) => item !== absent);
  if (!isMap(node)) return node as string | number | boolean;
  const called = functionOf(node);
  if (called) {
    const [name, argument] = called;
    const run = functions[name];
    if (!run) throw new TemplateError(`Template format error: Unknown function: ${name}`);
    return run(argument, scope);
  }
  const map: Record<string, Result> = {};
  for (const [key, value] of Object.entries(node)) {
    const result = evaluate(value, scope);
    if (result !== absent) map[key] = result;
  }
  return map;
};

const reference = (name: string, scope: Scope): Result => scope.parameter(name) ?? scope.ref(name);

/** The parts of a `Fn::Sub` text: literal pieces and the names between `${` and `}`. */
export const substitutions = (text: string): (string | { readonly name: string })[] => {
  const parts: (string | { name: string })[] = [];
  let from = 0;
  for (const match of text.matchAll(/\$\{([^{}]*)\}/g)) {
    parts.push(text.slice(from, match.index));
    const name = match[1] as string;
    parts.push(name.startsWith("!") ? `\${${name.slice(1)}}` : { name: name.trim() });
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part !== "");
};

const sub = (argument: Value, scope: Scope): Result => {
  const complaint =
    "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string";
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  if (typeof text !== "string" || !isMap(variables) || (Array.isArray(argument) && argument.length > 2)) throw new TemplateError(complaint);
  const pieces = substitutions(text).map((part): string | Unknown => {
    if (typeof part === "string") return part;
    const { name } = part;
    if (!/^[A-Za-z0-9:._-]+$/.test(name))
      throw new TemplateError(
        `Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons: \${${name}}`,
      );
    const own = Object.hasOwn(variables, name) ? evaluate(variables[name] as Value, scope) : undefined;
    const dot = name.indexOf(".");
    const value = own ?? (dot > 0 ? scope.attribute(name.slice(0, dot), name.slice(dot + 1)) : reference(name, scope));
    return textOf(value, `Template error: the value of \${${name}} in Fn::Sub is no string`);
  });
  return unknownIn(pieces) ?? pieces.join("");
};

/** The value of a condition's expression. */
export const truth = (node: Value, scope: Scope): boolean => {
  const fail = (why: string): never => {
    throw new TemplateError(`Template format error: ${why}`);
  };
  if (node === true || node === "true") return true;
  if (node === false || node === "false") return false;
  if (!isMap(node) || Object.keys(node).length !== 1) return fail("Every Conditions member must be a condition function");
  const [[name, argument] = ["", ""]] = Object.entries(node);
  if (name === "Condition") return typeof argument === "string" ? scope.condition(argument) : fail("Condition must name a condition");
  const many = (least: number, most: number) =>
    argumentsOf(
      argument,
      least,
      most,
      `Template error: every ${name} object requires a list of ${least === most ? least : `at least ${least} and at most ${most}`} boolean parameters.`,
    );
  if (name === "Fn::And")
    return many(2, 10)
      .map((item) => truth(item, scope))
      .every(Boolean);
  if (name === "Fn::Or")
    return many(2, 10)
      .map((item) => truth(item, scope))
      .some(Boolean);
  if (name === "Fn::Not") return !truth(many(1, 1)[0] as Value, scope);
  if (name === "Fn::Equals") {
    const both = argumentsOf(argument, 2, 2, "Template error: every Fn::Equals object requires a list of 2 string parameters.");
    const [left, right] = both.map((item) =>
      JSON.stringify(evaluate(item, scope), (_, value) => (typeof value === "object" ? value : String(value))),
    );
    return left === right;
  }
  const lists = () => {
    const both = argumentsOf(argument, 2, 2, `Template error: every ${name} object requires two parameters`);
    return both.map((item) => [evaluate(item, scope)].flat().map(String)) as [string[], string[]];
  };
  if (name === "Fn::Contains") {
    const [list, [value]] = lists();
    return list.includes(value as string);
  }
  if (name === "Fn::EachMemberEquals") {
    const [list, [value]] = lists();
    return list.every((item) => item === value);
  }
  if (name === "Fn::EachMemberIn") {
    const [list, within] = lists();
    return list.every((item) => within.includes(item));
  }
  return fail(`${name} is no condition function`);
};

const functions: Readonly<Record<string, (argument: Value, scope: Scope) => Result>> = {
  Ref(argument, scope) {
    if (typeof argument !== "string") throw new TemplateError("Template format error: every Ref object must have a single String value.");
    return reference(argument, scope);
  },
  "Fn::GetAtt"(argument, scope) {
    const complaint =
      "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute";
    const [resource, attribute] =
      typeof argument === "string" && argument.includes(".") ? splitAt(argument) : argumentsOf(argument, 2, 2, complaint);
    const name = attribute === undefined ? undefined : evaluate(attribute, scope);
    if (typeof resource !== "string" || typeof name !== "string" || !resource || !name) throw new TemplateError(complaint);
    return scope.attribute(resource, name);
  },
  "Fn::Sub": sub,
  "Fn::Join"(argument, scope) {
    const complaint =
      "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.";
    const [delimiter, list] = argumentsOf(argument, 2, 2, complaint);
    if (typeof delimiter !== "string") throw new TemplateError(complaint);
    const items = listOf(list as Value, scope, complaint);
    if (items instanceof Unknown) return items;
    const texts = items.map((item) => textOf(item, complaint));
    return unknownIn(texts) ?? texts.join(delimiter);
  },
  "Fn::Select"(argument, scope) {
    const complaint = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list";
    const [place, list] = argumentsOf(argument, 2, 2, complaint);
    const index = Number(evaluate(place as Value, scope));
    const items = listOf(list as Value, scope, complaint);
    if (!Number.isInteger(index)) throw new TemplateError(complaint);
    if (items instanceof Unknown) return items;
    const item = items[index];
    if (index < 0 || item === undefined)
      throw new TemplateError(`Template error: Fn::Select cannot select nonexistent value at index ${index}`);
    return item;
  },
  "Fn::Split"(argument, scope) {
    const complaint =
      "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.";
    const [delimiter, text] = argumentsOf(argument, 2, 2, complaint);
    const value = textOf(evaluate(text as Value, scope), complaint);
    if (typeof delimiter !== "string" || delimiter === "") throw new TemplateError(complaint);
    return value instanceof Unknown ? value : value.split(delimiter);
  },
  "Fn::FindInMap"(argument, scope) {
    const complaint =
      "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value";
    const [mapName, first, second, otherwise] = argumentsOf(argument, 3, 4, complaint);
    const names = [mapName, first, second].map((item) => textOf(evaluate(item as Value, scope), complaint));
    const [map, top, inner] = names as string[];
    if (unknownIn(names)) throw new TemplateError(`Template error: Fn::FindInMap cannot depend on resources`);
    const values = scope.mappings[map as string];
    if (!isMap(values) && otherwise === undefined)
      throw new TemplateError(`Template error: Mapping named '${map}' is not present in the 'Mappings' section of template.`);
    const attributes = isMap(values) && Object.hasOwn(values, top as string) ? values[top as string] : undefined;
    if (isMap(attributes) && Object.hasOwn(attributes, inner as string)) return attributes[inner as string] as Result;
    if (isMap(otherwise) && "DefaultValue" in otherwise) return evaluate(otherwise.DefaultValue as Value, scope);
    throw new TemplateError(`Template error: Unable to get mapping for ${map}::${top}::${inner}`);
  },
  "Fn::If"(argument, scope) {
    const complaint = "Template error: Fn::If requires a list argument with three elements";
    const [condition, then, otherwise] = argumentsOf(argument, 3, 3, complaint);
    if (typeof condition !== "string")
      throw new TemplateError("Template error: Fn::If requires the name of a condition as its first element");
    return evaluate((scope.condition(condition) ? then : otherwise) as Value, scope);
  },
  "Fn::ImportValue"(argument, scope) {
    const name = textOf(evaluate(argument, scope), "Template error: the attribute in Fn::ImportValue must be a string");
    if (name instanceof Unknown)
      throw new TemplateError(
        "Template error: the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs",
      );
    return scope.importValue(name);
  },
  "Fn::Base64"(argument, scope) {
    const value = textOf(evaluate(argument, scope), "Template error: every Fn::Base64 object must have a String-typed value.");
    return value instanceof Unknown ? value : Buffer.from(value).toString("base64");
  },
  "Fn::GetAZs"(argument, scope) {
    const value = textOf(evaluate(argument, scope), "Template error: every Fn::GetAZs object requires one string parameter, a region name");
    if (value instanceof Unknown) return value;
    return ["a", "b", "c"].map((zone) => `${value || scope.region}${zone}`);
  },
  "Fn::Cidr"(argument, scope) {
    const complaint =
      "Template error: every Fn::Cidr object requires two parameters, (1) a string or function that returns a string and (2) the number of blocks";
    const values = argumentsOf(argument, 2, 3, complaint).map((item) => textOf(evaluate(item, scope), complaint));
    const unknown = unknownIn(values);
    if (unknown) return unknown;
    const [block, count, bits] = values as string[];
    return cidrBlocks(block as string, Number(count), bits === undefined ? undefined : Number(bits));
  },
  "Fn::Length"(argument, scope) {
    const items = listOf(argument, scope, "Template error: Fn::Length requires a list");
    return items instanceof Unknown ? items : items.length;
  },
  "Fn::ToJsonString"(argument, scope) {
    const value = evaluate(argument, scope);
    const causes = unknownCauses(value);
    return causes.length > 0 ? new Unknown(causes) : JSON.stringify(value);
  },
};
for (const name of ["Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals"]) {
  Object.assign(functions, { [name]: (argument: Value, scope: Scope) => truth({ [name]: argument }, scope) });
}

const splitAt = (text: string): [string, string] => {
  const dot = text.indexOf(".");
  return [text.slice(0, dot), text.slice(dot + 1)];
};

/** The names of what must be made before this result is known. */
export const unknownCauses = (value: Result): readonly string[] => {
  if (value instanceof Unknown) return value.causes;
  if (Array.isArray(value)) return value.flatMap(unknownCauses);
  return typeof value === "object" ? Object.values(value).flatMap(unknownCauses) : [];
};
