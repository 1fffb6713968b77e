/** What other services announce: the end of what we wait for, and changes of what we watch. */
import type { Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import { make } from "./changes.ts";
import { lookAt, says } from "./looks.ts";
import { type Place, waits } from "./records.ts";
import { MissingVariables, startExecution, TooManyExecutions } from "./start.ts";
import { watchersOf } from "./watches.ts";

/** An EventBridge event as a task brings it. */
export interface Heard {
  id: string;
  source: string;
  account: string;
  region: string;
  "detail-type": string;
  detail: Record<string, unknown>;
}

/** Whoever waits for work of these names looks after it now. */
const lookFor = async (context: Context, task: Task, heard: Heard, names: readonly unknown[]): Promise<void> => {
  for (const name of names) {
    if (typeof name !== "string" || name === "") continue;
    const found = await context.store.read((tx) => tx.list(waits, { prefix: [heard.account, heard.region, name] }));
    for (const waiting of found) {
      const seen = await lookAt(context, task, waiting);
      if (!seen || !says(seen.run, seen.outcome)) continue;
      const { execution, run, place } = waiting;
      await task.write((tx) => make(tx, context, place, { kind: "outcome", execution, run, outcome: seen.outcome, seen: seen.run }));
    }
  }
};

export const hearBuild = async (context: Context, task: Task): Promise<void> => {
  const heard = task.payload as Heard;
  if (heard.detail["build-status"] === "IN_PROGRESS") return;
  await lookFor(context, task, heard, [heard.detail["build-id"]]);
};

export const hearStack = async (context: Context, task: Task): Promise<void> => {
  const heard = task.payload as Heard;
  const status = (heard.detail["status-details"] as { status?: string } | undefined)?.status ?? "";
  if (heard["detail-type"] === "CloudFormation Stack Status Change" && status.endsWith("_IN_PROGRESS")) return;
  await lookFor(context, task, heard, [heard.detail["stack-id"]]);
};

/** A push, or a new object: starts the pipelines that detect changes by themselves. */
export const hearSource = async (context: Context, task: Task): Promise<void> => {
  const heard = task.payload as Heard;
  const watchers = await context.store.read((tx) => watchersOf(tx, heard));
  const places = new Map<string, { place: Place; action: string }>(watchers.map((one) => [JSON.stringify(one.place), one]));
  for (const { place, action } of places.values()) {
    const beginning = { trigger: { type: "PollForSourceChanges", detail: action }, once: `event/${heard.id}` };
    try {
      await task.write((tx) => startExecution(tx, context, place, beginning));
    } catch (error) {
      if (!(error instanceof MissingVariables || error instanceof TooManyExecutions)) throw error;
      context.log.warn("a change does not start its pipeline", {
        pipeline: place.pipeline,
        reason: `${error.constructor.name}: ${error.message}`,
      });
    }
  }
};
