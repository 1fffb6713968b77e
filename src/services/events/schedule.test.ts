import assert from "node:assert/strict";
import { test } from "node:test";
import { BadSchedule, parseSchedule } from "./schedule.ts";

const cases: [expression: string, after: string, next: string | undefined][] = [
  ["rate(1 minute)", "2026-01-01T00:00:07Z", "2026-01-01T00:01:07Z"],
  ["rate(5 minutes)", "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"],
  ["rate(1 hour)", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"],
  ["rate(7 days)", "2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z"],
  ["cron(0 12 * * ? *)", "2026-03-01T11:59:30Z", "2026-03-01T12:00:00Z"],
  ["cron(0 12 * * ? *)", "2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z"],
  ["cron(15 10 ? * 6L 2026-2027)", "2026-01-01T00:00:00Z", "2026-01-30T10:15:00Z"],
  ["cron(0 18 ? * MON-FRI *)", "2026-01-02T18:00:00Z", "2026-01-05T18:00:00Z"],
  ["cron(0 8 1 * ? *)", "2026-01-01T08:00:00Z", "2026-02-01T08:00:00Z"],
  ["cron(0/15 * * * ? *)", "2026-01-01T00:14:59Z", "2026-01-01T00:15:00Z"],
  ["cron(0/10 * ? * MON-FRI *)", "2026-01-03T00:00:00Z", "2026-01-05T00:00:00Z"],
  ["cron(0/5 8-17 ? * MON-FRI *)", "2026-01-05T17:55:00Z", "2026-01-06T08:00:00Z"],
  ["cron(30 9 L * ? *)", "2026-02-01T00:00:00Z", "2026-02-28T09:30:00Z"],
  ["cron(30 9 29 2 ? *)", "2026-01-01T00:00:00Z", "2028-02-29T09:30:00Z"],
  ["cron(0 9 3W * ? *)", "2026-01-01T00:00:00Z", "2026-01-02T09:00:00Z"],
  ["cron(0 9 1W * ? *)", "2026-08-01T00:00:00Z", "2026-08-03T09:00:00Z"],
  ["cron(0 9 ? * 2#1 *)", "2026-01-01T00:00:00Z", "2026-01-05T09:00:00Z"],
  ["cron(0 9 ? * TUE#5 *)", "2026-01-01T00:00:00Z", "2026-03-31T09:00:00Z"],
  ["cron(0 0 ? JAN,JUN SUN *)", "2026-02-01T00:00:00Z", "2026-06-07T00:00:00Z"],
  ["cron(0 0 1 1 ? 2025)", "2026-01-01T00:00:00Z", undefined],
  ["cron(0 0 1 1 ? 2030)", "2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"],
  ["cron(0 0 ? * FRI-MON *)", "2026-01-06T12:00:00Z", "2026-01-09T00:00:00Z"],
];
for (const [expression, after, next] of cases)
  test(`${expression} after ${after}: ${next ?? "never"}`, () =>
    assert.deepEqual(parseSchedule(expression).next(new Date(after)), next === undefined ? undefined : new Date(next)));

for (const expression of [
  "rate(0 minutes)",
  "rate(1 minutes)",
  "rate(5 minute)",
  "rate(5 seconds)",
  "rate(minutes)",
  "every(5 minutes)",
  "cron(0 12 * * *)",
  "cron(0 12 * * * *)",
  "cron(0 12 ? * ? *)",
  "cron(60 12 * * ? *)",
  "cron(0 24 * * ? *)",
  "cron(0 12 32 * ? *)",
  "cron(0 12 * 13 ? *)",
  "cron(0 12 ? * XYZ *)",
  "cron(0/0 12 * * ? *)",
  "cron(a 12 * * ? *)",
  "",
])
  test(`refused: ${expression}`, () => assert.throws(() => parseSchedule(expression), BadSchedule));
