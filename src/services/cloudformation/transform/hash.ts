/** Logical ids that change with what they stand for: AWS's own hash, so that a stack of AWS's keeps its versions here. */
import { createHash } from "node:crypto";
import type { Value } from "../template/value.ts";

/** JSON as the transform writes it: sorted keys, no spaces, ASCII only. */
export const stableJson = (value: Value): string => {
  if (Array.isArray(value)) return `[${value.map(stableJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${members.map(([key, member]) => `${stableJson(key)}:${stableJson(member)}`).join(",")}}`;
  }
  return JSON.stringify(value).replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
};

/** The first ten hex digits, by which versions and layers are told apart. */
export const shortHash = (value: Value): string =>
  createHash("sha1")
    .update(typeof value === "string" ? value : stableJson(value))
    .digest("hex")
    .slice(0, 10);
