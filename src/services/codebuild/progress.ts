/** A build as it moves on: kept in memory, written now and then, told to the bus. Writing never holds up the build. */
import type { Task } from "../../queue/queue.ts";
import type { Clock } from "../../lib/clock.ts";
import { announcement } from "./announce.ts";
import { type BusEvent, phaseChange } from "./announcements.ts";
import { begin, end, type PhaseContext, type PhaseType, running, type Status } from "./phases.ts";
import { type Build, buildKey, builds } from "./records.ts";

/** A commit waits for the disk: phases that pass quickly are written together. */
const gatherMs = 100;

export interface Progress {
  readonly build: Build;
  begin(type: PhaseType, at?: number): void;
  end(status: Status, at?: number, context?: PhaseContext): void;
  change(part: Partial<Build>): void;
  /** What is not yet told to the bus. */
  takeEvents(): BusEvent[];
  /** Writes no more by itself; throws what an earlier write threw. */
  settle(): Promise<void>;
}

export const createProgress = (task: Task, clock: Clock, first: Build): Progress => {
  let build = first;
  // Told by an earlier attempt, in the transaction that wrote them.
  const told = new Set(first.phases.filter(({ status }) => status !== undefined).map(({ type }) => type));
  let events: BusEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> | undefined;
  let dirty = false;
  let settled = false;
  let failure: unknown;
  const now = () => clock.now().getTime();

  const save = async () => {
    timer = undefined;
    dirty = false;
    const telling = events;
    events = [];
    const written = build;
    try {
      await task.write(async (tx) => {
        await tx.put(builds, buildKey(written), written);
        if (telling.length > 0) await tx.later(announcement(written, telling));
      });
    } catch (error) {
      failure = error;
      events = [...telling, ...events];
    }
    saving = undefined;
    if (dirty) plan();
  };
  const plan = () => {
    dirty = true;
    if (settled || saving || timer) return;
    timer = setTimeout(() => (saving = save()), gatherMs);
  };
  const change = (part: Partial<Build>) => {
    build = { ...build, ...part };
    plan();
  };

  return {
    get build() {
      return build;
    },
    begin: (type, at = now()) => change({ phases: begin(build.phases, type, at) }),
    end(status, at = now(), context) {
      if (!running(build.phases)) return;
      change({ phases: end(build.phases, status, at, context) });
      const ended = build.phases.at(-1);
      if (ended && !told.has(ended.type)) events.push(phaseChange(build, ended));
    },
    change,
    takeEvents: () => events.splice(0),
    async settle() {
      settled = true;
      clearTimeout(timer);
      await saving;
      if (failure) throw failure;
    },
  };
};
