/** A server of the demo's own, in a process of its own, on a temporary data folder. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { openSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { CommandError } from "./command.ts";

export interface ChildServer {
  readonly endpoint: string;
  readonly pid: number;
  stop(): Promise<void>;
  /** Leaves it running when this process ends. */
  keep(): void;
}

/** Its log goes to `DATA/server.log`. Throws `CommandError` when it does not come up. */
export const startChild = async (data: string): Promise<ChildServer> => {
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, main, "up", "--port", "0", "--data", data], {
    detached: true,
    stdio: ["ignore", "pipe", openSync(join(data, "server.log"), "a")],
  });
  const output = child.stdout as Readable;
  const exited = once(child, "exit");
  const ready = (async () => {
    for await (const line of createInterface({ input: output })) {
      const endpoint = /^mayfly ready at (\S+)/.exec(line)?.[1];
      if (endpoint) return endpoint;
    }
    return undefined;
  })();
  const endpoint = await Promise.race([ready, exited.then(() => undefined)]);
  if (!endpoint) throw new CommandError(`the server did not start; its log is ${join(data, "server.log")}`);
  return {
    endpoint,
    pid: child.pid as number,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      await exited;
    },
    keep: () => {
      output.destroy();
      child.unref();
    },
  };
};
