/** Checks decoded input against its shape and its rules: the codecs trust what they read. */
import { Readable } from "node:stream";
import { broken, type Rules, ruleOf } from "./constraints.ts";
import { membersOf, nameOf, type Shape } from "./shapes.ts";

/** Something wrong with an input. `type`: not even the right kind of value. */
export interface Complaint {
  readonly kind: "type" | "required" | "rule";
  /** The member's own name, as modelled. */
  readonly member: string;
  readonly text: string;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a client sent
type Value = any;
const deepest = 200;

/** All that is wrong. Throws RangeError for what is nested beyond reason. */
export function complaintsOf(shape: Shape, input: Value, rules: Rules): Complaint[] {
  const found: Complaint[] = [];
  walk(shape, input, "", "", 0);
  return found;

  function walk(shape: Shape, value: Value, path: string, member: string, depth: number): void {
    if (depth > deepest) throw new RangeError("nested too deeply");
    const wrong = (expected: string) =>
      found.push({ kind: "type", member, text: `${path === "" ? "The input" : `'${path}'`} must be ${expected}.` });
    if (shape.isStructSchema()) structure(shape, value, path, depth, wrong);
    else if (shape.isListSchema()) {
      if (!Array.isArray(value)) wrong("a list");
      else for (const [i, item] of value.entries()) each(shape, item, `${path}.${i + 1}.member`, member, depth);
    } else if (shape.isMapSchema()) {
      if (typeof value !== "object" || Array.isArray(value)) wrong("a map");
      else for (const key of Object.keys(value)) each(shape, value[key], `${path}.${key}.member`, member, depth);
    } else if (shape.isStringSchema()) {
      if (typeof value !== "string" && !(value instanceof String)) wrong("a string");
    } else if (shape.isNumericSchema()) {
      if (typeof value !== "number" || Number.isNaN(value)) wrong("a number");
    } else if (shape.isBooleanSchema()) {
      if (typeof value !== "boolean") wrong("true or false");
    } else if (shape.isTimestampSchema()) {
      if (!(value instanceof Date) || Number.isNaN(value.getTime())) wrong("a time");
    } else if (shape.isBlobSchema() && !(value instanceof Uint8Array) && !(value instanceof Readable)) wrong("bytes");
  }

  function structure(shape: Shape, value: Value, path: string, depth: number, wrong: (expected: string) => void): void {
    if (typeof value !== "object" || Array.isArray(value)) {
      wrong("a structure");
      return;
    }
    if (shape.isUnitSchema()) return;
    const { name } = nameOf(shape.getSchema());
    let set = 0;
    for (const member of membersOf(shape)) {
      const given = value[member.name];
      const place = path === "" ? lowerFirst(member.name) : `${path}.${lowerFirst(member.name)}`;
      const breach = (kind: "required" | "rule", shown: string, text: string) =>
        found.push({ kind, member: member.name, text: `Value${shown} at '${place}' failed to satisfy constraint: ${text}` });
      if (given === undefined || given === null) {
        if (member.required && !member.shape.isIdempotencyToken()) breach("required", " null", "Member must not be null");
        continue;
      }
      set++;
      const before = found.length;
      walk(member.shape, given, place, member.name, depth + 1);
      const rule = ruleOf(rules, name, member.name);
      if (!rule || found.length > before) continue;
      const shown = member.traits.sensitive ? "" : ` '${show(given)}'`;
      for (const text of broken(rules, rule, given)) breach("rule", shown, text);
    }
    if (shape.isUnionSchema() && set !== 1) wrong("a structure with exactly one member");
  }

  function each(parent: Shape, item: Value, path: string, member: string, depth: number): void {
    if (item !== undefined && item !== null) walk(parent.getValueSchema() as Shape, item, path, member, depth + 1);
    else if (!(parent.getMergedTraits() as { sparse?: unknown }).sparse)
      found.push({ kind: "type", member, text: `'${path}' must not be null.` });
  }
}

/** AWS writes member names so in its complaints, whatever their case in the request. */
const lowerFirst = (name: string) => name.slice(0, 1).toLowerCase() + name.slice(1);

const longestShown = 1024;
function show(value: Value): string {
  const text = Array.isArray(value)
    ? `[${value.map((item) => (typeof item === "object" ? JSON.stringify(item) : item)).join(", ")}]`
    : value instanceof Uint8Array
      ? `${value.length} bytes`
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
