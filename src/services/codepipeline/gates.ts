/** Between the stages: who waits, who is overtaken, who enters. */
import type { Execution } from "./records.ts";
import { emptyGate, end, gateOf, modeOf, stageAt, tell, touch, type Turn } from "./world.ts";

/** Comes to the gate of a stage. In mode SUPERSEDED only the newest execution may wait there. */
export const arrive = (turn: Turn, execution: Execution, stage: number): void => {
  const { world } = turn;
  execution.position = { stage, at: "gate" };
  touch(turn, execution);
  const gate = gateOf(world, stageAt(world, execution).name);
  const orderOf = (id: string) => world.executions[id]?.order ?? 0;
  gate.waiting = [...gate.waiting.filter((id) => id !== execution.id), execution.id].sort((one, other) => orderOf(one) - orderOf(other));
  if (modeOf(world, execution) !== "SUPERSEDED") return;
  for (const id of gate.waiting.slice(0, -1)) end(turn, world.executions[id]!, "Superseded");
};

/** True: it has entered. */
export const tryToEnter = (turn: Turn, execution: Execution): boolean => {
  const { world, now } = turn;
  const stage = stageAt(world, execution);
  const gate = gateOf(world, stage.name);
  if (!gate.inbound.enabled) return false;
  if (modeOf(world, execution) === "PARALLEL") gate.waiting = gate.waiting.filter((id) => id !== execution.id);
  else {
    if (gate.holder !== undefined || gate.waiting[0] !== execution.id) return false;
    gate.waiting.shift();
    gate.holder = execution.id;
  }
  gate.latest = execution.id;
  execution.position.at = "stage";
  execution.stages[stage.name] = { status: "InProgress", started: now, updated: now, runs: {}, retries: 0 };
  touch(turn, execution);
  tell(turn, { subject: "stage", state: "STARTED", execution: execution.id, stage: stage.name });
  return true;
};

/** The gates of a changed structure: stages that keep their name keep their transition and their history. */
export const regate = (turn: Turn, stages: readonly string[]): void => {
  const before = turn.world.line.gates;
  turn.world.line.gates = Object.fromEntries(stages.map((name) => [name, before[name] ?? emptyGate()]));
};
