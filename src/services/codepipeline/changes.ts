/** Makes something happen to a pipeline inside a transaction: what the machine says is stored, with the tasks that follow from it. */
import { randomBytes } from "node:crypto";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { providerOf } from "./actions/index.ts";
import { entriesFor } from "./announcements.ts";
import { follow } from "./follow.ts";
import { newId } from "./ids.ts";
import { step } from "./machine.ts";
import { declarations, executions, jobs, keyOf, lines, type Place, pipelines, versionKey } from "./records.ts";
import { actionOfRun, emptyLine, type Happening, type Mint, runOf, type Step, type World } from "./world.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
export const mint: Mint = {
  id: newId,
  key: () => Array.from(randomBytes(10), (byte) => alphabet[byte % alphabet.length]).join(""),
};

export const loadWorld = async (tx: Pick<Writing, "get">, place: Place, target?: string): Promise<World> => {
  const key = keyOf(place);
  const pipeline = await tx.get(pipelines, key);
  const current = pipeline && (await tx.get(declarations, [...key, versionKey(pipeline.version)]));
  const line = (await tx.get(lines, key)) ?? emptyLine((current?.stages ?? []).map(({ name }) => name));
  const world: World = { line, declarations: current ? { [current.version]: current } : {}, executions: {} };
  const wanted = current?.mode === "PARALLEL" && target !== undefined ? [target] : new Set([...line.active, ...(target ? [target] : [])]);
  for (const id of wanted) {
    const execution = await tx.get(executions, [...key, id]);
    if (!execution) continue;
    world.executions[id] = execution;
    if (!world.declarations[execution.version]) {
      const old = await tx.get(declarations, [...key, versionKey(execution.version)]);
      if (old) world.declarations[old.version] = old;
    }
  }
  return world;
};

const targetOf = (happening: Happening): string | undefined =>
  happening.kind === "started" ? happening.execution.id : "execution" in happening ? happening.execution : undefined;

/** `carrier` is the running task that will begin the runs which follow; without one, a new task does. */
export const make = async (tx: Writing, context: Context, place: Place, happening: Happening, carrier?: string): Promise<Step> => {
  const before = await loadWorld(tx, place, targetOf(happening));
  // Whoever comes back after the pipeline was deleted changes nothing.
  if (Object.keys(before.declarations).length === 0) return { world: before, changed: [], begun: [], facts: [] };
  const result = step(before, happening, context.clock.now().getTime(), mint);
  const lookAt = happening.kind === "outcome" && happening.outcome.kind === "waiting" ? happening.outcome.lookAt : undefined;
  await store(tx, context, place, before, result, { carrier, lookAt });
  return result;
};

const store = async (
  tx: Writing,
  context: Context,
  place: Place,
  before: World,
  result: Step,
  options: { carrier?: string; lookAt?: number },
): Promise<void> => {
  const key = keyOf(place);
  const { world } = result;
  if (result.begun.length > 0) {
    const carrier = options.carrier ?? `codepipeline/advance/${newId()}`;
    for (const { execution, run } of result.begun) {
      const begun = runOf(world.executions[execution]!, run)!;
      begun.carrier = carrier;
      if (providerOf(actionOfRun(world, world.executions[execution]!, begun).type)?.jobs)
        await tx.put(jobs, [place.account, place.region, run], { place, execution });
    }
    if (!options.carrier) await tx.later({ name: "codepipeline.advance", payload: place, id: carrier });
  }
  await tx.put(lines, key, world.line);
  for (const id of result.changed) {
    const execution = world.executions[id]!;
    await tx.put(executions, [...key, id], execution);
    const old = before.executions[id];
    for (const run of execution.runs) await follow(tx, context, place, world, execution, old && runOf(old, run.id), run, options.lookAt);
  }
  const entries = entriesFor(context, place, result);
  if (entries.length > 0)
    await tx.later({ name: "codepipeline.announce", payload: { place, entries }, oneAtATimeFor: `codepipeline/announce/${key.join("/")}` });
};
