/** The phase that takes a failed update back: what was updated is updated back, what was replaced is itself again, what is new is let go. */
import { reversed } from "./plan.ts";
import { perform } from "./perform.ts";
import type { Resource, Standing, Step } from "./records.ts";
import type { Run } from "./run.ts";
import { madeOf, settledWaiting } from "./settle.ts";
import { same } from "./template/value.ts";
import type { Phase } from "./walk.ts";

const mark = (operation: string) => `restored ${operation}`;

export const restorePhase = (run: Run): Phase => {
  const { operation } = run;
  const touched = [...run.resources.values()].filter((record) => record.before?.stood);
  const ids = new Set(touched.map((record) => record.logicalId));
  const graph = new Map(touched.map((record) => [record.logicalId, new Set(record.before?.stood?.needs.filter((need) => ids.has(need)))]));
  const record = (id: string) => run.resources.get(id) as Resource;
  const stoodOf = (id: string) => record(id).before?.stood as Standing;

  const back = (id: string, stands: Standing, at: string): Resource => {
    const { step: _, attempted: __, statusReason: ___, ...rest } = record(id);
    return { ...rest, type: stands.type, status: "UPDATE_COMPLETE", at, stands, touched: mark(operation.id) };
  };
  const complete = (id: string, stands: Standing) =>
    ({ logicalId: id, type: stands.type, status: "UPDATE_COMPLETE", physicalId: stands.physicalId }) as const;

  return {
    // A circle cannot be: these are the needs of a version that once was made.
    graph: reversed(reversed(graph)),
    keepsGoing: true,
    isEnded: (id) => record(id).touched === mark(operation.id) && !record(id).step && record(id).status === "UPDATE_COMPLETE",
    isOpen: (id) => record(id).step !== undefined && record(id).touched === mark(operation.id),
    isWaiting: (id) => record(id).step?.waiting !== undefined,
    async begin(id, changes) {
      const at = run.now().toISOString();
      const current = record(id);
      const stood = stoodOf(id);
      if (operation.skip?.includes(id)) {
        changes.resources.set(id, back(id, stood, at));
        changes.events.push({ ...complete(id, stood), reason: "Resource was skipped during rollback" });
        return "ended";
      }
      if (current.stands && current.stands.physicalId !== stood.physicalId) {
        changes.resources.set(id, { ...back(id, stood, at), debris: [...(current.debris ?? []), current.stands] });
        changes.events.push({ ...complete(id, stood), status: "UPDATE_IN_PROGRESS" }, complete(id, stood));
        return "ended";
      }
      const from = current.attempted ?? current.stands?.properties ?? {};
      if (!current.attempted && same(from, stood.properties)) {
        changes.resources.set(id, back(id, stood, at));
        if (current.status === "UPDATE_FAILED")
          changes.events.push({ ...complete(id, stood), status: "UPDATE_IN_PROGRESS" }, complete(id, stood));
        return "ended";
      }
      const { deletionPolicy, updateReplacePolicy, metadata, needs } = stood;
      const step: Step = {
        action: "update",
        token: run.token(),
        name: stood.physicalId,
        properties: stood.properties,
        was: from,
        startedAt: at,
        declared: {
          needs,
          ...(deletionPolicy && { deletionPolicy }),
          ...(updateReplacePolicy && { updateReplacePolicy }),
          ...(metadata !== undefined && { metadata }),
        },
      };
      changes.resources.set(id, { ...current, status: "UPDATE_IN_PROGRESS", at, step, touched: mark(operation.id) });
      changes.events.push({ ...complete(id, stood), status: "UPDATE_IN_PROGRESS" });
      return "begun";
    },
    perform(id, again) {
      const { step, stands, type } = record(id);
      // What the type itself keeps is that of what stood: a nested stack's version, for one.
      const { state } = stoodOf(id);
      return perform(run, {
        logicalId: id,
        type,
        step: step as Step,
        again,
        rollback: true,
        ...(stands && { stands: { ...stands, ...(state !== undefined && { state }) } }),
      });
    },
    settle(id, outcome, changes) {
      const current = record(id);
      const step = current.step as Step;
      const at = run.now().toISOString();
      if ("wait" in outcome) {
        const { record: next } = settledWaiting(current, step, outcome.wait, at);
        if (!same(next.step?.waiting, step.waiting)) {
          changes.resources.set(id, next);
          const { until } = outcome.wait;
          if (until && (!changes.wakeAt || until < changes.wakeAt)) changes.wakeAt = until;
        }
        return "waiting";
      }
      if ("failed" in outcome || !outcome.made) {
        const reason = "failed" in outcome ? outcome.failed : "the type did not say what it made";
        const { step: _, ...rest } = current;
        changes.resources.set(id, {
          ...rest,
          status: "UPDATE_FAILED",
          statusReason: reason,
          at,
          attempted: current.attempted ?? current.stands?.properties ?? {},
        });
        changes.events.push({ ...complete(id, stoodOf(id)), status: "UPDATE_FAILED", reason });
        changes.failed.push({ key: id, logicalId: id, action: "update", reason });
        return "failed";
      }
      const made = madeOf(step, current.type, outcome.made);
      // A custom resource may answer a rollback with yet another id: what bore the failed one's is let go.
      const debris =
        current.stands && current.stands.physicalId !== made.physicalId ? { debris: [...(current.debris ?? []), current.stands] } : {};
      changes.resources.set(id, { ...back(id, made, at), ...debris });
      changes.events.push(complete(id, made));
      return "ended";
    },
    abandon() {},
    stopped: () => false,
  };
};
