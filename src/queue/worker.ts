/** Runs tasks: claims what is due, keeps the lease alive, gives back what failed. */
import type { Log } from "../lib/log.ts";
import type { Claimed, OpenStore } from "../store/open.ts";
import type { Session } from "../store/session.ts";
import type { Writing } from "../store/store.ts";
import { type Claim, claimTasks, deadTasks, finishTask, holders, holdTask, nextMoment, releaseFrom, releaseTask } from "../store/tasks.ts";
import { backoff } from "./backoff.ts";
import { LeaseLost, type Task } from "./queue.ts";

export interface Queue {
  /** Claims from now on; what a process held that is gone is taken up at once. */
  start(): Promise<void>;
  /** Claims no more, aborts what runs and waits until it has let go; it is claimed again by the next process. */
  stop(): Promise<void>;
  /** Resolves when no task is due and none runs. Tasks of a later moment do not count. */
  idle(): Promise<void>;
  dead(): Promise<{ id: string; name: string; error: string | null }[]>;
}

export interface QueueOptions {
  readonly store: OpenStore;
  readonly log: Log;
  /** Throws when there is no such task. */
  handler(name: string): Promise<(task: Task) => Promise<void>>;
  readonly concurrency?: number;
  readonly leaseMs?: number;
  /** Looks for due tasks this often even if nobody says so: the safety net, not the way. */
  readonly safetyNetMs?: number;
  /** After so many failed tries a task is dead: kept and shown. */
  readonly attempts?: number;
}

