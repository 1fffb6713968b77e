import { Readable } from "node:stream";
import { ServiceError } from "./operations.ts";
import { membersOf, type Shape } from "./shapes.ts";

/** What is wrong with an input. `type`: not even the right kind of value. */
export interface Complaint {
  readonly kind: "type" | "required";
  readonly text: string;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a client sent
type Value = any;

/** Checks decoded input against its shape: the codecs trust what they read. */
export function complaints(shape: Shape, value: Value, path = "", found: Complaint[] = [], depth = 0): Complaint[] {
  const wrong = (expected: string) => {
    found.push({ kind: "type", text: `${path === "" ? "The input" : `'${path}'`} must be ${expected}.` });
    return found;
  };
  if (value === undefined || value === null) return found;
  if (depth > 200) throw new RangeError();
  if (shape.isStructSchema()) {
    if (typeof value !== "object" || Array.isArray(value)) return wrong("a structure");
    let set = 0;
    for (const member of membersOf(shape)) {
      const inner = path === "" ? lowerFirst(member.name) : `${path}.${lowerFirst(member.name)}`;
      if (value[member.name] === undefined || value[member.name] === null) {
        if (member.required && !member.shape.isIdempotencyToken())
          found.push({ kind: "required", text: `Value null at '${inner}' failed to satisfy constraint: Member must not be null` });
      } else {
        set++;
        complaints(member.shape, value[member.name], inner, found, depth + 1);
      }
    }
    if (shape.isUnionSchema() && set !== 1) wrong("a structure with exactly one member");
  } else if (shape.isListSchema()) {
    if (!Array.isArray(value)) return wrong("a list");
    const inner = shape.getValueSchema() as Shape;
    value.forEach((item, i) => {
      each(inner, item, `${path}.${i + 1}.member`, shape, found, depth);
    });
  } else if (shape.isMapSchema()) {
    if (typeof value !== "object" || Array.isArray(value)) return wrong("a map");
    const inner = shape.getValueSchema() as Shape;
    for (const key of Object.keys(value)) each(inner, value[key], `${path}.${key}.member`, shape, found, depth);
  } else if (shape.isStringSchema()) {
    if (typeof value !== "string" && !(value instanceof String)) return wrong("a string");
  } else if (shape.isNumericSchema()) {
    if (typeof value !== "number" || Number.isNaN(value)) return wrong("a number");
  } else if (shape.isBooleanSchema()) {
    if (typeof value !== "boolean") return wrong("true or false");
  } else if (shape.isTimestampSchema()) {
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) return wrong("a time");
  } else if (shape.isBlobSchema()) {
    if (!(value instanceof Uint8Array) && !(value instanceof Readable)) return wrong("bytes");
  }
  return found;
}

function each(shape: Shape, item: Value, path: string, parent: Shape, found: Complaint[], depth: number): void {
  const sparse = (parent.getMergedTraits() as { sparse?: unknown }).sparse;
  if (item === undefined || item === null) {
    if (!sparse) found.push({ kind: "type", text: `'${path}' must not be null.` });
  } else complaints(shape, item, path, found, depth + 1);
}

/** AWS writes member names so in its complaints, whatever their case in the request. */
const lowerFirst = (name: string) => name.slice(0, 1).toLowerCase() + name.slice(1);

/** Throws one error that names all that is wrong. */
export function check(shape: Shape, input: Value, codes: { malformed: string; invalid: string }): void {
  if (input === null || typeof input !== "object") throw new ServiceError(codes.malformed, "The input must be a structure.");
  const found = complaints(shape, input);
  if (found.length === 0) return;
  const types = found.filter(({ kind }) => kind === "type");
  if (types.length > 0) throw new ServiceError(codes.malformed, types.map(({ text }) => text).join(" "));
  const plural = found.length > 1 ? "s" : "";
  throw new ServiceError(codes.invalid, `${found.length} validation error${plural} detected: ${found.map(({ text }) => text).join("; ")}`);
}
