/** The plug: how functions of one family of runtimes are run with what this machine has. */
import type { Mount } from "../../../engines/engine.ts";
import type { Configuration } from "../records.ts";

export interface Runtime {
  /** Runtime names of the family. */
  readonly names: RegExp;
  /** Throws `RuntimeMissing`, naming what this machine lacks. */
  check(runtime: string): Promise<void>;
  /** What takes long and can be done before the first start. */
  prepare?(runtime: string, cache: string): Promise<void>;
  /** How an instance is started. Throws `RuntimeMissing`. */
  start(wanted: Wanted): Promise<Start>;
}
/** This machine has nothing to run such a function with. */
export class RuntimeMissing extends Error {}
/** The package has nothing that could be started. */
export class NoEntrypoint extends Error {}

export interface Wanted {
  readonly configuration: Configuration;
  /** The unpacked code, on this machine; `/var/task` inside. */
  readonly task: string;
  /** The unpacked layers, on this machine; `/opt` inside. */
  readonly layers: string;
  /** A folder of this machine for what is worth keeping between starts (it exists). */
  readonly cache: string;
}
export interface Start {
  readonly command: readonly string[];
  readonly mounts: readonly Mount[];
  readonly environment: Readonly<Record<string, string>>;
  /** What truly runs: `node v26.10.0`. */
  readonly version: string;
  /** It marks in its output where an invocation's output ends (see `scribe.ts`). */
  readonly marks: boolean;
}

export const taskRoot = "/var/task";
export const runtimeRoot = "/var/runtime";
