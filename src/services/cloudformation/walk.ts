import { type Graph, startable } from "./plan.ts";
import type { Made, Wait } from "./resources/resource.ts";
import { type Changes, noChanges, type Run } from "./run.ts";

export type Outcome =
  | { readonly made: Made | undefined }
  | { readonly wait: Wait }
  | { readonly failed: string; readonly physicalId?: string };

/** One phase of an operation, as a graph of jobs. Jobs write their decisions into `changes`, which is committed before any effect. */
export interface Phase {
  readonly graph: Graph;
  /** Whether others go on where one has failed. */
  readonly keepsGoing: boolean;
  /** Jobs that an earlier process, or an earlier run of this task, has ended. */
  isEnded(id: string): boolean;
  /** Jobs whose step was begun and has no result. */
  isOpen(id: string): boolean;
  isWaiting(id: string): boolean;
  begin(id: string, changes: Changes): Promise<"ended" | "begun" | "failed">;
  /** The effect. Never throws. */
  perform(id: string, again: boolean): Promise<Outcome>;
  settle(id: string, outcome: Outcome, changes: Changes): "ended" | "waiting" | "failed";
  /** A waiting job of a phase that has failed elsewhere. */
  abandon(id: string, changes: Changes): void;
  /** Why nothing new may begin: a cancellation, time run out. */
  stopped(): boolean;
}

/** Carries a phase as far as it goes now. `waiting`: something must call before it can go on. */
export const walk = async (run: Run, phase: Phase): Promise<{ waiting: boolean; failed: boolean }> => {
  const ended = new Set<string>();
  const started = new Set<string>();
  const waiting = new Set<string>();
  const flight = new Map<string, Promise<void>>();
  const arrived: [string, Outcome][] = [];
  let failed = run.failed().length > 0;

  const launch = (id: string, again: boolean) => {
    started.add(id);
    flight.set(
      id,
      phase.perform(id, again).then((outcome) => {
        arrived.push([id, outcome]);
      }),
    );
  };
  const halted = () => run.superseded || phase.stopped() || (failed && !phase.keepsGoing);

  for (const { key } of run.failed()) started.add(key);
  for (const id of phase.graph.keys()) if (phase.isEnded(id)) ended.add(id);
  if (!phase.stopped()) for (const id of phase.graph.keys()) if (phase.isOpen(id)) launch(id, true);
  for (;;) {
    const changes = noChanges();
    const begun: string[] = [];
    for (const [id, outcome] of arrived.splice(0)) {
      flight.delete(id);
      const how = phase.settle(id, outcome, changes);
      if (how === "ended") ended.add(id);
      else if (how === "waiting") waiting.add(id);
      else failed = true;
    }
    // What begins now sees what has just been made; both are written in one transaction, before any effect.
    run.apply(changes);
    while (!halted()) {
      const free = startable(phase.graph, ended, started);
      if (free.length === 0) break;
      for (const id of free) started.add(id);
      const ways = await Promise.all(free.map((id) => phase.begin(id, changes)));
      free.forEach((id, index) => {
        if (ways[index] === "ended") ended.add(id);
        else if (ways[index] === "begun") begun.push(id);
        else failed = true;
      });
      // Only what had nothing to do lets more begin at once.
      if (!ways.includes("ended")) break;
    }
    if (halted() && !run.superseded && flight.size === 0 && begun.length === 0) {
      for (const id of phase.graph.keys()) if (phase.isWaiting(id) || waiting.has(id)) phase.abandon(id, changes);
      waiting.clear();
    }
    await run.commit(changes);
    for (const id of begun) launch(id, false);
    if (flight.size === 0) break;
    await Promise.race(flight.values());
  }
  return { waiting: waiting.size > 0 && !halted(), failed };
};
