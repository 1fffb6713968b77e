/** Lengths, patterns, ranges and value sets of inputs, and AWS's words about them. */
import { readFile } from "node:fs/promises";

/** Of a string, number, list, map or bytes. */
export interface Rule {
  /** Of a number's value, else of the length. */
  readonly min?: number;
  readonly max?: number;
  /** Matches the whole string. */
  readonly pattern?: string;
  readonly values?: readonly string[];
  /** Index of the rule of a list's members or a map's values. */
  readonly each?: number;
  /** Index of the rule of a map's keys. */
  readonly key?: number;
}
/** A generated file of `constraints/`: see scripts/constraints.ts. */
export interface Rules {
  readonly rules: readonly Rule[];
  /** Structure → member → index of its rule. */
  readonly structures: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const none: Rules = { rules: [], structures: {} };
const loaded = new Map<string, Promise<Rules>>();
/** The rules of one service, read at its first use. */
export function rulesOf(service: string): Promise<Rules> {
  let rules = loaded.get(service);
  if (!rules) loaded.set(service, (rules = load(service)));
  return rules;
}
async function load(service: string): Promise<Rules> {
  try {
    return JSON.parse(await readFile(new URL(`constraints/${service}.json`, import.meta.url), "utf8")) as Rules;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return none;
    throw error;
  }
}

export const ruleOf = ({ rules, structures }: Rules, structure: string, member: string): Rule | undefined => {
  const index = structures[structure]?.[member];
  return index === undefined ? undefined : rules[index];
};

/** What a value breaks, as AWS says it: `Member must have length less than or equal to 100`. */
export function broken(all: Rules, rule: Rule, value: unknown): string[] {
  if (typeof value === "number") return range(rule, value, "value");
  if (typeof value === "string") return text(rule, value);
  if (value instanceof Uint8Array) return range(rule, value.length, "length");
  if (Array.isArray(value)) {
    const each = rule.each === undefined ? undefined : all.rules[rule.each];
    const inner = each ? distinct(value.map((item) => broken(all, each, item))) : [];
    return [...range(rule, value.length, "length"), ...inner.map((found) => `Member must satisfy constraint: [${found}]`)];
  }
  if (value === null || typeof value !== "object" || value instanceof Date || !isPlain(value)) return [];
  const key = rule.key === undefined ? undefined : all.rules[rule.key];
  const each = rule.each === undefined ? undefined : all.rules[rule.each];
  const keys = key ? distinct(Object.keys(value).map((name) => broken(all, key, name))) : [];
  const values = each ? distinct(Object.values(value).map((item) => broken(all, each, item))) : [];
  return [
    ...range(rule, Object.keys(value).length, "length"),
    ...keys.map((found) => `Map keys must satisfy constraint: [${found}]`),
    ...values.map((found) => `Map value must satisfy constraint: [${found}]`),
  ];
}

const isPlain = (value: object) => Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;
const distinct = (found: readonly string[][]): string[] => [...new Set(found.filter((one) => one.length > 0).map((one) => one.join(", ")))];

function range({ min, max }: Rule, size: number, of: "value" | "length"): string[] {
  if (max !== undefined && size > max) return [`Member must have ${of} less than or equal to ${max}`];
  if (min !== undefined && size < min) return [`Member must have ${of} greater than or equal to ${min}`];
  return [];
}

/** What is far too long is not worth a pattern's time. */
const longestMatched = 65_536;
function text(rule: Rule, value: string): string[] {
  const found = range(rule, value.length, "length");
  if (rule.pattern !== undefined && value.length <= longestMatched && !patternOf(rule.pattern).test(value))
    found.push(`Member must satisfy regular expression pattern: ${rule.pattern}`);
  if (rule.values && !rule.values.includes(value)) found.push(`Member must satisfy enum value set: [${rule.values.join(", ")}]`);
  return found;
}

const patterns = new Map<string, RegExp>();
function patternOf(source: string): RegExp {
  let pattern = patterns.get(source);
  if (!pattern) patterns.set(source, (pattern = compile(`^(?:${source})$`)));
  return pattern;
}
/** Most patterns are Unicode-aware; a few escape more than that mode lets them. */
function compile(source: string): RegExp {
  try {
    return new RegExp(source, "u");
  } catch {
    return new RegExp(source);
  }
}
