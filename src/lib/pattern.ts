/**
 * Patterns over JSON documents, as EventBridge rules and SNS filter policies write them:
 * every key must hold, and a leaf holds when one of its listed values or operators does.
 */
import { cidrTest } from "./cidr.ts";

/** Says what is wrong with a pattern. */
export class BadPattern extends Error {}
export type Matches = (document: unknown) => boolean;

/** Throws `BadPattern`. */
export const compilePattern = (pattern: unknown): Matches => {
  if (!isObject(pattern)) throw new BadPattern("the pattern must be a JSON object");
  return node(pattern, "");
};

type Json = Record<string, unknown>;
type Test = (value: unknown) => boolean;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** An object of the pattern; over an array of objects, one of them must fulfil all of it. */
const node = (pattern: Json, at: string): Matches => {
  const keys = Object.keys(pattern);
  if (keys.length === 0) throw new BadPattern(`Empty objects are not allowed${place(at)}`);
  const tests = keys.map((key) => {
    const below = at === "" ? key : `${at}.${key}`;
    const value = pattern[key];
    if (key === "$or" && Array.isArray(value)) return either(value, at);
    if (isObject(value)) {
      const inner = node(value, below);
      return (document: Json) => inner(Object.hasOwn(document, key) ? document[key] : undefined);
    }
    const inner = leaf(value, below);
    return (document: Json) => inner(Object.hasOwn(document, key) ? document[key] : undefined);
  });
  const all = (document: Json) => tests.every((test) => test(document));
  return (document) => {
    if (Array.isArray(document)) return document.length === 0 ? all({}) : document.some((one) => isObject(one) && all(one));
    return all(isObject(document) ? document : {});
  };
};

const either = (patterns: unknown[], at: string) => {
  if (patterns.length < 2) throw new BadPattern(`$or must have at least two patterns${place(at)}`);
  const tests = patterns.map((pattern) => {
    if (!isObject(pattern)) throw new BadPattern(`$or must list objects${place(at)}`);
    return node(pattern, at);
  });
  return (document: Json) => tests.some((test) => test(document));
};

const leaf = (values: unknown, at: string): Matches => {
  if (!Array.isArray(values)) throw new BadPattern(`"${at}" must be an object or an array`);
  if (values.length === 0) throw new BadPattern(`Empty arrays are not allowed${place(at)}`);
  const whenAbsent = values.some((value) => isObject(value) && value.exists === false);
  const tests = values.map((value) => valueTest(value, at));
  return (found) => {
    // Only leaves count: an object, or a list without any leaf, is as absent as nothing.
    const leaves = (Array.isArray(found) ? found.flat(Number.POSITIVE_INFINITY) : [found]).filter(
      (one) => one !== undefined && !isObject(one),
    );
    if (leaves.length === 0) return whenAbsent;
    return tests.some((test) => leaves.some(test));
  };
};

const valueTest = (value: unknown, at: string): Test => {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return (found) => found === value;
  if (!isObject(value)) throw new BadPattern(`a list inside a list of values is not allowed${place(at)}`);
  const names = Object.keys(value);
  if (names.length !== 1) throw new BadPattern(`Only one key allowed in match expression${place(at)}`);
  const operator = Object.hasOwn(operators, names[0]) ? operators[names[0]] : undefined;
  if (!operator) throw new BadPattern(`Unrecognized match type ${names[0]}${place(at)}`);
  return operator(value[names[0]], at);
};

type Operator = (operand: unknown, at: string) => Test;

const ofText =
  (test: (found: string) => boolean): Test =>
  (found) =>
    typeof found === "string" && test(found);
const text = (operand: unknown, name: string, at: string): string => {
  if (typeof operand !== "string") throw new BadPattern(`${name} match pattern must be a string${place(at)}`);
  return operand;
};

/** A text, or `{"equals-ignore-case": text}`. */
const edge =
  (name: "prefix" | "suffix"): Operator =>
  (operand, at) => {
    const has = (found: string, part: string) => (name === "prefix" ? found.startsWith(part) : found.endsWith(part));
    if (isObject(operand) && "equals-ignore-case" in operand) {
      const part = text(operand["equals-ignore-case"], name, at).toLowerCase();
      return ofText((found) => has(found.toLowerCase(), part));
    }
    const part = text(operand, name, at);
    return ofText((found) => has(found, part));
  };
