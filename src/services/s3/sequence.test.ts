import assert from "node:assert/strict";
import { test } from "node:test";
import { nextSequence, placeOf, sequenceOf, sequencerOf, versionIdFor } from "./sequence.ts";

const now = new Date("2026-05-06T07:08:09Z");

test("a sequence grows even when the clock stands still or goes back", () => {
  const one = nextSequence(now, undefined);
  const two = nextSequence(now, one);
  const three = nextSequence(new Date(0), two);
  assert.ok(one < two && two < three);
  assert.ok(Number.isSafeInteger(three));
});
test("places order newest first, sequencers newest last", () => {
  const one = nextSequence(now, undefined);
  assert.ok(placeOf(one + 1) < placeOf(one));
  assert.equal(placeOf(one).length, placeOf(1).length);
  assert.ok(sequencerOf(one + 1) > sequencerOf(one));
});
test("a version id names its place and nothing else is one", () => {
  const sequence = nextSequence(now, undefined);
  for (let i = 0; i < 200; i++) {
    const id = versionIdFor(sequence);
    assert.match(id, /^[A-Za-z0-9_.]{32}$/);
    assert.equal(sequenceOf(id), sequence);
  }
  assert.notEqual(versionIdFor(sequence), versionIdFor(sequence));
  for (const wrong of ["", "null", "x".repeat(31), `${"x".repeat(31)}-`]) assert.equal(sequenceOf(wrong), undefined);
});
