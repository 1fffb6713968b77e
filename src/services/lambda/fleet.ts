/** All running instances of this process: who is asked, when another one starts, when one has to go. */
import { randomUUID } from "node:crypto";
import { availableParallelism, totalmem } from "node:os";
import type { Clock } from "../../lib/clock.ts";
import { type Born, type Deployment, keyOf, type Starter } from "./deployments.ts";
import { throttled } from "./errors.ts";
import type { Instance, Outcome } from "./instance.ts";

export interface Order {
  readonly deployment: Deployment;
  /** As the caller named it. */
  readonly arn: string;
  readonly payload: Uint8Array;
  readonly requestId?: string;
  readonly clientContext?: string;
  readonly reservedConcurrency?: number;
}
export interface Fleet {
  /** Throws for what is no answer of the function: throttled, no runtime, no engine. */
  invoke(order: Order): Promise<Outcome>;
  /** Starts an instance unless there is one, so that the next call finds it ready. */
  warm(deployment: Deployment): void;
  /** Ends instances of such deployments, each when it is free. Resolves when all are gone. */
  retire(which: (deployment: Deployment) => boolean): Promise<void>;
  /** Ends everything. */
  stop(): Promise<void>;
}

interface Waiter {
  readonly run: (instance: Instance) => void;
  readonly fail: (error: unknown) => void;
}
interface Member extends Born {
  idleTimer?: NodeJS.Timeout;
  /** Answered, and slow to come back: not counted on any more. */
  lingering?: NodeJS.Timeout | true;
}
interface Pool {
  readonly deployment: Deployment;
  readonly members: Set<Member>;
  readonly waiters: Waiter[];
  /** Starts under way: until the instance takes work, or has failed and said so to whoever it was started for. */
  starting: number;
  retired: boolean;
}

const lingerMs = 50;
const maximumStarting = Math.max(2, 2 * availableParallelism());
/** So much memory may be promised to instances. */
const maximumMb = Math.floor((totalmem() / 2 ** 20) * 0.75);

