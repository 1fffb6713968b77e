import assert from "node:assert/strict";
import { test } from "node:test";
import { BadRules, type PasswordRules, randomPassword } from "./passwords.ts";

const rules: PasswordRules = {
  length: 32,
  excluded: "",
  numbers: true,
  punctuation: true,
  upper: true,
  lower: true,
  space: false,
  eachKind: true,
};

test("one of each kind, of the wanted length", () => {
  for (let times = 0; times < 200; times++) {
    const password = randomPassword({ ...rules, length: 4 });
    assert.equal(password.length, 4);
    for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9\s]/]) assert.match(password, kind);
  }
});
test("only what is allowed", () => {
  assert.match(randomPassword({ ...rules, punctuation: false, upper: false, length: 500 }), /^[a-z0-9]{500}$/);
  assert.match(
    randomPassword({ ...rules, excluded: "abcdefghijklmnopqrstuvwxyz0123456789", punctuation: false, length: 500 }),
    /^[A-Z]{500}$/,
  );
  assert.match(randomPassword({ ...rules, space: true, length: 4000 }), / /);
});
test("no two alike", () => assert.notEqual(randomPassword(rules), randomPassword(rules)));
test("what cannot be is refused", () => {
  assert.throws(() => randomPassword({ ...rules, numbers: false, punctuation: false, upper: false, lower: false }), BadRules);
  assert.throws(() => randomPassword({ ...rules, length: 3 }), BadRules);
  assert.equal(randomPassword({ ...rules, length: 3, eachKind: false }).length, 3);
});
