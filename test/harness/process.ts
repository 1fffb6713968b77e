/** The server as people start it: the launcher, in a process of its own, found by `mayfly env`. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const launcher = fileURLToPath(new URL("../../mayfly", import.meta.url));
const execute = promisify(execFile);

export interface ServerProcess {
  readonly data: string;
  endpoint: string;
  pid: number;
  /** What `eval "$(mayfly env)"` sets in a shell. */
  environment: Record<string, string>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again, on the same data and port. */
  restart(): Promise<void>;
  /** SIGTERM. Resolves to the exit code. */
  stop(): Promise<number | null>;
  /** Stops it and removes its data. */
  end(): Promise<void>;
  log(): string;
}

export const startProcess = async (args: string[] = []): Promise<ServerProcess> => {
  const data = await mkdtemp(join(tmpdir(), "mayfly-process-"));
  let logged = "";
  let child: ReturnType<typeof launch> | undefined;
  const launch = (port: string) => {
    // The shell of the launcher execs Node: the child's pid is the server's.
    const started = spawn(launcher, ["up", "--port", port, "--data", data, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    started.stderr.setEncoding("utf8").on("data", (text) => {
      logged += text;
      if (process.env.MAYFLY_TEST_LOG) process.stderr.write(text);
    });
    const exited = once(started, "exit") as Promise<[number | null]>;
    return { started, exited };
  };
  const ready = async () => {
    const { started, exited } = child as ReturnType<typeof launch>;
    const line = (async () => {
      for await (const text of createInterface({ input: started.stdout })) {
        const endpoint = /^mayfly ready at (\S+)$/.exec(text)?.[1];
        if (endpoint) return endpoint;
      }
    })();
    const endpoint = await Promise.race([line, exited.then(() => undefined)]);
    if (!endpoint) throw new Error(`the server did not start:\n${logged}`);
    server.endpoint = endpoint;
    server.pid = started.pid as number;
    const { stdout } = await execute("sh", ["-c", 'eval "$("$0" env --data "$1")" && env -0', launcher, data]);
    server.environment = Object.fromEntries(
      stdout
        .split("\0")
        .filter((pair) => pair !== "")
        .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    );
  };
  const server: ServerProcess = {
    data,
    endpoint: "",
    pid: 0,
    environment: {},
    kill: async () => {
      child?.started.kill("SIGKILL");
      await child?.exited;
    },
    restart: async () => {
      child = launch(new URL(server.endpoint).port);
      await ready();
    },
    stop: async () => {
      child?.started.kill("SIGTERM");
      const [code] = (await child?.exited) ?? [null];
      return code;
    },
    end: async () => {
      await server.stop();
      await rm(data, { recursive: true, force: true });
    },
    log: () => logged,
  };
  child = launch("0");
  await ready();
  return server;
};
