/** Looking after work that was begun: because its end was announced, or because it is time to. */
import { isDeepStrictEqual } from "node:util";
import type { Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import { failed, type Outcome } from "./actions/action.ts";
import { actFor } from "./acts.ts";
import { loadWorld, make } from "./changes.ts";
import { outcomeOfError } from "./failures.ts";
import { nextCheck, safetyNetMs } from "./follow.ts";
import type { ActionTypeRef, Place, Run } from "./records.ts";
import { runOf } from "./world.ts";

/** Which run of which execution. */
export interface Waiting {
  place: Place;
  execution: string;
  run: string;
}

interface Seen {
  run: Run;
  type: ActionTypeRef;
  outcome: Outcome;
}

/** Whether an outcome says anything that is not written down yet. */
export const says = (run: Run, outcome: Outcome): boolean =>
  outcome.kind !== "waiting" ||
  !isDeepStrictEqual([...outcome.on], run.on) ||
  (outcome.memory !== undefined && !isDeepStrictEqual(outcome.memory, run.memory ?? {}));

/** What is seen of a run that still waits; undefined when it does not wait any more. */
export const lookAt = async (context: Context, task: Task, { place, execution: id, run: runId }: Waiting): Promise<Seen | undefined> => {
  const world = await context.store.read((tx) => loadWorld(tx, place, id));
  const execution = world.executions[id];
  const run = execution && runOf(execution, runId);
  if (!execution || run?.status !== "Waiting") return undefined;
  const act = actFor(context, place, world, execution, run);
  const outcome: Outcome = act.provider.look
    ? await act.provider.look(act).catch((error) => outcomeOfError(context, task, error, Number.POSITIVE_INFINITY))
    : { kind: "waiting", on: run.on };
  const late = run.deadline !== undefined && context.clock.now().getTime() >= run.deadline && !says(run, outcome);
  const { type } = act.action;
  if (!late) return { run, outcome, type };
  const minutes = Math.round((run.deadline! - run.started) / 60_000);
  return { run, type, outcome: failed("JobFailed", act.provider.timeoutMessage ?? `The action did not end within ${minutes} minutes.`) };
};

/** The task: the safety net under every wait, and its deadline. */
export const check = async (context: Context, task: Task): Promise<void> => {
  const waiting = task.payload as Waiting;
  let seen: Seen | undefined;
  try {
    seen = await lookAt(context, task, waiting);
  } catch (error) {
    if (task.signal.aborted) throw error;
    // Work is not lost because nobody could see it: a net that gave up would be none.
    context.log.warn("cannot look after an action", { pipeline: waiting.place.pipeline, run: waiting.run, error: String(error) });
    return task.again(new Date(context.clock.now().getTime() + safetyNetMs));
  }
  if (!seen) return;
  const { run, outcome, type } = seen;
  if (says(run, outcome)) {
    await task.write((tx) =>
      make(tx, context, waiting.place, { kind: "outcome", execution: waiting.execution, run: waiting.run, outcome, seen: run }),
    );
    if (outcome.kind !== "waiting") return;
  }
  const next = nextCheck(context, type, run, outcome.kind === "waiting" ? outcome.lookAt : undefined);
  if (Number.isFinite(next)) task.again(new Date(next));
};