const ignoringCase: Operator = (operand, at) => {
  const wanted = text(operand, "equals-ignore-case", at).toLowerCase();
  return ofText((found) => found.toLowerCase() === wanted);
};
const wildcard: Operator = (operand, at) => {
  const test = wildcardTest(text(operand, "wildcard", at), at);
  return ofText(test);
};

const anythingBut: Operator = (operand, at) => {
  if (isObject(operand)) {
    const [name, ...more] = Object.keys(operand);
    if (name === undefined || more.length > 0 || !["prefix", "suffix", "wildcard", "equals-ignore-case"].includes(name))
      throw new BadPattern(`Unsupported anything-but pattern: ${Object.keys(operand).join(", ")}${place(at)}`);
    const operands = Array.isArray(operand[name]) ? operand[name] : [operand[name]];
    if (operands.length === 0) throw new BadPattern(`Empty arrays are not allowed${place(at)}`);
    const tests = operands.map((one) => operators[name](one, at));
    return (found) => !tests.some((test) => test(found));
  }
  const unwanted = Array.isArray(operand) ? operand : [operand];
  if (unwanted.length === 0 || !unwanted.every((one) => one === null || ["string", "number", "boolean"].includes(typeof one)))
    throw new BadPattern(`anything-but must name a value or a list of values${place(at)}`);
  return (found) => !unwanted.includes(found);
};

const comparisons: Record<string, (found: number, than: number) => boolean> = {
  "=": (found, than) => found === than,
  "<": (found, than) => found < than,
  "<=": (found, than) => found <= than,
  ">": (found, than) => found > than,
  ">=": (found, than) => found >= than,
};
const numeric: Operator = (operand, at) => {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4))
    throw new BadPattern(`numeric must list one or two comparisons${place(at)}`);
  const tests: ((found: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const [sign, than] = [operand[index], operand[index + 1]];
    if (typeof sign !== "string" || !Object.hasOwn(comparisons, sign))
      throw new BadPattern(`Unrecognized numeric range operator: ${String(sign)}${place(at)}`);
    if (typeof than !== "number") throw new BadPattern(`Value of ${sign} must be numeric${place(at)}`);
    tests.push((found) => comparisons[sign](found, than));
  }
  if (operand.length === 4) {
    if (!operand[0].startsWith(">") || !operand[2].startsWith("<"))
      throw new BadPattern(`Bad numeric range operator: ${operand[2]}${place(at)}`);
    if (operand[1] >= operand[3]) throw new BadPattern(`Bottom must be less than top${place(at)}`);
  }
  return (found) => typeof found === "number" && tests.every((test) => test(found));
};

const exists: Operator = (operand, at) => {
  if (typeof operand !== "boolean") throw new BadPattern(`exists match pattern must be either true or false${place(at)}`);
  return () => operand;
};
const cidr: Operator = (operand, at) => {
  const test = cidrTest(text(operand, "cidr", at));
  if (!test) throw new BadPattern(`Malformed CIDR, '/' required and address must be valid${place(at)}`);
  return ofText(test);
};

const operators: Record<string, Operator> = {
  prefix: edge("prefix"),
  suffix: edge("suffix"),
  "equals-ignore-case": ignoringCase,
  wildcard,
  "anything-but": anythingBut,
  numeric,
  exists,
  cidr,
};

/** `*` is any run of characters, `\*` and `\\` are themselves. Linear in the length of pattern and text for each star: no backtracking into earlier stars. */
const wildcardTest = (pattern: string, at: string): ((found: string) => boolean) => {
  const parts = [""];
  for (let index = 0; index < pattern.length; index++) {
    const letter = pattern[index];
    if (letter === "*") {
      if (pattern[index + 1] === "*") throw new BadPattern(`Consecutive wildcard characters${place(at)}`);
      parts.push("");
    } else if (letter === "\\") {
      const next = pattern[++index];
      if (next !== "*" && next !== "\\") throw new BadPattern(`Invalid escape character${place(at)}`);
      parts[parts.length - 1] += next;
    } else parts[parts.length - 1] += letter;
  }
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (parts.length === 1) return (found) => found === first;
  return (found) => {
    if (found.length < first.length + last.length || !found.startsWith(first) || !found.endsWith(last)) return false;
    let from = first.length;
    for (const part of parts.slice(1, -1)) {
      const hit = found.indexOf(part, from);
      if (hit < 0) return false;
      from = hit + part.length;
    }
    return from <= found.length - last.length;
  };
};

const place = (at: string) => (at === "" ? "" : ` at "${at}"`);
