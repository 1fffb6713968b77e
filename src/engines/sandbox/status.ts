/** What a container's files say about how it ended: pure. */
import type { Exit } from "../engine.ts";

/** What is written once, before the container starts. */
export interface Beginning {
  readonly startedAt: number;
  /** Identifies this run of the machine: after a reboot every container is gone. */
  readonly boot: string;
  readonly seconds: number;
  readonly diesWithServer: boolean;
  readonly mounts: readonly { readonly from: string; readonly to: string }[];
  readonly groups: readonly string[];
}

export interface Status {
  /** The container's first process, as this machine numbers it. */
  readonly pid?: number;
  readonly code?: number;
}

/** bwrap writes one JSON document a line; a last line may be half-written. */
export const readStatus = (text: string): Status => ({
  ...(/"child-pid": (\d+)/.exec(text) && { pid: Number(/"child-pid": (\d+)/.exec(text)?.[1]) }),
  ...(/"exit-code": (\d+) }/.exec(text) && { code: Number(/"exit-code": (\d+)/.exec(text)?.[1]) }),
});

export interface Ending {
  readonly status: Status;
  /** Why we ended it, if we did. */
  readonly ended?: "stopped" | "timed-out";
  readonly outOfMemory: boolean;
  readonly sameBoot: boolean;
  readonly ranSeconds: number;
  readonly limitSeconds: number;
}

export const exitOf = ({ status, ended, outOfMemory, sameBoot, ranSeconds, limitSeconds }: Ending): Exit => {
  if (ended) return { lost: ended };
  if (status.code === 0) return { code: 0 };
  if (outOfMemory) return { lost: "out-of-memory" };
  if (status.code !== undefined) return { code: status.code };
  // The time limit is enforced by killing from outside, which leaves no exit code.
  if (sameBoot && limitSeconds > 0 && ranSeconds >= limitSeconds) return { lost: "timed-out" };
  return { lost: "vanished" };
};
