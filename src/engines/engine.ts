import type { Readable } from "node:stream";

/** Where throw-away environments run. One contract suite holds for all of them. */
export interface Engine {
  readonly name: string;
  /** Throws `EngineUnavailable`, saying what to do about it. */
  check(): Promise<void>;
  /** The same `spec.id` again is the same container. */
  start(spec: ContainerSpec): Promise<Container>;
  /** A container of an earlier process, by id. */
  find(id: string): Promise<Container | undefined>;
  /** Removes every container of ours that is not among these; only those whose id begins with `prefix`, when there is one. */
  sweep(keep: ReadonlySet<string>, prefix?: string): Promise<void>;
}
export class EngineUnavailable extends Error {}

export interface Mount {
  /** A folder of this machine. */
  readonly from: string;
  /** Where it is seen inside. */
  readonly to: string;
  readonly writable: boolean;
}

export interface ContainerSpec {
  /** Ours to choose: letters, digits, `-`. */
  readonly id: string;
  /** `host` is this machine's own toolchains; what else is understood depends on the engine. */
  readonly image: string;
  readonly command: readonly string[];
  /** All that the process sees: nothing of the server's own environment is added. */
  readonly environment: Readonly<Record<string, string>>;
  /** Working folder inside. */
  readonly folder: string;
  /** Folders given to the container; builds get their source and output this way. */
  readonly mounts: readonly Mount[];
  readonly limits: { readonly seconds: number; readonly memoryMb: number; readonly cpus: number };
  readonly privileged: boolean;
  /** Ends with this process (functions); otherwise it outlives the server and `find` adopts it (builds). */
  readonly diesWithServer: boolean;
}

export interface LogChunk {
  /** Byte offset of the first byte of `bytes` in the whole output. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface Container {
  readonly id: string;
  /** Standard output and error, in order, from that byte offset; ends when the process has ended and all is read. No polling. */
  logs(after?: number): AsyncIterable<LogChunk>;
  /** A failing command is an answer, not an exception. */
  wait(): Promise<Exit>;
  /** A tar of a folder inside the container (only while it is not removed). */
  read(path: string): Promise<Readable>;
  /** Ends every process of it, after that grace; safe to repeat. */
  stop(graceSeconds: number): Promise<void>;
  /** Nothing of it stays behind; stops it first; safe to repeat and after a failed start. */
  remove(): Promise<void>;
}
export type Exit = { code: number } | { lost: "stopped" | "timed-out" | "out-of-memory" | "vanished" };
