/** Begins one try of an action: its configuration with values, its artifacts, its names. Pure. */
import { providerOf } from "./actions/index.ts";
import type { Action, Execution, Located, Run } from "./records.ts";
import { gateOf, tell, touch, type Turn } from "./world.ts";
import { resolveAll, UnresolvedVariable } from "./variables.ts";

export const beginRun = (turn: Turn, execution: Execution, stage: string, action: Action): void => {
  const { now, mint, world } = turn;
  const declaration = world.declarations[execution.version]!;
  const run: Run = {
    id: mint.id(),
    stage,
    action: action.name,
    status: "Starting",
    started: now,
    updated: now,
    configuration: {},
    inputs: [],
    outputs: [],
    on: [],
    variables: {},
  };
  execution.runs.push(run);
  execution.stages[stage]!.runs[action.name] = run.id;
  gateOf(world, stage).actions[action.name] = { execution: execution.id, run: run.id };
  touch(turn, execution);
  tell(turn, { subject: "action", state: "STARTED", execution: execution.id, stage, run: run.id });
  const message = prepare(run, execution, action, (name) => ({
    name,
    bucket: declaration.bucket,
    key: `${declaration.name}/${name.slice(0, 10)}/${mint.key()}`,
  }));
  if (message !== undefined) {
    run.status = "Failed";
    run.failure = { code: "ConfigurationError", message };
    tell(turn, { subject: "action", state: "FAILED", execution: execution.id, stage, run: run.id });
    return;
  }
  const minutes = action.timeoutInMinutes ?? providerOf(action.type)?.timeoutMinutes ?? 60;
  run.deadline = now + minutes * 60_000;
  if (action.type.category === "Approval") run.token = mint.id();
  turn.begun.push({ execution: execution.id, run: run.id });
};

/** What is wrong with it, if anything is. */
const prepare = (run: Run, execution: Execution, action: Action, locate: (name: string) => Located): string | undefined => {
  try {
    run.configuration = resolveAll(action.configuration, {
      ...execution.values,
      variables: execution.variables,
      codepipeline: { PipelineExecutionId: execution.id },
    });
  } catch (error) {
    if (!(error instanceof UnresolvedVariable)) throw error;
    run.configuration = { ...action.configuration };
    return error.message;
  }
  const missing = action.inputs.filter((name) => !Object.hasOwn(execution.artifacts, name));
  if (missing.length > 0) return `The input artifact ${missing.join(", ")} was not produced by the action that declares it`;
  run.inputs = action.inputs.map((name) => execution.artifacts[name]!);
  run.outputs = action.outputs.map(locate);
  return undefined;
};
