/** The task that carries out a phase of a stack's operation. Killed anywhere, the next claim goes on. */
import type { Task } from "../../queue/queue.ts";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { deployPhase } from "./deploy.ts";
import { afterRestore, afterUpdate, beforeDelete, type LettingGo } from "./discard.ts";
import type { Ends } from "./ends.ts";
import { stackEvent, wake, writeStack } from "./history.ts";
import { exchangeExports, exchangeImports, outputsOf } from "./outputs.ts";
import { perform } from "./perform.ts";
import {
  changeSetIds,
  changeSets,
  type ChangeSet,
  discards,
  type Resource,
  resources,
  type Stack,
  stackKey,
  stackNames,
  stacks,
  type StackOutput,
  type Step,
  versions,
} from "./records.ts";
import { removePhase } from "./remove.ts";
import type { Desk } from "./resources/resource.ts";
import { restorePhase } from "./restore.ts";
import { noChanges, Run } from "./run.ts";
import { madeOf } from "./settle.ts";
import { TemplateError } from "./template/value.ts";
import { afterPhase } from "./transitions.ts";
import { walk } from "./walk.ts";

export const execute = (context: Context, desk: Desk, ends: Ends) => async (task: Task) => {
  const run = await Run.load(context, task, desk);
  if (!run) return;
  const { phase } = run.operation;
  if (phase === "delete") await adopt(run);
  const { waiting } = await walk(run, phase === "deploy" ? deployPhase(run) : phase === "restore" ? restorePhase(run) : removePhase(run));
  // Who has taken the stack over has left a task of its own.
  if (run.superseded || waiting) return;
  const stack = await conclude(run);
  if (!stack.operation) ends.over(stack.uuid);
};

/** A creation that was under way when the deletion was asked for: what it made must be known, to be deleted. */
const adopt = async (run: Run): Promise<void> => {
  for (const record of run.resources.values()) {
    const step = record.step;
    if (!step || step.action === "delete") continue;
    const { step: _, ...rest } = record;
    const changes = noChanges();
    let physicalId = step.waiting?.physicalId;
    let attributes = {};
    let state: unknown;
    if (step.action === "create" && !step.waiting) {
      const outcome = await perform(run, { logicalId: record.logicalId, type: record.type, step: step as Step, again: true });
      if ("made" in outcome && outcome.made) ({ physicalId, attributes = {}, state } = outcome.made);
      else if ("wait" in outcome) physicalId = outcome.wait.physicalId;
      else if ("failed" in outcome) physicalId = outcome.physicalId;
    }
    const made =
      physicalId === undefined || step.action !== "create"
        ? undefined
        : madeOf(step, record.type, { physicalId, attributes, ...(state !== undefined && { state }) });
    const next: Resource = made ? (step.replaces ? { ...rest, debris: [...(rest.debris ?? []), made] } : { ...rest, stands: made }) : rest;
    changes.resources.set(record.logicalId, next);
    await run.commit(changes);
  }
};

