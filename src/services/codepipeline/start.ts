/** Begins an execution of a pipeline. */
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { make } from "./changes.ts";
import { newId } from "./ids.ts";
import { type Declaration, declarations, type Execution, keyOf, lines, type Place, pipelines, requests, versionKey } from "./records.ts";

export interface Beginning {
  readonly trigger: { type: string; detail: string };
  readonly variables?: Readonly<Record<string, string>>;
  readonly overrides?: Execution["overrides"];
  /** The same name again is the same execution. */
  readonly once?: string;
  /** What the name stands for: the same name for something else is refused. */
  readonly input?: string;
}

/** The modes QUEUED and PARALLEL let so many executions go on at once. */
export const mostConcurrent = 50;

export class TooManyExecutions extends Error {}
export class TokenReused extends Error {}
export class MissingVariables extends Error {}

/** Undefined: there is no such pipeline. */
export const currentDeclaration = async (tx: Pick<Writing, "get">, place: Place): Promise<Declaration | undefined> => {
  const pipeline = await tx.get(pipelines, keyOf(place));
  return pipeline && tx.get(declarations, [...keyOf(place), versionKey(pipeline.version)]);
};

/** Answers its id; undefined when there is no such pipeline. */
export const startExecution = async (tx: Writing, context: Context, place: Place, beginning: Beginning): Promise<string | undefined> => {
  const declaration = await currentDeclaration(tx, place);
  if (!declaration) return undefined;
  const { once, input = "" } = beginning;
  const known = once === undefined ? undefined : await tx.get(requests, [...keyOf(place), once]);
  if (known && known.input !== input) throw new TokenReused(once);
  if (known) return known.execution;
  const line = await tx.get(lines, keyOf(place));
  if (declaration.mode !== "SUPERSEDED" && (line?.active.length ?? 0) >= mostConcurrent) throw new TooManyExecutions(place.pipeline);
  const execution = executionOf(declaration, beginning, context.clock.now().getTime());
  if (once !== undefined) await tx.put(requests, [...keyOf(place), once], { execution: execution.id, input });
  await make(tx, context, place, { kind: "started", execution });
  return execution.id;
};

const executionOf = (declaration: Declaration, { trigger, variables = {}, overrides = {} }: Beginning, now: number): Execution => {
  const values = declaration.variables.map(({ name, defaultValue }) => [name, variables[name] ?? defaultValue] as const);
  const missing = values.filter(([, value]) => value === undefined).map(([name]) => name);
  if (missing.length > 0) throw new MissingVariables(missing.join(", "));
  return {
    id: newId(),
    order: 0,
    version: declaration.version,
    status: "InProgress",
    started: now,
    updated: now,
    attempt: 1,
    trigger,
    variables: Object.fromEntries(values) as Record<string, string>,
    overrides,
    position: { stage: 0, at: "gate" },
    stages: {},
    runs: [],
    artifacts: {},
    values: {},
  };
};
