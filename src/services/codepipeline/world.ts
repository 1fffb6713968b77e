/** A pipeline as the machine sees it, and what the machine says of it. */
import type { Outcome } from "./actions/action.ts";
import {
  type Action,
  type Declaration,
  type Execution,
  ended,
  type Gate,
  type Line,
  type Mode,
  type Run,
  running,
  type Stage,
} from "./records.ts";

export interface World {
  line: Line;
  /** Structures by version: of every execution here. */
  declarations: Record<number, Declaration>;
  /** The executions that have not ended; of a PARALLEL pipeline only the one that something happens to. */
  executions: Record<string, Execution>;
}

export type Happening =
  | { kind: "started"; execution: Execution }
  /** `seen` is the run on which the outcome rests: if something else was heard of it meanwhile, waiting on is no news. */
  | { kind: "outcome"; execution: string; run: string; outcome: Outcome; by?: string; seen?: Pick<Run, "status" | "memory"> }
  | { kind: "stopped"; execution: string; abandon: boolean; reason?: string }
  | { kind: "retried"; execution: string; stage: string; all: boolean }
  | { kind: "transition"; stage: string; enabled: boolean; by: string; reason?: string }
  /** The structure changed: what runs is cancelled. `stages` are the names of the new structure. */
  | { kind: "replaced"; stages: readonly string[] };

/** A state of something as EventBridge tells it. */
export interface Fact {
  subject: "pipeline" | "stage" | "action";
  state: "STARTED" | "RESUMED" | "SUCCEEDED" | "FAILED" | "STOPPING" | "STOPPED" | "ABANDONED" | "CANCELED" | "SUPERSEDED";
  execution: string;
  stage?: string;
  run?: string;
  at: number;
}

export interface Step {
  world: World;
  /** Executions that are not as they were. */
  changed: string[];
  /** Runs to begin. */
  begun: { execution: string; run: string }[];
  facts: Fact[];
}

/** Random names, given from outside so that the machine stays pure. */
export interface Mint {
  id(): string;
  /** Last part of an artifact's key. */
  key(): string;
}

/** One turn of the machine: the world it may write on, and its notes. */
export interface Turn {
  readonly world: World;
  readonly now: number;
  readonly mint: Mint;
  readonly changed: Set<string>;
  readonly begun: { execution: string; run: string }[];
  readonly facts: Fact[];
}

export const emptyGate = (): Gate => ({ waiting: [], inbound: { enabled: true }, actions: {} });
export const emptyLine = (stages: readonly string[]): Line => ({
  count: 0,
  active: [],
  gates: Object.fromEntries(stages.map((name) => [name, emptyGate()])),
});

export const declarationFor = (world: World, execution: Execution): Declaration => world.declarations[execution.version]!;
export const modeOf = (world: World, execution: Execution): Mode => declarationFor(world, execution).mode;
export const stageAt = (world: World, execution: Execution): Stage => declarationFor(world, execution).stages[execution.position.stage]!;
export const gateOf = (world: World, stage: string): Gate => (world.line.gates[stage] ??= emptyGate());
export const runOf = (execution: Execution, id: string | undefined): Run | undefined => execution.runs.find((run) => run.id === id);
/** The current try of an action, if it has begun. */
export const currentRun = (execution: Execution, stage: string, action: string): Run | undefined =>
  runOf(execution, execution.stages[stage]?.runs[action]);
export const actionOfRun = (world: World, execution: Execution, run: Run): Action =>
  declarationFor(world, execution)
    .stages.find((stage) => stage.name === run.stage)!
    .actions.find((action) => action.name === run.action)!;
export const runsGoingOn = (execution: Execution): Run[] => execution.runs.filter(running);

export const touch = (turn: Turn, execution: Execution): void => {
  execution.updated = turn.now;
  turn.changed.add(execution.id);
};
export const tell = (turn: Turn, fact: Omit<Fact, "at">): void => void turn.facts.push({ ...fact, at: turn.now });

const finalStates = {
  Succeeded: "SUCCEEDED",
  Failed: "FAILED",
  Stopped: "STOPPED",
  Superseded: "SUPERSEDED",
  Cancelled: "CANCELED",
} as const;

/** Ends an execution where it is; whatever it held is free. */
export const end = (turn: Turn, execution: Execution, status: keyof typeof finalStates): void => {
  if (ended(execution)) return;
  const { line } = turn.world;
  for (const gate of Object.values(line.gates)) {
    gate.waiting = gate.waiting.filter((id) => id !== execution.id);
    if (gate.holder === execution.id) gate.holder = undefined;
  }
  line.active = line.active.filter((id) => id !== execution.id);
  execution.status = status;
  touch(turn, execution);
  tell(turn, { subject: "pipeline", state: finalStates[status], execution: execution.id });
};

export const endStage = (
  turn: Turn,
  execution: Execution,
  stage: string,
  status: "Succeeded" | "Failed" | "Stopped" | "Cancelled",
): void => {
  const run = execution.stages[stage]!;
  run.status = status;
  run.updated = turn.now;
  const gate = gateOf(turn.world, stage);
  if (gate.holder === execution.id) gate.holder = undefined;
  touch(turn, execution);
  tell(turn, { subject: "stage", state: finalStates[status], execution: execution.id, stage });
};
