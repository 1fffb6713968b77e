import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { takeBatch } from "./batch.ts";

const DAY = 86_400_000;
const now = 100 * DAY;
const events = (...timestamps: number[]) => timestamps.map((timestamp) => ({ timestamp, message: "m" }));

describe("a batch of events", () => {
  it("is taken whole", () => {
    const taken = takeBatch(events(now - 2, now - 1, now - 1), now);
    assert.ok(!("complaint" in taken));
    assert.equal(taken.events.length, 3);
    assert.equal(taken.bytes, 81);
    assert.equal(taken.rejected, undefined);
  });
  it("must be in the order of time", () => {
    assert.deepEqual(takeBatch(events(2, 1), now), {
      complaint: "Log events in a single PutLogEvents request must be in chronological order.",
    });
  });
  it("spans a day at most", () => {
    assert.ok("complaint" in takeBatch(events(now - DAY - 1, now), now));
  });
  it("is a megabyte at most", () => {
    assert.ok("complaint" in takeBatch([{ timestamp: now, message: "x".repeat(1_048_576) }], now));
  });
  it("loses what is too old or too new, and says so", () => {
    const future = takeBatch(events(now, now + DAY / 2), now);
    assert.ok(!("complaint" in future));
    assert.deepEqual([future.events.length, future.rejected], [1, { tooNewLogEventStartIndex: 1 }]);
    const past = takeBatch(events(now - 15 * DAY, now - 14 * DAY), now);
    assert.ok(!("complaint" in past));
    assert.deepEqual([past.events.length, past.rejected], [1, { tooOldLogEventEndIndex: 1 }]);
    const expired = takeBatch(events(now - 2 * DAY, now - 1.5 * DAY, now - 1.1 * DAY), now, 1);
    assert.ok(!("complaint" in expired));
    assert.deepEqual([expired.events.length, expired.rejected], [0, { expiredLogEventEndIndex: 3 }]);
  });
});
