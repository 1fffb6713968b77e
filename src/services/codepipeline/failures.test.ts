import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { logTo } from "../../lib/log.ts";
import type { Context } from "../service.ts";
import { ConfigurationError, outcomeOfError } from "./failures.ts";

const context = { log: logTo(() => {}) } as Context;
const error = (name: string, more: object = {}) => Object.assign(new Error("no"), { name }, more);
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

describe("an exception in an action", () => {
  const signal = new AbortController().signal;
  const cases: [string, unknown, number, string | undefined][] = [
    ["the action is written wrongly", new ConfigurationError("no"), 1, "ConfigurationError: no"],
    ["it is not allowed", error("AccessDenied"), 1, "PermissionError: no"],
    ["it is refused", error("ValidationError", { $fault: "client", ...status(400) }), 1, "JobFailed: no (ValidationError)"],
    [
      "it is not built",
      error("NotImplementedException", { $fault: "server", ...status(501) }),
      1,
      "JobFailed: no (NotImplementedException)",
    ],
    [
      "a service is in trouble, whatever the exception says of itself",
      error("Internal", { $fault: "client", ...status(500) }),
      1,
      undefined,
    ],
    ["a service has too much to do", error("ThrottlingException", { $fault: "client", ...status(400) }), 1, undefined],
    ["the connection broke", error("ECONNRESET"), 4, undefined],
    ["the connection breaks every time", error("ECONNRESET"), 5, "SystemUnavailable: no"],
  ];
  for (const [what, thrown, attempt, expected] of cases)
    it(`${what}, try ${attempt}: ${expected ?? "again"}`, () => {
      const outcome = () => outcomeOfError(context, { attempt, signal }, thrown);
      if (expected === undefined) return assert.throws(outcome, (again) => again === thrown);
      const made = outcome();
      assert.equal(made.kind === "failed" && `${made.failure.code}: ${made.failure.message}`, expected);
    });

  it("is none when the server stops: the next one goes on", () => {
    const stopping = AbortSignal.abort();
    const thrown = error("ValidationError", { $fault: "client" });
    assert.throws(
      () => outcomeOfError(context, { attempt: 9, signal: stopping }, thrown),
      (again) => again === thrown,
    );
  });
});
