/** The phase that brings a stack's resources to its version: what is new is created, what differs updated or replaced. */
import { declaredResource, type Declared } from "./declared.ts";
import { physicalName } from "./names.ts";
import { propertyChanges, type PropertyChange } from "./plan.ts";
import { perform } from "./perform.ts";
import type { Resource, ResourceStatus, Step } from "./records.ts";
import type { ResourceType } from "./resources/resource.ts";
import type { Changes, Run } from "./run.ts";
import { settledFailed, settledMade, settledWaiting } from "./settle.ts";
import { denied } from "./stack-policy.ts";
import { evaluate, unknownCauses } from "./template/functions.ts";
import { same, TemplateError } from "./template/value.ts";
import { typeTable } from "./types.ts";
import type { Outcome, Phase } from "./walk.ts";

type Decision =
  | { readonly kind: "leave" }
  | { readonly kind: "create" | "update" | "replace"; readonly changes: readonly PropertyChange[] };

/** What to do about a resource, now that everything it needs is known. */
export const decide = (record: Resource | undefined, declared: Declared, type: ResourceType): Decision => {
  const { stands } = record ?? {};
  if (!record || !stands || record.status === "CREATE_FAILED" || record.status === "DELETE_COMPLETE")
    return { kind: "create", changes: [] };
  const base = record.attempted ?? stands.properties;
  const changes = propertyChanges(base, declared.properties, typeTable(declared.type));
  if (changes.length === 0) return type.always ? { kind: "update", changes } : { kind: "leave" };
  const before = base as Record<string, unknown>;
  const after = declared.properties as Record<string, unknown>;
  const must =
    changes.some((change) => change.requires === "Always") || type.update === undefined || type.replaces?.(before, after) === true;
  return { kind: must ? "replace" : "update", changes };
};

