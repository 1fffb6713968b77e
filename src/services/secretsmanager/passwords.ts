/** Random passwords, by GetRandomPassword's rules. */
import { randomInt } from "node:crypto";

export interface PasswordRules {
  readonly length: number;
  readonly excluded: string;
  readonly numbers: boolean;
  readonly punctuation: boolean;
  readonly upper: boolean;
  readonly lower: boolean;
  readonly space: boolean;
  /** At least one of each kind that is allowed. */
  readonly eachKind: boolean;
}
export class BadRules extends Error {}

const kinds = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  numbers: "0123456789",
  punctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
  space: " ",
} as const;

/** Throws `BadRules` when no password can fulfil them. */
export const randomPassword = (rules: PasswordRules, random: (below: number) => number = randomInt): string => {
  const excluded = new Set(rules.excluded);
  const allowed = (Object.keys(kinds) as (keyof typeof kinds)[])
    .filter((kind) => rules[kind])
    .map((kind) => [...kinds[kind]].filter((letter) => !excluded.has(letter)))
    .filter((letters) => letters.length > 0);
  const all = allowed.flat();
  if (all.length === 0) throw new BadRules("All characters are excluded.");
  if (rules.eachKind && rules.length < allowed.length)
    throw new BadRules(`The password length must be at least ${allowed.length}, one of each required type.`);
  const pick = (letters: readonly string[]) => letters[random(letters.length)] as string;
  const picked = rules.eachKind ? allowed.map(pick) : [];
  while (picked.length < rules.length) picked.push(pick(all));
  for (let index = picked.length - 1; index > 0; index--) {
    const other = random(index + 1);
    [picked[index], picked[other]] = [picked[other] as string, picked[index] as string];
  }
  return picked.join("");
};
