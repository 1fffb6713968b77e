import type { Writing } from "../store/store.ts";

/** A piece of work, claimed by this process: at least once, never twice at a time. */
export interface Task {
  readonly id: string;
  /** `service.task`. */
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each handler knows its payload's shape
  readonly payload: any;
  /** 1 at the first try. */
  readonly attempt: number;
  /** Aborted when the lease is lost or the server stops: leave the work where it is, the next claim goes on. */
  readonly signal: AbortSignal;
  /** A transaction that commits only while this process still holds the task; else throws `LeaseLost`. */
  write<R>(work: (tx: Writing) => Promise<R>): Promise<R>;
  /** The same, and the task is done with it. A handler that returns without it finishes the task too. */
  finish<R>(work: (tx: Writing) => Promise<R>): Promise<R>;
  /** The task runs again at that moment (from the start, attempt 1) once the handler returns. */
  again(at: Date): void;
}
export class LeaseLost extends Error {}
