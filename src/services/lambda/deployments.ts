/** What is deployed, and all that must be at hand before an instance of it can start. */
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../service.ts";
import { environmentOf } from "./environment.ts";
import { notBuilt } from "./errors.ts";
import { Instance } from "./instance.ts";
import { createLogStream, type LogStream } from "./log-stream.ts";
import type { Packages } from "./packages.ts";
import type { Version } from "./records.ts";
import { streamName } from "./reports.ts";
import type { RoleSessions } from "./roles.ts";
import type { RuntimeApi } from "./runtime-api.ts";
import { type Runtime, type Start, taskRoot } from "./runtimes/runtime.ts";
import { runtimeOf } from "./runtimes/index.ts";
import { createScribe } from "./scribe.ts";

/** One version of one function, as it is now; a changed one is another deployment. */
export interface Deployment {
  readonly account: string;
  readonly region: string;
  readonly incarnation: string;
  readonly version: Version;
}
export const keyOf = ({ account, region, incarnation, version }: Deployment): string =>
  [account, region, version.name, incarnation, version.version, version.fingerprint].join(" ");

export interface Born {
  readonly instance: Instance;
  readonly log: LogStream;
}
/** Starts instances. Throws what hinders a start that is no fault of the function's own code. */
export type Starter = (deployment: Deployment) => Promise<Born>;

export interface Workshop {
  readonly context: Context;
  readonly api: RuntimeApi;
  readonly packages: Packages;
  readonly roles: RoleSessions;
}

/** Of the container ids of instances. */
const prefix = "lambda-";

/** How long after an answer output may still arrive. */
const graceMs = { marked: 250, unmarked: 20 };

export const runtimeFor = (name: string): Runtime => {
  const runtime = runtimeOf(name);
  if (!runtime) throw notBuilt(`The runtime ${name}`);
  return runtime;
};

export const runtimeCache = async (context: Context): Promise<string> => {
  const cache = join(context.folder, "runtimes");
  await mkdir(cache, { recursive: true });
  return cache;
};

/** Removes what instances of a killed process left behind, even of those that had only begun to start; their processes ended with it. */
export const removeLeftovers = ({ engine }: Context): Promise<void> => engine.sweep(new Set(), prefix);

export const starter = ({ context, api, packages, roles }: Workshop): Starter => {
  return async (deployment) => {
    const { account, region, version } = deployment;
    const { configuration } = version;
    const place = { account, region };
    const [task, layers, credentials, cache] = await Promise.all([
      packages.hold([version.code]),
      packages.hold(configuration.layers.map(({ code }) => code)),
      roles.of(place, configuration.role, version.name),
      runtimeCache(context),
    ]);
    const release = () => {
      task.release();
      layers.release();
    };
    try {
      const start = await runtimeFor(configuration.runtime).start({ configuration, task: task.folder, layers: layers.folder, cache });
      const unique = randomBytes(16).toString("hex");
      const stream = streamName(context.clock.now(), version.version, unique);
      const log = createLogStream(context.aws.at(place), context.clock, context.log, configuration.logGroup, stream);
      const scribe = createScribe({ write: log.write, marks: start.marks, graceMs: start.marks ? graceMs.marked : graceMs.unmarked });
      const instance = new Instance({
        engine: context.engine,
        api,
        scribe,
        runtimeVersion: start.version,
        memoryMb: configuration.memorySize,
        timeoutSeconds: configuration.timeout,
        version: version.version,
        // No invocation may outlive the credentials it began with.
        expires: new Date(credentials.expires.getTime() - (configuration.timeout + 60) * 1000),
        container: (runtimeApi) => ({
          id: `${prefix}${unique}`,
          image: "host",
          command: commandOf(start, configuration.environment.AWS_LAMBDA_EXEC_WRAPPER),
          environment: environmentOf(version, start, { region, endpoint: context.endpoint(), runtimeApi, logStream: stream, credentials }),
          folder: taskRoot,
          mounts: [
            { from: task.folder, to: taskRoot, writable: false },
            { from: layers.folder, to: "/opt", writable: false },
            ...start.mounts,
          ],
          limits: { seconds: 0, memoryMb: configuration.memorySize, cpus: 0 },
          privileged: false,
          diesWithServer: true,
        }),
      });
      void instance.gone.then(release);
      return { instance, log };
    } catch (error) {
      release();
      throw error;
    }
  };
};

/** The wrapper script of a layer is given the runtime's own command, as on AWS; provided runtimes have none. */
const commandOf = (start: Start, wrapper: string | undefined): readonly string[] =>
  wrapper && start.marks ? [wrapper, ...start.command] : start.command;
