import assert from "node:assert/strict";
import { test } from "node:test";
import { exitText, reportLine, startLine, streamName, timeoutText } from "./reports.ts";

test("lines as AWS writes them", () => {
  assert.equal(startLine("id", "$LATEST"), "START RequestId: id Version: $LATEST");
  assert.equal(
    reportLine({ requestId: "id", durationMs: 1.234, memoryMb: 128, usedMb: 60, initMs: 100 }),
    "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 60 MB\tInit Duration: 100.00 ms\t",
  );
  assert.equal(
    reportLine({ requestId: "id", durationMs: 3000, memoryMb: 128, status: "timeout" }),
    "REPORT RequestId: id\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tStatus: timeout\t",
  );
  assert.equal(timeoutText(3), "Task timed out after 3.00 seconds");
  assert.equal(streamName(new Date("2024-03-09T23:00:00Z"), "7", "abc"), "2024/03/09/[7]abc");
});

const exits: [Parameters<typeof exitText>[0], string, string][] = [
  [{ code: 0 }, "Runtime.ExitError", "Runtime exited without providing a reason"],
  [{ code: 1 }, "Runtime.ExitError", "Runtime exited with error: exit status 1"],
  [{ code: 137 }, "Runtime.ExitError", "Runtime exited with error: signal: killed"],
  [{ lost: "out-of-memory" }, "Runtime.OutOfMemory", "Runtime exited with error: signal: killed"],
  [{ lost: "vanished" }, "Runtime.ExitError", "Runtime exited with error: vanished"],
];
for (const [exit, errorType, text] of exits)
  test(`the end ${JSON.stringify(exit)}`, () => assert.deepEqual(exitText(exit), { errorType, text }));
