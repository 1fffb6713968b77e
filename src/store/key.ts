/** Keys as one ordered text: each part ends with U+0001, which sorts before every character a part may hold. */
import type { Key } from "./store.ts";

const END = "\u0001";
const AFTER = "\u0002";

export const encodeKey = (key: Key): string => {
  let text = "";
  for (const part of key) {
    if (part.includes(END) || part.includes("\0")) throw new TypeError("a key part may not hold U+0000 or U+0001");
    text += part + END;
  }
  return text;
};
export const decodeKey = (text: string): Key => text.slice(0, -1).split(END);

/** Every key that begins with these parts lies in [from, to). */
export const keyRange = (prefix: Key): { from: string; to: string | undefined } => {
  const from = encodeKey(prefix);
  return { from, to: from === "" ? undefined : from.slice(0, -1) + AFTER };
};
