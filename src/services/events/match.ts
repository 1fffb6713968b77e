/** Which rules want an event. */
import { BadPattern, compilePattern, type Matches } from "../../lib/pattern.ts";
import { recent } from "../../lib/recent.ts";
import { badPattern } from "./errors.ts";
import type { Event, Rule } from "./records.ts";

/** A pattern as the API takes it: JSON text. Throws InvalidEventPatternException. */
export const matcherOf = (pattern: string): Matches => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(pattern);
  } catch (error) {
    throw badPattern(`${(error as Error).message}`);
  }
  try {
    return compilePattern(parsed);
  } catch (error) {
    if (error instanceof BadPattern) throw badPattern(error.message);
    throw error;
  }
};

// A pattern's text says all of it, so what was compiled once holds for ever.
const compiled = recent<string, Matches>(2_000);

export const wants = (rule: Pick<Rule, "enabled" | "pattern">, event: Event): boolean => {
  const { enabled, pattern } = rule;
  return enabled && pattern !== undefined && compiled.get(pattern, () => matcherOf(pattern))(event);
};
