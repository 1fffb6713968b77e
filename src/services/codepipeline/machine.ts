import { arrive, regate, tryToEnter } from "./gates.ts";
import { type Action, ended, type Execution, type Run, running } from "./records.ts";
import { takeOutcome } from "./outcomes.ts";
import { beginRun } from "./runs.ts";
import {
  currentRun,
  end,
  endStage,
  gateOf,
  type Happening,
  type Mint,
  runOf,
  runsGoingOn,
  type Step,
  stageAt,
  tell,
  touch,
  type Turn,
  type World,
} from "./world.ts";

export const step = (before: World, happening: Happening, now: number, mint: Mint): Step => {
  const turn: Turn = { world: structuredClone(before), now, mint, changed: new Set(), begun: [], facts: [] };
  happen(turn, structuredClone(happening));
  while (settleOnce(turn));
  return { world: turn.world, changed: [...turn.changed], begun: turn.begun, facts: turn.facts };
};

const happen = (turn: Turn, happening: Happening): void => {
  const { world } = turn;
  const execution = "execution" in happening && typeof happening.execution === "string" ? world.executions[happening.execution] : undefined;
  switch (happening.kind) {
    case "started":
      start(turn, happening.execution);
      break;
    case "transition":
      gateOf(world, happening.stage).inbound = { enabled: happening.enabled, by: happening.by, at: turn.now, reason: happening.reason };
      break;
    case "replaced":
      for (const id of [...world.line.active]) cancel(turn, world.executions[id]!);
      regate(turn, happening.stages);
      break;
    case "outcome":
      if (execution) takeOutcome(turn, execution, happening);
      break;
    case "stopped":
      if (execution) stop(turn, execution, happening.abandon, happening.reason);
      break;
    case "retried":
      if (execution) retry(turn, execution, happening.stage, happening.all);
  }
};

/** One move of one execution; false when nobody can move. */
const settleOnce = (turn: Turn): boolean => {
  const { world } = turn;
  return world.line.active.some((id) => {
    const execution = world.executions[id];
    return execution !== undefined && move(turn, execution);
  });
};

const move = (turn: Turn, execution: Execution): boolean => {
  if (ended(execution)) return false;
  if (execution.position.at === "gate") {
    if (!execution.stop) return tryToEnter(turn, execution);
    end(turn, execution, "Stopped");
    return true;
  }
  const stage = stageAt(turn.world, execution);
  const runs = stage.actions.map((action) => currentRun(execution, stage.name, action.name));
  const goingOn = runs.some((run) => run && running(run));
  const done = runs.every((run) => run?.status === "Succeeded");
  if (execution.stop) {
    if (goingOn) return false;
    endStage(turn, execution, stage.name, done ? "Succeeded" : "Stopped");
    end(turn, execution, "Stopped");
    return true;
  }
  const bad = runs.filter((run) => run?.status === "Failed" || run?.status === "Abandoned");
  if (bad.length > 0) {
    // A stage that failed is over when nothing of it goes on: only then may somebody else enter.
    if (goingOn) return false;
    execution.summary = summaryOf(stage.name, bad as Run[]);
    endStage(turn, execution, stage.name, "Failed");
    end(turn, execution, "Failed");
    return true;
  }
  if (done) {
    endStage(turn, execution, stage.name, "Succeeded");
    const next = execution.position.stage + 1;
    if (next < turn.world.declarations[execution.version]!.stages.length) arrive(turn, execution, next);
    else end(turn, execution, "Succeeded");
    return true;
  }
  const due = dueActions(stage.actions, runs);
  for (const action of due) beginRun(turn, execution, stage.name, action);
  return due.length > 0;
};

/** Of the lowest run order that is not through, what has not begun. */
const dueActions = (actions: readonly Action[], runs: readonly (Run | undefined)[]): Action[] => {
  const open = actions.filter((_, index) => runs[index]?.status !== "Succeeded");
  const order = Math.min(...open.map((action) => action.runOrder));
  return open.filter((action) => action.runOrder === order && runs[actions.indexOf(action)] === undefined);
};

const summaryOf = (stage: string, bad: Run[]): string =>
  `Stage ${stage} failed. ${bad.map((run) => `${run.action}: ${run.failure?.message ?? run.status}`).join("; ")}`;

const start = (turn: Turn, execution: Execution): void => {
  const { world } = turn;
  world.line.count += 1;
  execution.order = world.line.count;
  world.executions[execution.id] = execution;
  world.line.active.push(execution.id);
  tell(turn, { subject: "pipeline", state: "STARTED", execution: execution.id });
  arrive(turn, execution, 0);
};

/** Gives up what goes on, without waiting for it. */
const abandon = (turn: Turn, execution: Execution, state: "ABANDONED" | "CANCELED"): void => {
  for (const run of runsGoingOn(execution)) {
    run.status = "Abandoned";
    run.updated = turn.now;
    run.carrier = undefined;
    run.token = undefined;
    touch(turn, execution);
    tell(turn, { subject: "action", state, execution: execution.id, stage: run.stage, run: run.id });
  }
};

const stop = (turn: Turn, execution: Execution, giveUp: boolean, reason?: string): void => {
  if (ended(execution)) return;
  const first = !execution.stop;
  execution.stop = { abandon: giveUp, reason: reason ?? execution.stop?.reason };
  execution.status = "Stopping";
  touch(turn, execution);
  if (first) tell(turn, { subject: "pipeline", state: "STOPPING", execution: execution.id });
  if (giveUp) abandon(turn, execution, "ABANDONED");
  if (execution.position.at === "gate" || runsGoingOn(execution).length === 0) return;
  const { name } = stageAt(turn.world, execution);
  if (execution.stages[name]!.status !== "InProgress") return;
  execution.stages[name]!.status = "Stopping";
  tell(turn, { subject: "stage", state: "STOPPING", execution: execution.id, stage: name });
};

const cancel = (turn: Turn, execution: Execution): void => {
  abandon(turn, execution, "CANCELED");
  const { name } = stageAt(turn.world, execution);
  if (execution.position.at === "stage") endStage(turn, execution, name, "Cancelled");
  execution.summary = "The pipeline's definition was updated before the execution could be completed.";
  end(turn, execution, "Cancelled");
};

/** The same execution goes on in the stage where it ended; whoever asks has made sure that it may. */
const retry = (turn: Turn, execution: Execution, stage: string, all: boolean): void => {
  const { line } = turn.world;
  const tried = execution.stages[stage]!;
  for (const [action, id] of Object.entries(tried.runs)) {
    const run = runOf(execution, id)!;
    if (all || run.status === "Failed" || run.status === "Abandoned") delete tried.runs[action];
  }
  tried.status = "InProgress";
  tried.updated = turn.now;
  tried.retries += 1;
  touch(turn, execution);
  if (!ended(execution)) return;
  execution.status = "InProgress";
  execution.summary = undefined;
  execution.stop = undefined;
  execution.attempt += 1;
  execution.position.at = "stage";
  line.active.push(execution.id);
  if (turn.world.declarations[execution.version]!.mode !== "PARALLEL") gateOf(turn.world, stage).holder = execution.id;
  tell(turn, { subject: "pipeline", state: "RESUMED", execution: execution.id });
  tell(turn, { subject: "stage", state: "RESUMED", execution: execution.id, stage });
};
