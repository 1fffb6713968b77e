import { createHash } from "node:crypto";
import type { NameRule } from "./resources/resource.ts";

/** Letters and digits that follow from the parts, the same at every try. */
export const digest = (length: number, ...parts: readonly string[]): string => {
  const bytes = createHash("sha256").update(parts.join("\u0000")).digest();
  let value = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (let index = 0; index < length; index++) {
    text += "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[Number(value % 36n)];
    value /= 36n;
  }
  return text;
};

/** `<stack>-<logical id>-<random>`, cut to the type's limit; what is random follows from `seed`. */
export const physicalName = (stack: string, logicalId: string, seed: string, rule?: Omit<NameRule, "property">): string => {
  const most = (rule?.most ?? 255) - (rule?.suffix?.length ?? 0);
  const random = digest(12, seed, stack, logicalId);
  const room = most - random.length - 2;
  let [first, second] = [stack, logicalId];
  if (first.length + second.length > room) {
    second = second.slice(0, Math.max(Math.floor(room / 2), room - first.length));
    first = first.slice(0, room - second.length);
  }
  const name = `${first}-${second}-${random}${rule?.suffix ?? ""}`;
  return rule?.lowerCase ? name.toLowerCase() : name;
};