export const createFleet = (start: Starter, clock: Clock, idleSeconds: number): Fleet => {
  const pools = new Map<string, Pool>();
  /** Invocations under way, per function. */
  const active = new Map<string, number>();
  const endings = new Set<Promise<void>>();
  const beginnings = new Set<Promise<void>>();
  let starting = 0;
  let stopped = false;

  const poolOf = (deployment: Deployment): Pool => {
    const key = keyOf(deployment);
    const pool = pools.get(key) ?? { deployment, members: new Set(), waiters: [], starting: 0, retired: false };
    pool.retired = false;
    pools.set(key, pool);
    return pool;
  };
  const promisedMb = () => {
    let sum = 0;
    for (const pool of pools.values()) {
      const started = [...pool.members].filter(({ instance }) => instance.phase !== "starting").length;
      sum += (started + pool.starting) * pool.deployment.version.configuration.memorySize;
    }
    return sum;
  };
  /** Room for one more of these, if need be by ending an idle one of others. */
  const room = (pool: Pool): boolean => {
    if (starting >= maximumStarting) return false;
    const wanted = pool.deployment.version.configuration.memorySize;
    const promised = promisedMb();
    if (promised === 0 || promised + wanted <= maximumMb) return true;
    for (const other of pools.values())
      for (const member of other.members)
        if (other !== pool && member.instance.phase === "idle") {
          dismiss(member);
          return false;
        }
    return false;
  };
  const dismiss = (member: Member) => {
    clearTimeout(member.idleTimer);
    void member.instance.end();
  };
  const usable = (member: Member) => member.instance.phase === "idle" && member.instance.expires > clock.now();

  const pump = (pool: Pool): void => {
    while (pool.waiters.length > 0) {
      // The one that worked last: the others may then grow old and go.
      const member = [...pool.members].findLast(usable);
      if (!member) break;
      clearTimeout(member.idleTimer);
      pool.members.delete(member);
      pool.members.add(member);
      (pool.waiters.shift() as Waiter).run(member.instance);
    }
    const finishing = [...pool.members].filter(({ instance, lingering }) => instance.phase === "finishing" && lingering !== true).length;
    while (pool.waiters.length > pool.starting + finishing && room(pool)) begin(pool);
    for (const member of pool.members)
      if (member.instance.phase === "idle" && ((pool.retired && pool.waiters.length === 0) || !usable(member))) dismiss(member);
    if (pool.members.size === 0 && pool.starting === 0 && pool.waiters.length === 0) pools.delete(keyOf(pool.deployment));
  };
  const pumpAll = () => {
    for (const pool of [...pools.values()]) pump(pool);
  };

  const begin = (pool: Pool): void => {
    pool.starting++;
    starting++;
    const beginning = grow(pool);
    beginnings.add(beginning);
    void beginning.then(() => beginnings.delete(beginning));
  };
  const grow = async (pool: Pool): Promise<void> => {
    let member: Member | undefined;
    try {
      member = await start(pool.deployment);
    } catch (error) {
      pool.waiters.shift()?.fail(error);
    }
    if (member) await join(pool, member);
    pool.starting--;
    starting--;
    pumpAll();
  };
  const join = async (pool: Pool, member: Member): Promise<void> => {
    const { instance, log } = member;
    pool.members.add(member);
    instance.changed = () => watch(pool, member);
    const ending = instance.gone.then(() => log.flushed());
    endings.add(ending);
    void ending.then(() => endings.delete(ending));
    if (stopped) return void instance.end();
    await instance.ready;
    if (instance.phase !== "gone") return;
    // It failed before it could take work: that is the answer to whoever it was started for.
    pool.waiters.shift()?.run(instance);
  };
  const watch = (pool: Pool, member: Member) => {
    const { phase } = member.instance;
    clearTimeout(member.idleTimer);
    if (member.lingering !== true) clearTimeout(member.lingering);
    member.lingering = undefined;
    if (phase === "finishing")
      member.lingering = setTimeout(() => {
        member.lingering = true;
        pump(pool);
      }, lingerMs);
    if (phase === "gone") {
      pool.members.delete(member);
      pumpAll();
    } else pump(pool);
    if (member.instance.phase === "idle") member.idleTimer = setTimeout(() => dismiss(member), idleSeconds * 1000).unref();
  };

  const invoke = async (order: Order): Promise<Outcome> => {
    const { deployment, reservedConcurrency } = order;
    const name = [deployment.account, deployment.region, deployment.version.name].join(" ");
    const now = active.get(name) ?? 0;
    if (reservedConcurrency !== undefined && now >= reservedConcurrency)
      throw throttled("ReservedFunctionConcurrentInvocationLimitExceeded");
    active.set(name, now + 1);
    try {
      return await new Promise<Outcome>((resolve, fail) => {
        if (stopped) return fail(new Error("the server stops"));
        const requestId = order.requestId ?? randomUUID();
        const work = { requestId, payload: order.payload, arn: order.arn, traceId: traceId(), clientContext: order.clientContext };
        const pool = poolOf(deployment);
        pool.waiters.push({ fail, run: (instance) => void instance.run(work).then(resolve, fail) });
        pump(pool);
      });
    } finally {
      const left = (active.get(name) ?? 1) - 1;
      if (left > 0) active.set(name, left);
      else active.delete(name);
    }
  };

  return {
    invoke,
    warm(deployment) {
      const pool = poolOf(deployment);
      if (!stopped && pool.members.size + pool.starting === 0 && room(pool)) begin(pool);
      else pump(pool);
    },
    async retire(which) {
      const affected = [...pools.values()].filter(({ deployment }) => which(deployment));
      for (const pool of affected) {
        pool.retired = true;
        pump(pool);
      }
      await Promise.all(affected.flatMap(({ members }) => [...members].map(({ instance }) => instance.gone)));
    },
    async stop() {
      stopped = true;
      for (const pool of pools.values()) {
        for (const { fail } of pool.waiters.splice(0)) fail(new Error("the server stops"));
        for (const member of pool.members) dismiss(member);
      }
      // What is just starting is ended as soon as it is there.
      await Promise.all([...beginnings]);
      await Promise.all([...endings]);
    },
  };
};

const hex = (length: number) => randomUUID().replaceAll("-", "").slice(0, length);
const traceId = () => `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${hex(24)};Parent=${hex(16)};Sampled=0`;
