/** What follows from the change of a run: the index of who waits for what, and the safety net under it. */
import { isDeepStrictEqual } from "node:util";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { providerOf } from "./actions/index.ts";
import { type ActionTypeRef, type Execution, type Place, type Run, running, waits } from "./records.ts";
import { actionOfRun, type World } from "./world.ts";

/** A lost event costs no more than this. */
export const safetyNetMs = 30_000;

const checkId = (run: Run) => `codepipeline/check/${run.id}`;

/** When to look after a run if nobody calls: soon, or at its deadline where there is nothing to see before. */
export const nextCheck = (context: Context, type: ActionTypeRef, { deadline = Number.POSITIVE_INFINITY }: Run, lookAt?: number): number =>
  Math.min(providerOf(type)?.look ? (lookAt ?? context.clock.now().getTime() + safetyNetMs) : Number.POSITIVE_INFINITY, deadline);

const waitKey = (place: Place, name: string, run: Run) => [place.account, place.region, name, run.id];

/** Nobody waits for it any more. */
export const forget = async (tx: Writing, place: Place, run: Run): Promise<void> => {
  for (const name of run.on) await tx.delete(waits, waitKey(place, name, run));
  await tx.cancel(checkId(run));
};

export const follow = async (
  tx: Writing,
  context: Context,
  place: Place,
  world: World,
  execution: Execution,
  before: Run | undefined,
  run: Run,
  lookAt: number | undefined,
): Promise<void> => {
  if (before && running(before) && !running(run)) await forget(tx, place, before);
  if (run.status !== "Waiting" || isDeepStrictEqual(before, run)) return;
  for (const name of before?.on ?? []) if (!run.on.includes(name)) await tx.delete(waits, waitKey(place, name, run));
  for (const name of run.on) await tx.put(waits, waitKey(place, name, run), { place, execution: execution.id, run: run.id });
  const at = nextCheck(context, actionOfRun(world, execution, run).type, run, lookAt);
  if (Number.isFinite(at))
    await tx.later({
      name: "codepipeline.check",
      payload: { place, execution: execution.id, run: run.id },
      at: new Date(at),
      id: checkId(run),
    });
};
