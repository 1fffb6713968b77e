import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { begin, end, follows, type PhaseType, resultOf, type Status } from "./phases.ts";

describe("follows", () => {
  for (const [type, status, onFailure, expected] of [
    ["SUBMITTED", "SUCCEEDED", undefined, "QUEUED"],
    ["POST_BUILD", "SUCCEEDED", undefined, "UPLOAD_ARTIFACTS"],
    ["FINALIZING", "SUCCEEDED", undefined, "COMPLETED"],
    ["QUEUED", "TIMED_OUT", undefined, "COMPLETED"],
    ["PROVISIONING", "FAILED", undefined, "FINALIZING"],
    ["DOWNLOAD_SOURCE", "FAILED", undefined, "FINALIZING"],
    ["INSTALL", "FAILED", undefined, "FINALIZING"],
    ["INSTALL", "FAILED", "CONTINUE", "PRE_BUILD"],
    ["PRE_BUILD", "FAILED", undefined, "FINALIZING"],
    ["BUILD", "FAILED", undefined, "POST_BUILD"],
    ["BUILD", "FAILED", "CONTINUE", "POST_BUILD"],
    ["BUILD", "FAILED", "ABORT", "FINALIZING"],
    ["POST_BUILD", "FAILED", undefined, "UPLOAD_ARTIFACTS"],
    ["POST_BUILD", "FAILED", "ABORT", "FINALIZING"],
    ["UPLOAD_ARTIFACTS", "FAILED", undefined, "FINALIZING"],
    ["BUILD", "STOPPED", "CONTINUE", "COMPLETED"],
    ["BUILD", "TIMED_OUT", undefined, "COMPLETED"],
    ["BUILD", "FAULT", undefined, "COMPLETED"],
  ] as [PhaseType, Status, "ABORT" | "CONTINUE" | undefined, PhaseType][])
    it(`${type} ${status}${onFailure ? ` with ${onFailure}` : ""} → ${expected}`, () =>
      assert.equal(follows(type, status, onFailure), expected));
});

describe("a build's phases", () => {
  it("succeed only when all did", () => {
    const ran = (...statuses: Status[]) =>
      resultOf(statuses.reduce((phases, status) => end(begin(phases, "BUILD", 1), status, 2), [] as ReturnType<typeof begin>));
    assert.equal(ran("SUCCEEDED", "SUCCEEDED"), "SUCCEEDED");
    assert.equal(ran("SUCCEEDED", "FAILED", "SUCCEEDED"), "FAILED");
    assert.equal(ran("FAILED", "TIMED_OUT"), "TIMED_OUT");
    assert.equal(ran("FAILED", "STOPPED"), "STOPPED");
    assert.equal(resultOf(begin([], "BUILD", 1)), "FAULT");
  });

  it("never go back in time", () => {
    const first = end(begin([], "SUBMITTED", 100), "SUCCEEDED", 90);
    assert.deepEqual(first, [{ type: "SUBMITTED", status: "SUCCEEDED", start: 100, end: 100, contexts: [] }]);
    assert.equal(begin(first, "QUEUED", 50)[1]?.start, 100);
  });

  it("end once", () => {
    const ended = end(begin([], "BUILD", 1), "FAILED", 2, { statusCode: "COMMAND_EXECUTION_ERROR", message: "m" });
    assert.throws(() => end(ended, "SUCCEEDED", 3), /no phase runs/);
  });
});
