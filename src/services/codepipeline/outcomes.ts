/** What came of a run, written down. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { Outcome } from "./actions/action.ts";
import { type Action, ended, type Execution, type Failure, type Run, running } from "./records.ts";
import { sizeOf, variableLimit } from "./variables.ts";
import { type Happening, runOf, stageAt, type Turn, tell, touch, type World } from "./world.ts";

export const takeOutcome = (turn: Turn, execution: Execution, { run: id, outcome, by, seen }: Happening & { kind: "outcome" }): void => {
  const run = runOf(execution, id);
  // What ended stays ended: an answer may come twice, or after the work was given up.
  if (!run || !running(run) || ended(execution)) return;
  if (seen && outcome.kind === "waiting" && (run.status !== seen.status || !isDeepStrictEqual(run.memory, seen.memory))) return;
  run.updated = turn.now;
  run.carrier = undefined;
  if (by) run.updatedBy = by;
  run.externalId = outcome.externalId ?? run.externalId;
  run.externalUrl = outcome.externalUrl ?? run.externalUrl;
  run.logStreamArn = outcome.logStreamArn ?? run.logStreamArn;
  run.summary = outcome.summary ?? run.summary;
  touch(turn, execution);
  if (outcome.kind === "waiting") wait(run, outcome);
  else if (outcome.kind === "failed") fail(turn, execution, run, outcome.failure, outcome.logTail);
  else if (sizeOf(outcome.variables ?? {}) > variableLimit)
    fail(turn, execution, run, { code: "JobFailed", message: `The output variables are larger than ${variableLimit} bytes` });
  else succeed(turn, execution, run, outcome);
};

const wait = (run: Run, outcome: Outcome & { kind: "waiting" }): void => {
  run.status = "Waiting";
  run.on = [...outcome.on];
  run.memory = outcome.memory ? { ...outcome.memory } : run.memory;
  run.deadline = outcome.deadline ?? run.deadline;
  run.percent = outcome.percent ?? run.percent;
};

const fail = (turn: Turn, execution: Execution, run: Run, failure: Failure, logTail?: readonly string[]): void => {
  run.status = "Failed";
  run.token = undefined;
  run.failure = { ...failure };
  run.logTail = logTail ? [...logTail] : undefined;
  tell(turn, { subject: "action", state: "FAILED", execution: execution.id, stage: run.stage, run: run.id });
};

const succeed = (turn: Turn, execution: Execution, run: Run, outcome: Outcome & { kind: "succeeded" }): void => {
  run.status = "Succeeded";
  run.token = undefined;
  run.variables = { ...outcome.variables };
  run.revision = outcome.revision;
  run.outputs = run.outputs.filter(({ name }) => !outcome.produced || outcome.produced.includes(name));
  for (const output of run.outputs) execution.artifacts[output.name] = output;
  const { namespace } = actionNamed(turn.world, execution, run);
  if (namespace !== undefined) execution.values[namespace] = run.variables;
  tell(turn, { subject: "action", state: "SUCCEEDED", execution: execution.id, stage: run.stage, run: run.id });
};

const actionNamed = (world: World, execution: Execution, run: Run): Action =>
  stageAt(world, execution).actions.find((action) => action.name === run.action)!;
