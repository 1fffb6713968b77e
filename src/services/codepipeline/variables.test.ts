import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { referencesIn, resolve, UnresolvedVariable } from "./variables.ts";

describe("variables", () => {
  const values = { Src: { Id: "7", "with-dash": "8" }, variables: { a: "" } };
  const cases: [string, string][] = [
    ["plain", "plain"],
    ["#{Src.Id}", "7"],
    ["a#{Src.Id}b#{Src.with-dash}", "a7b8"],
    ["[#{variables.a}]", "[]"],
    ["${Src.Id} #Src", "${Src.Id} #Src"],
  ];
  for (const [text, expected] of cases) it(`${text} is ${expected}`, () => assert.equal(resolve(text, values), expected));

  for (const text of ["#{Src.No}", "#{No.Id}", "#{Src}", "#{}", "#{Src.toString}", "#{__proto__.x}"])
    it(`${text} has no value`, () => assert.throws(() => resolve(text, values), UnresolvedVariable));

  it("finds what is referred to, and what is no reference", () => {
    const { references, malformed } = referencesIn("#{A.b} #{c} #{D.e.f} x");
    assert.deepEqual(
      references.map(({ text }) => text),
      ["#{A.b}"],
    );
    assert.deepEqual(malformed, ["#{c}", "#{D.e.f}"]);
  });
});
