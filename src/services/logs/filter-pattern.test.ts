import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BadPattern, parsePattern } from "./filter-pattern.ts";

const cases: [pattern: string, message: string, matches: boolean][] = [
  ["", "anything", true],
  ["ERROR", "[ERROR] no", true],
  ["ERROR", "error", false],
  ["ERROR no", "no ERROR", true],
  ["ERROR no", "ERROR", false],
  ['"no ERROR"', "ERROR no", false],
  ['"a \\"b\\""', 'it says a "b"', true],
  ["?ERROR ?WARN", "WARN", true],
  ["?ERROR ?WARN", "INFO", false],
  ["ERROR -timeout", "ERROR timeout", false],
  ["ERROR -timeout", "ERROR else", true],
  ["%E[RX]+OR%", "ERROR", true],
  ['{ $.level = "ERROR" }', '{"level":"ERROR"}', true],
  ['{ $.level = "ERR*" }', '{"level":"ERROR"}', true],
  ['{ $.level != "INFO" }', '{"level":"ERROR"}', true],
  ['{ $.level != "INFO" }', '{"other":1}', false],
  ["{ $.ms > 100 }", '{"ms":101}', true],
  ["{ $.ms > 100 }", '{"ms":"101"}', false],
  ["{ $.a.b[1] = 2 }", '{"a":{"b":[1,2]}}', true],
  ["{ ($.a = 1) && ($.b = 2 || $.c = 3) }", '{"a":1,"c":3}', true],
  ["{ ($.a = 1) && ($.b = 2 || $.c = 3) }", '{"a":1}', false],
  ["{ $.a IS NULL }", '{"a":null}', true],
  ["{ $.a IS TRUE }", '{"a":true}', true],
  ["{ $.a NOT EXISTS }", '{"b":1}', true],
  ["{ $.a = 1 }", "no JSON", false],
];
describe("filter patterns", () => {
  for (const [pattern, message, matches] of cases)
    it(`${pattern} ${matches ? "finds" : "passes over"} ${message}`, () => {
      assert.equal(parsePattern(pattern)(message), matches);
    });
  for (const pattern of ["[a, b]", "{ level = 1 }", "{ $.a", "{ $.a ~ 1 }", "{ $.a > x }", "%(%"])
    it(`refuses ${pattern}`, () => {
      assert.throws(() => parsePattern(pattern), BadPattern);
    });
});
