/**
 * The task that begins actions: it finds the runs that were given to it, does what they mean, commits what came of it,
 * and goes on with what follows from that, as long as something does. All its actions run at once.
 * Killed anywhere, it finds its runs again by their carrier, and providers find again what they began by the run's id.
 */
import type { Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import type { Act, Outcome } from "./actions/action.ts";
import { actFor } from "./acts.ts";
import { loadWorld, make } from "./changes.ts";
import { outcomeOfError } from "./failures.ts";
import { says } from "./looks.ts";
import type { Place } from "./records.ts";
import { runsGoingOn, type World } from "./world.ts";

type Came = { act: Act; phase: "start" | "look" } & ({ outcome: Outcome } | { error: unknown });

export const advance = async (context: Context, task: Task): Promise<void> => {
  const place = task.payload as Place;
  const busy = new Map<string, Promise<Came>>();
  const tried = new Set<string>();
  let trouble: { error: unknown } | undefined;
  const take = (world: World) => {
    for (const execution of Object.values(world.executions))
      for (const run of runsGoingOn(execution)) {
        if (run.status !== "Starting" || run.carrier !== task.id || tried.has(run.id)) continue;
        tried.add(run.id);
        busy.set(run.id, begin(context, task, actFor(context, place, world, execution, run)));
      }
  };
  take(await context.store.read((tx) => loadWorld(tx, place)));
  while (busy.size > 0) {
    const came = await Promise.race(busy.values());
    const { act, phase } = came;
    busy.delete(act.run.id);
    if ("error" in came) {
      trouble = came;
      continue;
    }
    const { outcome } = came;
    if (phase === "look" && !says(act.run, outcome)) continue;
    const happening = { kind: "outcome", execution: act.execution.id, run: act.run.id, outcome, seen: act.run } as const;
    const { world } = await task.write((tx) => make(tx, context, place, happening, task.id));
    if (task.signal.aborted) throw task.signal.reason;
    const execution = world.executions[act.execution.id];
    const run = execution?.runs.find((one) => one.id === act.run.id);
    if (outcome.kind === "waiting") {
      // Its end may have been announced before anybody knew that we wait for it: look once, now that it is written down.
      if (execution && run?.status === "Waiting" && run.on.length > 0)
        busy.set(run.id, lookAgain(context, actFor(context, place, world, execution, run)));
      // The pipeline was deleted meanwhile: nobody will ever ask for this.
      if (!run && outcome.externalId !== undefined) await act.provider.stop?.(context, place, outcome.externalId);
    }
    take(world);
  }
  // What could not be done is tried again with the next claim; the rest is written down.
  if (trouble) throw trouble.error;
};

const begin = async (context: Context, task: Task, act: Act): Promise<Came> => {
  try {
    const outcome = await act.provider.start(act).catch((error) => outcomeOfError(context, task, error));
    return { act, phase: "start", outcome };
  } catch (error) {
    return { act, phase: "start", error };
  }
};

/** Whatever goes wrong with looking is left to the check that follows anyway. */
const lookAgain = async (context: Context, act: Act): Promise<Came> => {
  try {
    return { act, phase: "look", outcome: act.provider.look ? await act.provider.look(act) : { kind: "waiting", on: act.run.on } };
  } catch (error) {
    context.log.warn("cannot look after an action", { pipeline: act.place.pipeline, action: act.run.action, error: String(error) });
    return { act, phase: "look", outcome: { kind: "waiting", on: act.run.on } };
  }
};
