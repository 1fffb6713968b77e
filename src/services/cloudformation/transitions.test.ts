import assert from "node:assert/strict";
import { test } from "node:test";
import { afterPhase, type Failed } from "./transitions.ts";

const bad: Failed[] = [
  { logicalId: "A", action: "create", reason: "no" },
  { logicalId: "B", action: "update", reason: "no" },
];
type Case = [
  phase: Parameters<typeof afterPhase>[0],
  failed: Failed[],
  trouble: string | undefined,
  expected: ReturnType<typeof afterPhase>,
];
const create = { kind: "create", onFailure: "ROLLBACK" } as const;
const update = { kind: "update", onFailure: "ROLLBACK" } as const;
const reason = "The following resource(s) failed to create: [A]. The following resource(s) failed to update: [B].";
const cases: Case[] = [
  [{ ...create, phase: "deploy" }, [], undefined, { status: "CREATE_COMPLETE" }],
  [
    { ...create, phase: "deploy" },
    bad.slice(0, 1),
    undefined,
    {
      status: "ROLLBACK_IN_PROGRESS",
      reason: "The following resource(s) failed to create: [A]. Rollback requested by user.",
      next: "undo",
    },
  ],
  [
    { ...create, phase: "deploy" },
    [],
    "Export x is in use.",
    { status: "ROLLBACK_IN_PROGRESS", reason: "Export x is in use. Rollback requested by user.", next: "undo" },
  ],
  [
    { ...create, phase: "deploy", onFailure: "DELETE" },
    bad,
    undefined,
    { status: "DELETE_IN_PROGRESS", reason: `${reason} Delete requested by user.`, next: "delete" },
  ],
  [{ ...create, phase: "deploy", onFailure: "DO_NOTHING" }, bad, undefined, { status: "CREATE_FAILED", reason }],
  [{ ...update, phase: "deploy" }, [], undefined, { status: "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", next: "clean" }],
  [{ ...update, phase: "deploy" }, bad, undefined, { status: "UPDATE_ROLLBACK_IN_PROGRESS", reason, next: "restore" }],
  [{ ...update, phase: "deploy", onFailure: "DO_NOTHING" }, bad, undefined, { status: "UPDATE_FAILED", reason }],
  [{ ...create, phase: "undo" }, [], undefined, { status: "ROLLBACK_COMPLETE" }],
  [
    { ...create, phase: "undo" },
    [{ logicalId: "A", action: "delete", reason: "" }],
    undefined,
    { status: "ROLLBACK_FAILED", reason: "The following resource(s) failed to delete: [A]." },
  ],
  [{ ...update, phase: "restore" }, [], undefined, { status: "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", next: "cleanBack" }],
  [{ ...update, phase: "restore" }, bad, undefined, { status: "UPDATE_ROLLBACK_FAILED", reason }],
  [{ ...update, phase: "clean" }, [], undefined, { status: "UPDATE_COMPLETE" }],
  [
    { ...update, phase: "clean" },
    [{ logicalId: "A", action: "delete", reason: "" }],
    undefined,
    { status: "UPDATE_COMPLETE", reason: "The following resource(s) failed to delete: [A]." },
  ],
  [{ ...update, phase: "cleanBack" }, [], undefined, { status: "UPDATE_ROLLBACK_COMPLETE" }],
  [{ kind: "delete", onFailure: "ROLLBACK", phase: "delete" }, [], undefined, { status: "DELETE_COMPLETE" }],
  [
    { kind: "delete", onFailure: "ROLLBACK", phase: "delete" },
    [{ logicalId: "A", action: "delete", reason: "" }],
    undefined,
    { status: "DELETE_FAILED", reason: "The following resource(s) failed to delete: [A]." },
  ],
];
for (const [phase, failed, trouble, expected] of cases) {
  test(`${phase.kind} ${phase.phase} ${phase.onFailure}, ${failed.length} failed${trouble ? ", trouble" : ""}: ${expected.status}`, () =>
    assert.deepEqual(afterPhase(phase, failed, trouble), expected));
}
