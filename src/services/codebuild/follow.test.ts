import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exit } from "../../engines/engine.ts";
import { endOf } from "./follow.ts";

describe("endOf", () => {
  for (const [exit, status, message] of [
    [{ code: 0 }, "FAILED", /found dead/],
    [{ code: 137 }, "FAILED", /exit code 137/],
    [{ code: 97 }, "FAILED", /shell/],
    [{ lost: "stopped" }, "STOPPED", /^$/],
    [{ lost: "timed-out" }, "TIMED_OUT", /timed out/],
    [{ lost: "out-of-memory" }, "FAILED", /out of memory/],
    [{ lost: "vanished" }, "FAULT", /vanished/],
  ] as [Exit, string, RegExp][])
    it(`${JSON.stringify(exit)} is ${status}`, () => {
      const end = endOf(exit);
      assert.equal(end.status, status);
      assert.match(end.context.message, message);
    });
});
