/** The phases that delete: a whole stack, a creation that failed, or what an update has let go. */
import { perform } from "./perform.ts";
import { fateOf, type Graph, ordered, reversed } from "./plan.ts";
import type { Discard, Resource, Standing, Step } from "./records.ts";
import type { Changes, Run } from "./run.ts";
import { same } from "./template/value.ts";
import type { Outcome, Phase } from "./walk.ts";

/** A thing to delete, be it a record of the stack or something it has let go. */
interface Victim {
  readonly logicalId: string;
  readonly type: string;
  readonly stands?: Standing;
  readonly fate: "delete" | "retain";
  readonly step?: Step;
  readonly over: boolean;
}

export const removePhase = (run: Run): Phase => {
  const { operation } = run;
  const whole = operation.phase === "delete" || operation.phase === "undo";
  const keys = [...(whole ? [...run.resources.keys()].map((id) => `r/${id}`) : []), ...[...run.discards.keys()].map((id) => `d/${id}`)];

  const victim = (key: string): Victim => {
    const id = key.slice(2);
    if (key.startsWith("d/")) {
      const discard = run.discards.get(id) as Discard;
      return {
        logicalId: discard.logicalId,
        type: discard.stands.type,
        stands: discard.stands,
        fate: discard.fate,
        ...(discard.step && { step: discard.step }),
        over: discard.done === true,
      };
    }
    const record = run.resources.get(id) as Resource;
    const { stands } = record;
    const why = operation.kind === "delete" ? "stack deleted" : "rolled back";
    const fate = operation.retain?.includes(id)
      ? "retain"
      : fateOf(why, { ...(stands?.deletionPolicy && { deletion: stands.deletionPolicy }) });
    const over = record.status === "DELETE_COMPLETE" || (record.status === "DELETE_SKIPPED" && record.touched === operation.id);
    return {
      logicalId: id,
      type: record.type,
      ...(stands && { stands }),
      fate,
      ...(record.step?.action === "delete" && { step: record.step }),
      over,
    };
  };
  const save = (key: string, changes: Changes, how: { status: Resource["status"]; reason?: string; step?: Step }) => {
    const id = key.slice(2);
    const at = run.now().toISOString();
    const target = victim(key);
    const complete = how.status === "DELETE_COMPLETE" || how.status === "DELETE_SKIPPED";
    if (key.startsWith("d/")) {
      const { step: _, ...discard } = run.discards.get(id) as Discard;
      changes.discards.set(id, {
        ...discard,
        ...(how.step && { step: how.step }),
        ...(complete && { done: true }),
        ...(how.reason && { failed: how.reason }),
      });
    } else {
      const { step: _, statusReason: __, ...record } = run.resources.get(id) as Resource;
      changes.resources.set(id, {
        ...record,
        status: how.status,
        at,
        touched: operation.id,
        ...(how.reason && { statusReason: how.reason }),
        ...(how.step && { step: how.step }),
      });
    }
    changes.events.push({
      logicalId: target.logicalId,
      type: target.type,
      status: how.status,
      ...(target.stands && { physicalId: target.stands.physicalId }),
      ...(how.reason && { reason: how.reason }),
    });
  };

  return {
    graph: deletionOrder(keys, (key) => victim(key)),
    keepsGoing: true,
    isEnded: (key) => victim(key).over,
    isOpen: (key) => victim(key).step !== undefined,
    isWaiting: (key) => victim(key).step?.waiting !== undefined,
    async begin(key, changes) {
      const { stands, fate } = victim(key);
      if (!stands) {
        save(key, changes, { status: "DELETE_COMPLETE" });
        return "ended";
      }
      if (fate === "retain") {
        save(key, changes, { status: "DELETE_SKIPPED" });
        return "ended";
      }
      const step: Step = {
        action: "delete",
        token: run.token(),
        name: stands.physicalId,
        properties: stands.properties,
        startedAt: run.now().toISOString(),
        declared: { needs: stands.needs },
      };
      save(key, changes, { status: "DELETE_IN_PROGRESS", step });
      return "begun";
    },
    perform(key, again) {
      const { logicalId, type, step, stands } = victim(key);
      return perform(run, { logicalId, type, step: step as Step, again, ...(stands && { stands }) });
    },
    settle(key, outcome: Outcome, changes) {
      const { step, logicalId } = victim(key);
      if ("wait" in outcome) {
        const { until, physicalId, state } = outcome.wait;
        const waiting = {
          ...(until && { until: until.toISOString() }),
          ...(physicalId !== undefined && { physicalId }),
          ...(state !== undefined && { state }),
        };
        if (!same(waiting, step?.waiting)) {
          const next: Step = { ...(step as Step), waiting };
          const id = key.slice(2);
          if (key.startsWith("d/")) changes.discards.set(id, { ...(run.discards.get(id) as Discard), step: next });
          else changes.resources.set(id, { ...(run.resources.get(id) as Resource), step: next });
          if (until && (!changes.wakeAt || until < changes.wakeAt)) changes.wakeAt = until;
        }
        return "waiting";
      }
      if ("failed" in outcome) {
        save(key, changes, { status: "DELETE_FAILED", reason: outcome.failed });
        changes.failed.push({ key, logicalId, action: "delete", reason: outcome.failed });
        return "failed";
      }
      save(key, changes, { status: "DELETE_COMPLETE" });
      return "ended";
    },
    abandon() {},
    stopped: () => false,
  };
};

/** Each after everything that needs it. */
const deletionOrder = (keys: readonly string[], victim: (key: string) => Victim): Graph => {
  const byId = new Map<string, string[]>();
  for (const key of keys) byId.set(victim(key).logicalId, [...(byId.get(victim(key).logicalId) ?? []), key]);
  const graph = reversed(
    new Map(
      keys.map((key) => [
        key,
        new Set((victim(key).stands?.needs ?? []).flatMap((need) => byId.get(need) ?? []).filter((other) => other !== key)),
      ]),
    ),
  );
  // Things of two versions may need each other crosswise; then no order is better than another.
  return "circle" in ordered(graph) ? new Map(keys.map((key) => [key, new Set<string>()])) : graph;
};