/** The end of a phase: the stack's next status, and what goes with it. A phase that follows is a task of its own. */
const conclude = async (run: Run): Promise<Stack> => {
  const { operation, version, context } = run;
  const { phase } = operation;
  const failed = run.failed();
  let trouble: string | undefined;
  let outputs: StackOutput[] = [];
  if (phase === "deploy") {
    if (run.stack.operation?.cancelled) trouble = "User Initiated.";
    else if (failed.length === 0 && operation.deadline && !isWhole(run) && run.now().toISOString() >= operation.deadline)
      trouble = "Stack creation time exceeded the specified timeout.";
    if (failed.length === 0 && trouble === undefined) {
      try {
        outputs = outputsOf(version, run.scope());
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        trouble = error.message;
      }
    }
  }
  const stack = await run.task.finish(async (tx): Promise<Stack> => {
    const current = (await tx.get(stacks, stackKey(run.stack))) as Stack;
    if (current.operation?.id !== operation.id) return current;
    let why = trouble ?? (phase === "deploy" && current.operation.cancelled ? "User Initiated." : undefined);
    const good = phase === "deploy" && failed.length === 0 && why === undefined;
    if (good) why = await exchangeExports(tx, current, current.outputs, outputs);
    const step = afterPhase(operation, failed, why);
    const events = [stackEvent(current, step.status, step.reason)];
    let next: Stack = { ...current, status: step.status, statusReason: step.reason };
    let following = step.next;
    if (good && why === undefined) {
      await exchangeImports(tx, current, version.imports);
      next = { ...next, outputs, version: operation.version, imports: version.imports, description: version.template.Description };
      if (operation.kind === "update") {
        const left = await letGo(tx, run, afterUpdate([...run.resources.values()], new Set(run.graph.keys())));
        if (left === 0) {
          following = undefined;
          events.push(stackEvent(current, "UPDATE_COMPLETE"));
          next = { ...next, status: "UPDATE_COMPLETE" };
        }
      }
    } else if (phase === "restore" && following) {
      const left = await letGo(tx, run, afterRestore([...run.resources.values()]));
      const before = operation.previous ? await tx.get(versions, [...stackKey(current), operation.previous]) : undefined;
      await exchangeImports(tx, current, before?.imports ?? []);
      next = { ...next, imports: before?.imports ?? [] };
      if (left === 0) {
        following = undefined;
        events.push(stackEvent(current, "UPDATE_ROLLBACK_COMPLETE"));
        next = { ...next, status: "UPDATE_ROLLBACK_COMPLETE" };
      }
    } else if (phase === "clean" || phase === "cleanBack") {
      await tx.deleteAll(discards, stackKey(current));
    } else if (step.status === "DELETE_COMPLETE") {
      await bury(tx, current);
      next = { ...next, deletedAt: run.now().toISOString(), outputs: [], imports: [] };
    }
    if (phase === "deploy" && !(good && why === undefined)) {
      const [first] = failed;
      next = { ...next, failure: [step.reason, first && `${first.logicalId}: ${first.reason}`].filter(Boolean).join(" ") };
    }
    if (following === "delete") await letGo(tx, run, beforeDelete(run.resources.values()));
    const now = run.now();
    next = { ...next, operation: { ...current.operation, ...(following ? { phase: following } : {}) } };
    if (following && operation.kind === "create") {
      // What a failed creation exports and imports is nobody's any more.
      await exchangeImports(tx, next, []);
      next = { ...next, imports: [] };
    }
    const written = await writeStack(tx, next, events, now, version.notificationArns);
    if (following) {
      await tx.later(wake(written));
      return written;
    }
    const { operation: _, ...ended } = written;
    await tx.put(stacks, stackKey(current), ended);
    if (operation.changeSetId) await changeSetEnded(tx, ended, operation.changeSetId);
    if (ended.parent) await tx.later(wake({ account: ended.account, region: ended.region, uuid: ended.parent.uuid }));
    return ended;
  });
  context.log.info("stack", { name: stack.name, status: stack.status, ...(stack.statusReason && { reason: stack.statusReason }) });
  return stack;
};

const isWhole = (run: Run): boolean => [...run.graph.keys()].every((id) => /_COMPLETE$/.test(run.resources.get(id)?.status ?? ""));

/** Writes what is let go as discards to delete; how many there are. */
export const letGo = async (
  tx: Writing,
  run: { readonly stack: Stack; readonly discards: { readonly size: number } },
  going: LettingGo,
): Promise<number> => {
  const key = stackKey(run.stack);
  let number = run.discards.size;
  for (const discard of going.discards) await tx.put(discards, [...key, String(number++).padStart(6, "0")], discard);
  for (const [id, record] of going.records) await (record ? tx.put(resources, [...key, id], record) : tx.delete(resources, [...key, id]));
  return number;
};

/** A stack that is deleted keeps its history and its last words, and nothing else. */
const bury = async (tx: Writing, stack: Stack): Promise<void> => {
  const { account, region, uuid } = stack;
  await exchangeExports(tx, stack, stack.outputs, []);
  await exchangeImports(tx, stack, []);
  if ((await tx.get(stackNames, [account, region, stack.name])) === uuid) await tx.delete(stackNames, [account, region, stack.name]);
  for (const set of await tx.list(changeSets, { prefix: [account, region, uuid] }))
    await tx.delete(changeSetIds, [account, region, set.uuid]);
  await tx.deleteAll(changeSets, [account, region, uuid]);
  await tx.deleteAll(discards, [account, region, uuid]);
};

const changeSetEnded = async (tx: Writing, stack: Stack, id: string): Promise<void> => {
  const uuid = id.slice(id.lastIndexOf("/") + 1);
  const at = await tx.get(changeSetIds, [stack.account, stack.region, uuid]);
  const key = at && [stack.account, stack.region, at.stackUuid, at.name];
  const set = key && (await tx.get(changeSets, key));
  if (!key || !set || set.uuid !== uuid) return;
  const good = stack.status === "CREATE_COMPLETE" || stack.status === "UPDATE_COMPLETE";
  await tx.put(changeSets, key, { ...set, executionStatus: good ? "EXECUTE_COMPLETE" : "EXECUTE_FAILED" } satisfies ChangeSet);
};
