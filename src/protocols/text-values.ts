import { splitEvery, splitHeader } from "@smithy/core/serde";
import type { Shape } from "./shapes.ts";

/** Where a value stands that is text on the wire. */
export type Place = "header" | "query" | "label";

/** Reads a member that travels in a header, a query parameter or the path. */
export function fromText(shape: Shape, text: string, place: Place): unknown {
  if (shape.isListSchema()) {
    const value = shape.getValueSchema() as Shape;
    // The comma inside `Mon, 01 Jan 2024 …` is none between two dates.
    const parts =
      value.isTimestampSchema() && timestampFormat(shape, value, place) === httpDate ? splitEvery(text, ",", 2) : splitHeader(text);
    return parts.map((part) => fromText(value, part.trim(), place));
  }
  if (shape.isBooleanSchema()) return text.toLowerCase() === "true" ? true : text.toLowerCase() === "false" ? false : text;
  if (shape.isNumericSchema()) return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text;
  if (shape.isTimestampSchema()) return instant(text, timestampFormat(shape, shape, place));
  if (shape.isBlobSchema()) return Buffer.from(text, "base64");
  if (shape.isStringSchema() && place === "header" && (shape.getMergedTraits() as { mediaType?: string }).mediaType)
    return Buffer.from(text, "base64").toString();
  return text;
}

const dateTime = 5;
const httpDate = 6;
const epochSeconds = 7;
/** Timestamp schemas are numbers: 4 says nothing of the format, the others name it. */
function timestampFormat(member: Shape, value: Shape, place: Place): number {
  const format = value.getSchema() as unknown as number;
  if (format > 4) return format;
  const own = member.getSchema() as unknown as number;
  return typeof own === "number" && own > 4 && own <= epochSeconds ? own : place === "header" ? httpDate : dateTime;
}
/** Clients disagree on formats, so each one is understood everywhere; what is no time at all is left for the validator to name. */
function instant(text: string, format: number): Date | string {
  const seconds = format === epochSeconds || /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  return Number.isNaN(seconds) ? text : new Date(seconds);
}
