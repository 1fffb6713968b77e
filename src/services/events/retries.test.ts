import assert from "node:assert/strict";
import { test } from "node:test";
import { pauseSeconds, worthRetrying } from "./retries.ts";

test("what may change is tried again", () => {
  for (const status of [undefined, 429, 500, 503]) assert.equal(worthRetrying(status), true, String(status));
  for (const status of [400, 403, 404, 501]) assert.equal(worthRetrying(status), false, String(status));
});
test("pauses grow to five minutes", () => assert.deepEqual([1, 2, 3, 9, 10, 180].map(pauseSeconds), [1, 2, 4, 256, 300, 300]));