export const createQueue = (options: QueueOptions): Queue => {
  const { store, log, concurrency = 512, leaseMs = 30_000, safetyNetMs = 5_000, attempts = 12 } = options;
  const running = new Map<string, { done: Promise<void>; abort: AbortController }>();
  /** Claimed in transactions that are still under way. */
  const coming = new Map<object, { claims: number; over: Promise<void> }>();
  const waiters: (() => void)[] = [];
  let started = false;
  let claiming: Promise<void> | undefined;
  let wanted = false;
  /** There was no room for all that is due. */
  let full = false;
  let timer: NodeJS.Timeout | undefined;
  /** When the timer goes off. */
  let planned = Number.POSITIVE_INFINITY;
  let unlisten = () => {};
  /** Whom we were when we last looked for owners that are gone, and when that was. */
  let looked: { as: string; at: number } | undefined;

  /** Claims until nothing is due; one at a time, and once more when somebody asked meanwhile. */
  const wake = (): void => {
    wanted = true;
    if (claiming || !started) return;
    claiming = claim().finally(() => {
      claiming = undefined;
      if (wanted && started && room() > 0) wake();
      else settle();
    });
  };
  const claim = async (): Promise<void> => {
    let now = Date.now();
    try {
      while (wanted && started) {
        wanted = false;
        const limit = room();
        if (limit <= 0) break;
        const owner = store.owner();
        if (owner === undefined) break;
        await takeUp(owner);
        now = Date.now();
        const claims = await store.transaction((session) =>
          claimTasks(session, { owner, now, leaseMs, limit, skipLocked: store.name === "postgres" }),
        );
        // Nobody vouches for that name any more: others may have taken these already.
        if (store.owner() !== owner) break;
        if (!started) {
          for (const claim of claims) await giveBack(claim, { at: Date.now(), attempt: claim.attempt - 1 });
          break;
        }
        for (const claim of claims) begin(claim);
        if (claims.length > 0) wanted = true;
      }
      if (store.owner() === undefined) plan(safetyNetMs);
      else await sleepUntilDue(now);
    } catch (error) {
      log.error("cannot claim tasks", error);
      plan(safetyNetMs);
    }
  };
  /** Whoever adds tasks to a store of our own claims them for us in the same commit. */
  const claimAlong = async (session: Session): Promise<Claimed> => {
    const owner = store.owner();
    const limit = room();
    const now = Date.now();
    const able = started && owner !== undefined && looked?.as === owner;
    const claims = able && limit > 0 ? await claimTasks(session, { owner, now, leaseMs, limit, skipLocked: false }) : [];
    const next = able ? await nextMoment(session, now) : undefined;
    full ||= claims.length >= limit;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const key = {};
    coming.set(key, { claims: claims.length, over });
    const leave = () => {
      coming.delete(key);
      resolve();
      settle();
    };
    return {
      committed() {
        if (started) for (const claim of claims) begin(claim);
        else {
          const back = claims.map((claim) => giveBack(claim, { at: Date.now(), attempt: claim.attempt - 1 }));
          return void Promise.allSettled(back).then(leave);
        }
        if (!able) wake();
        else if (next !== undefined) plan(next - Date.now());
        leave();
      },
      failed: leave,
    };
  };
  const room = () => concurrency - running.size - [...coming.values()].reduce((sum, { claims }) => sum + claims, 0);
  /** Others' tasks are claimed when their lease is over; those of owners who are gone need not wait for that. */
  const takeUp = async (owner: string): Promise<void> => {
    const now = Date.now();
    if (looked?.as === owner && (store.single || now - looked.at < safetyNetMs / 2)) return;
    await store.transaction(async (session) => {
      for (const other of await holders(session)) {
        if (other !== owner && (await store.isGone(session, other))) await releaseFrom(session, other, now);
      }
    });
    looked = { as: owner, at: now };
  };
  const settle = () => {
    if (running.size === 0 && coming.size === 0 && !claiming && !wanted) for (const resolve of waiters.splice(0)) resolve();
  };
  /** Several plan at once: the earliest moment stands, whoever spoke last. */
  const plan = (ms: number) => {
    const wait = Math.max(0, Math.min(ms, safetyNetMs));
    if (planned <= performance.now() + wait) return;
    clearTimeout(timer);
    planned = performance.now() + wait;
    timer = setTimeout(() => {
      planned = Number.POSITIVE_INFINITY;
      wake();
    }, wait);
    timer.unref();
  };
  const sleepUntilDue = async (then: number) => {
    const next = await store.transaction((session) => nextMoment(session, then));
    plan(next === undefined ? safetyNetMs : next - Date.now());
  };

  const begin = (claim: Claim) => {
    const abort = new AbortController();
    const done = run(claim, abort).finally(() => {
      running.delete(key);
      if (store.single && !full) return settle();
      // A lane's next task, or one that found no room, may be due now.
      full = false;
      wake();
    });
    const key = `${claim.id}#${claim.gen}`;
    running.set(key, { done, abort });
  };

  const run = async (claim: Claim, abort: AbortController): Promise<void> => {
    const heart = setInterval(() => void beat(), leaseMs / 3);
    heart.unref();
    let heldUntil = Date.now() + leaseMs;
    const beat = async () => {
      try {
        if (await store.transaction((session) => holdTask(session, claim, Date.now() + leaseMs))) heldUntil = Date.now() + leaseMs;
        else abort.abort(new LeaseLost(claim.id));
      } catch (error) {
        log.error("cannot keep a lease", error, { task: claim.name });
        if (Date.now() > heldUntil) abort.abort(new LeaseLost(claim.id));
      }
    };
    let finished = false;
    let next: Date | undefined;
    const fenced = <R>(hold: (session: Session) => Promise<boolean>, work: (tx: Writing) => Promise<R>) =>
      store.transaction(async (session) => {
        if (!(await hold(session))) throw new LeaseLost(claim.id);
        return work(session);
      });
    const task: Task = {
      id: claim.id,
      name: claim.name,
      payload: claim.payload,
      attempt: claim.attempt,
      signal: abort.signal,
      write: (work) => fenced((session) => holdTask(session, claim, Date.now() + leaseMs), work),
      finish: async (work) => {
        const result = await fenced((session) => finishTask(session, claim), work);
        finished = true;
        return result;
      },
      again: (at) => {
        next = at;
      },
    };
    try {
      await (await options.handler(claim.name))(task);
      if (finished) return;
      if (next) await giveBack(claim, { at: next.getTime(), attempt: 0 });
      else await store.transaction((session) => finishTask(session, claim));
    } catch (error) {
      if (error instanceof LeaseLost || finished) {
        if (finished) log.error("a task failed after it was finished", error, { task: claim.name });
        return;
      }
      if (abort.signal.aborted) return void (await giveBack(claim, { at: Date.now(), attempt: claim.attempt - 1 }).catch(() => {}));
      const dead = claim.attempt >= attempts;
      log.error(dead ? "a task failed for good" : "a task failed and will run again", error, { task: claim.name, attempt: claim.attempt });
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      await giveBack(claim, { at: Date.now() + backoff(claim.attempt), attempt: claim.attempt, error: text, dead }).catch((failure) =>
        log.error("cannot give a task back", failure, { task: claim.name }),
      );
    } finally {
      clearInterval(heart);
    }
  };
  const giveBack = (claim: Claim, next: Parameters<typeof releaseTask>[2]) =>
    store.transaction((session) => releaseTask(session, claim, next));

  return {
    async start() {
      started = true;
      const forget = [
        store.onTasks(() => wake()),
        store.claimAlong(claimAlong),
        store.onLost(() => {
          for (const [key, { abort }] of running) abort.abort(new LeaseLost(key));
        }),
      ];
      unlisten = () => {
        for (const one of forget) one();
      };
      wake();
    },
    async stop() {
      started = false;
      unlisten();
      await claiming;
      await Promise.all([...coming.values()].map(({ over }) => over));
      clearTimeout(timer);
      planned = Number.POSITIVE_INFINITY;
      for (const { abort } of running.values()) abort.abort(new Error("the server stops"));
      await Promise.allSettled([...running.values()].map(({ done }) => done));
      settle();
    },
    idle: () =>
      new Promise<void>((resolve) => {
        waiters.push(resolve);
        wake();
      }),
    dead: () => store.transaction(deadTasks),
  };
};
