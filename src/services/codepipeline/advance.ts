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

type Came = { act: Act; phase: "start" | "look"; outcome: Outcome };

export const advance = async (context: Context, task: Task): Promise<void> => {
  const place = task.payload as Place;
  const busy = new Map<string, Promise<Came>>();
  const take = (world: World) => {
    for (const execution of Object.values(world.executions))
      for (const run of runsGoingOn(execution))
        if (run.status === "Starting" && run.carrier === task.id && !busy.has(run.id))
          busy.set(run.id, begin(context, task, actFor(context, place, world, execution, run)));
  };
  take(await context.store.read((tx) => loadWorld(tx, place)));
  while (busy.size > 0) {
    const { act, phase, outcome } = await Promise.race(busy.values());
    busy.delete(act.run.id);
    if (phase === "look" && !says(act.run, outcome)) continue;
    const happening = { kind: "outcome", execution: act.execution.id, run: act.run.id, outcome } as const;
    const { world } = await task.write((tx) => make(tx, context, place, happening, task.id));
    if (task.signal.aborted) throw task.signal.reason;
    // Its end may have been announced before anybody knew that we wait for it: look once, now that it is written down.
    const execution = world.executions[act.execution.id];
    const run = execution?.runs.find((one) => one.id === act.run.id);
    if (!run && outcome.kind === "waiting" && outcome.externalId !== undefined)
      await act.provider.stop?.(context, place, outcome.externalId);
    if (execution && run?.status === "Waiting" && outcome.kind === "waiting" && outcome.on.length > 0)
      busy.set(run.id, lookAgain(context, actFor(context, place, world, execution, run)));
    take(world);
  }
};

const begin = async (context: Context, task: Task, act: Act): Promise<Came> => ({
  act,
  phase: "start",
  outcome: await act.provider.start(act).catch((error) => outcomeOfError(context, task, error)),
});

/** Whatever goes wrong with looking is left to the check that follows anyway. */
const lookAgain = async (context: Context, act: Act): Promise<Came> => {
  try {
    return { act, phase: "look", outcome: act.provider.look ? await act.provider.look(act) : { kind: "waiting", on: [] } };
  } catch (error) {
    context.log.warn("cannot look after an action", { pipeline: act.place.pipeline, action: act.run.action, error: String(error) });
    return { act, phase: "look", outcome: { kind: "waiting", on: [] } };
  }
};