export const deployPhase = (run: Run): Phase => {
  const { operation, version } = run;
  const creating = operation.kind === "create";
  const record = (id: string) => run.resources.get(id);
  const typeOf = (id: string) => run.version.template.Resources[id]?.Type as string;
  const timedOut = () => operation.deadline !== undefined && run.now().toISOString() >= operation.deadline;

  const shown = (id: string): string => {
    const scope = run.scope(true);
    const properties = version.template.Resources[id]?.Properties ?? {};
    try {
      return JSON.stringify(evaluate(properties, scope));
    } catch {
      return "{}";
    }
  };

  const begin = async (id: string, changes: Changes): Promise<"ended" | "begun" | "failed"> => {
    const at = run.now().toISOString();
    const was = record(id);
    const type = run.types.get(typeOf(id)) as ResourceType;
    const fail = (action: "create" | "update", reason: string, declared?: Declared) => {
      const status: ResourceStatus = action === "create" ? "CREATE_FAILED" : "UPDATE_FAILED";
      const base: Resource = was ?? { logicalId: id, type: typeOf(id), status, at };
      changes.resources.set(id, {
        ...base,
        status,
        statusReason: reason,
        at,
        touched: operation.id,
        ...(!creating && { before: was?.before ?? { stood: was?.stands ?? null } }),
      });
      const physicalId = was?.stands?.physicalId;
      changes.events.push({
        logicalId: id,
        type: typeOf(id),
        status,
        reason,
        ...(physicalId && { physicalId }),
        ...(declared && { properties: shown(id) }),
      });
      changes.failed.push({ key: id, logicalId: id, action, reason });
      return "failed" as const;
    };
    let declared: Declared;
    try {
      declared = declaredResource(version, id, run.scope(), [...(run.graph.get(id) ?? [])], run.types);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      return fail(was?.stands ? "update" : "create", error.message);
    }
    const open = unknownCauses(declared.properties);
    if (open.length > 0) return fail(was?.stands ? "update" : "create", `${open.join(", ")} is not known`);
    const decision = decide(was, declared, type);
    const before = creating ? {} : { before: was?.before ?? { stood: was?.stands ?? null } };
    if (decision.kind === "leave") {
      const stands = was?.stands as NonNullable<Resource["stands"]>;
      const { deletionPolicy: _, updateReplacePolicy: __, metadata: ___, needs: ____, ...core } = stands;
      const next = { ...core, ...declared.rest };
      if (!same(next, stands) || was?.status === "UPDATE_FAILED") {
        changes.resources.set(id, {
          ...(was as Resource),
          ...before,
          stands: next,
          status: was?.status === "UPDATE_FAILED" ? "UPDATE_COMPLETE" : (was as Resource).status,
          touched: operation.id,
        });
      }
      return "ended";
    }
    const replacing = decision.kind === "replace";
    const rule = type.name;
    const own = rule ? (declared.properties[rule.property] as string | undefined) : undefined;
    if (!creating && decision.kind !== "create") {
      const policy = operation.policyDuringUpdate ?? run.stack.policy;
      const refusal = policy && denied(policy, replacing ? "Update:Replace" : "Update:Modify", id, declared.type);
      if (refusal) return fail("update", refusal);
    }
    if (replacing && own !== undefined && !rule?.shared && own === was?.stands?.properties[rule?.property as string]) {
      return fail(
        "update",
        `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${own} and update the stack again.`,
        declared,
      );
    }
    const step: Step = {
      action: decision.kind === "update" ? "update" : "create",
      token: run.token(),
      name:
        decision.kind === "update"
          ? (was?.stands?.physicalId as string)
          : (own ?? physicalName(run.stack.name, id, `${run.stack.uuid} ${operation.id}`, rule)),
      properties: declared.properties as Step["properties"],
      startedAt: at,
      declared: declared.rest,
      ...(decision.kind === "update" && { was: was?.attempted ?? was?.stands?.properties ?? {} }),
      // A creation that failed half-way may have left something that bears the name.
      ...(decision.kind === "create" && was?.status === "CREATE_FAILED" && was.stands && { again: true }),
      ...(replacing && { replaces: true }),
      shown: shown(id),
    };
    if (own !== undefined && step.action === "create" && !step.again && type.taken) {
      const taken = await type.taken({ ...workless(run, id, step), type: declared.type }).catch(() => false);
      if (taken) return fail(replacing ? "update" : "create", `${own} already exists`, declared);
    }
    const status: ResourceStatus = step.action === "create" && !replacing ? "CREATE_IN_PROGRESS" : "UPDATE_IN_PROGRESS";
    const { statusReason: _, ...rest } = was ?? { logicalId: id, type: declared.type, status, at };
    changes.resources.set(id, { ...rest, ...before, type: declared.type, status, at, step, touched: operation.id });
    changes.events.push({
      logicalId: id,
      type: declared.type,
      status,
      properties: step.shown as string,
      ...(was?.stands && !step.again && { physicalId: was.stands.physicalId }),
      ...(replacing && { reason: "Requested update requires the creation of a new physical resource; hence creating one." }),
    });
    return "begun";
  };

  return {
    graph: run.graph,
    keepsGoing: operation.onFailure === "DO_NOTHING",
    isEnded: (id) => record(id)?.touched === operation.id && !record(id)?.step && /_COMPLETE$/.test(record(id)?.status ?? ""),
    isOpen: (id) => record(id)?.step !== undefined && record(id)?.touched === operation.id,
    isWaiting: (id) => record(id)?.step?.waiting !== undefined,
    begin,
    perform(id, again) {
      const { step, stands, type } = record(id) as Resource;
      return perform(run, { logicalId: id, type, step: step as Step, again, ...(stands && { stands }) });
    },
    settle(id, outcome, changes) {
      const current = record(id) as Resource;
      const step = current.step as Step;
      const at = run.now().toISOString();
      if ("wait" in outcome) return wait(current, step, outcome, at, changes);
      if ("made" in outcome && outcome.made) {
        const { record: next, event } = settledMade(current, step, outcome.made, operation.id, at);
        changes.resources.set(id, next);
        changes.events.push(event);
        return "ended";
      }
      const reason = "failed" in outcome ? outcome.failed : "the type did not say what it made";
      return failed(current, step, reason, "failed" in outcome ? outcome.physicalId : undefined, changes);
    },
    abandon(id, changes) {
      const current = record(id) as Resource;
      const step = current.step as Step;
      failed(
        current,
        step,
        step.action === "create" ? "Resource creation cancelled" : "Resource update cancelled",
        step.waiting?.physicalId,
        changes,
      );
    },
    stopped: () => run.stack.operation?.cancelled === true || timedOut(),
  };

  function wait(current: Resource, step: Step, outcome: Extract<Outcome, { wait: unknown }>, at: string, changes: Changes) {
    const { record: next, event } = settledWaiting(current, step, outcome.wait, at);
    const before = step.waiting;
    if (before === undefined) changes.events.push(event);
    if (!same(next.step?.waiting, before)) {
      changes.resources.set(current.logicalId, next);
      const { until } = outcome.wait;
      if (until && (!changes.wakeAt || until < changes.wakeAt)) changes.wakeAt = until;
    }
    return "waiting" as const;
  }
  function failed(current: Resource, step: Step, reason: string, physicalId: string | undefined, changes: Changes) {
    const { record: next, event } = settledFailed(current, step, reason, physicalId, operation.id, run.now().toISOString());
    changes.resources.set(current.logicalId, next);
    changes.events.push(event);
    changes.failed.push({
      key: current.logicalId,
      logicalId: current.logicalId,
      action: step.action === "create" && !step.replaces ? "create" : "update",
      reason,
    });
    return "failed" as const;
  }
};

/** Enough of a step for a type to look whether a name is taken. */
const workless = (run: Run, logicalId: string, step: Step) => ({
  logicalId,
  properties: step.properties,
  name: step.name,
  token: step.token,
  again: false,
  startedAt: new Date(step.startedAt),
  aws: run.aws,
  stack: run.facts(),
  desk: run.desk,
  exists: () => {},
});
