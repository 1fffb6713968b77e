import assert from "node:assert/strict";
import { test } from "node:test";
import { type Next, next } from "./deliver.ts";

const hour = 3_600_000;
const cases: [string, Parameters<typeof next>, Next][] = [
  ["an answer ends it", [{ failures: 1, throttles: 0 }, {}, 0, "ok"], { kind: "done" }],
  [
    "the first failure is tried again after a minute",
    [{ failures: 0, throttles: 0 }, {}, 0, "error"],
    { kind: "again", afterMs: 60_000, failures: 1, throttles: 0 },
  ],
  [
    "the second after two",
    [{ failures: 1, throttles: 0 }, {}, 60_000, "error"],
    { kind: "again", afterMs: 120_000, failures: 2, throttles: 0 },
  ],
  ["the third is the last", [{ failures: 2, throttles: 0 }, {}, 180_000, "error"], { kind: "given up", condition: "RetriesExhausted" }],
  ["none wanted", [{ failures: 0, throttles: 0 }, { retries: 0 }, 0, "error"], { kind: "given up", condition: "RetriesExhausted" }],
  [
    "a throttle waits a second",
    [{ failures: 0, throttles: 0 }, { retries: 0 }, 0, "throttled"],
    { kind: "again", afterMs: 1000, failures: 0, throttles: 1 },
  ],
  [
    "then longer, at most five minutes",
    [{ failures: 0, throttles: 20 }, {}, 0, "throttled"],
    { kind: "again", afterMs: 300_000, failures: 0, throttles: 21 },
  ],
  [
    "six hours are enough",
    [{ failures: 0, throttles: 20 }, {}, 6 * hour, "throttled"],
    { kind: "given up", condition: "EventAgeExceeded" },
  ],
  [
    "or as long as wanted",
    [{ failures: 0, throttles: 0 }, { maximumAgeSeconds: 60 }, 30_000, "error"],
    { kind: "given up", condition: "EventAgeExceeded" },
  ],
];
for (const [what, given, expected] of cases) test(`delivering: ${what}`, () => assert.deepEqual(next(...given), expected));
