import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOfRole, roleSessionSeconds, tokenSeconds } from "./durations.ts";

const roles: [asked: number | undefined, maximum: number, chained: boolean, seconds: number | "refused"][] = [
  [undefined, 3600, false, 3600],
  [undefined, 7200, true, 3600],
  [900, 3600, false, 900],
  [899, 3600, false, "refused"],
  [3600, 3600, false, 3600],
  [3601, 3600, false, "refused"],
  [7200, 7200, false, 7200],
  [3601, 7200, true, "refused"],
];
for (const [asked, maximum, chained, seconds] of roles)
  test(`a role's session of ${asked ?? "default"} s, at most ${maximum}${chained ? ", chained" : ""}: ${seconds}`, () => {
    if (seconds === "refused") assert.throws(() => roleSessionSeconds(asked, maximum, chained), { code: "ValidationError" });
    else assert.equal(roleSessionSeconds(asked, maximum, chained), seconds);
  });

test("a token lasts half a day, an hour for the root", () => {
  assert.equal(tokenSeconds(undefined, false), 43200);
  assert.equal(tokenSeconds(900, false), 900);
  assert.equal(tokenSeconds(undefined, true), 3600);
  assert.equal(tokenSeconds(7200, true), 3600);
});

test("a role's name stands after its path", () => {
  assert.deepEqual(partsOfRole("arn:aws:iam::123456789012:role/a"), { account: "123456789012", name: "a" });
  assert.deepEqual(partsOfRole("arn:aws:iam::123456789012:role/service-role/x/a"), { account: "123456789012", name: "a" });
  for (const arn of ["a", "arn:aws:iam::123456789012:user/a", "arn:aws:iam::12:role/a", "arn:aws:iam::123456789012:role/"])
    assert.equal(partsOfRole(arn), undefined, arn);
});
