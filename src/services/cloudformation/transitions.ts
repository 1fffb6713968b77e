/** What a stack becomes when a phase of its operation has ended. Pure. */
import type { Operation, StackStatus } from "./records.ts";

export interface Failed {
  readonly logicalId: string;
  readonly action: "create" | "update" | "delete";
  readonly reason: string;
}
export interface Transition {
  readonly status: StackStatus;
  readonly reason?: string;
  /** Absent: the operation is over. */
  readonly next?: Operation["phase"];
}

const list = (failed: readonly Failed[], action: Failed["action"]): string => {
  const ids = failed.filter((one) => one.action === action).map((one) => one.logicalId);
  return ids.length > 0 ? `The following resource(s) failed to ${action}: [${ids.join(", ")}]. ` : "";
};
export const failureText = (failed: readonly Failed[]): string => list(failed, "create") + list(failed, "update") + list(failed, "delete");

/** `trouble` is a failure of the stack itself: an export in use, time run out, a cancellation. */
export const afterPhase = (
  operation: Pick<Operation, "kind" | "phase" | "onFailure">,
  failed: readonly Failed[],
  trouble?: string,
): Transition => {
  const bad = failed.length > 0 || trouble !== undefined;
  const why = `${failureText(failed)}${trouble ? `${trouble} ` : ""}`;
  const reason = bad ? { reason: why.trimEnd() } : {};
  switch (operation.phase) {
    case "deploy": {
      if (!bad)
        return operation.kind === "create"
          ? { status: "CREATE_COMPLETE" }
          : { status: "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", next: "clean" };
      if (operation.onFailure === "DO_NOTHING")
        return { status: operation.kind === "create" ? "CREATE_FAILED" : "UPDATE_FAILED", ...reason };
      if (operation.kind === "update") return { status: "UPDATE_ROLLBACK_IN_PROGRESS", ...reason, next: "restore" };
      return operation.onFailure === "DELETE"
        ? { status: "DELETE_IN_PROGRESS", reason: `${why}Delete requested by user.`, next: "delete" }
        : { status: "ROLLBACK_IN_PROGRESS", reason: `${why}Rollback requested by user.`, next: "undo" };
    }
    case "undo":
      return bad ? { status: "ROLLBACK_FAILED", ...reason } : { status: "ROLLBACK_COMPLETE" };
    case "restore":
      return bad
        ? { status: "UPDATE_ROLLBACK_FAILED", ...reason }
        : { status: "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", next: "cleanBack" };
    case "clean":
      return { status: "UPDATE_COMPLETE", ...reason };
    case "cleanBack":
      return { status: "UPDATE_ROLLBACK_COMPLETE", ...reason };
    case "delete":
      return bad ? { status: "DELETE_FAILED", ...reason } : { status: "DELETE_COMPLETE" };
  }
};

type Verb = "update" | "delete" | "continue rollback" | "roll back" | "create change set" | "cancel update";
const may: Readonly<Record<Verb, readonly StackStatus[]>> = {
  update: ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "CREATE_FAILED", "UPDATE_FAILED"],
  "create change set": [
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "CREATE_FAILED",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_FAILED",
  ],
  delete: [
    "REVIEW_IN_PROGRESS",
    "CREATE_IN_PROGRESS",
    "CREATE_FAILED",
    "CREATE_COMPLETE",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_FAILED",
    "ROLLBACK_COMPLETE",
    "DELETE_FAILED",
    "UPDATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_COMPLETE",
  ],
  "continue rollback": ["UPDATE_ROLLBACK_FAILED"],
  "roll back": ["CREATE_FAILED", "UPDATE_FAILED"],
  "cancel update": ["UPDATE_IN_PROGRESS"],
};
/** Whether a stack of that status takes that operation. */
export const allows = (status: StackStatus, verb: Verb): boolean => may[verb].includes(status);
