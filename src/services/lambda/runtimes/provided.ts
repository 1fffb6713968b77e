import { existsSync } from "node:fs";
import { join } from "node:path";
import { NoEntrypoint, type Runtime, runtimeRoot } from "./runtime.ts";

/** The function brings its own runtime: an executable `bootstrap`, in its code or in a layer. */
export const provided: Runtime = {
  names: /^provided(\.al\d+)?$/,
  check: async () => {},
  async start({ configuration: { runtime }, task, layers }) {
    const folder = existsSync(join(task, "bootstrap")) ? "/var/task" : existsSync(join(layers, "bootstrap")) ? "/opt" : undefined;
    if (!folder) throw new NoEntrypoint("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]");
    return {
      command: [`${folder}/bootstrap`],
      mounts: [],
      environment: { LAMBDA_RUNTIME_DIR: runtimeRoot },
      version: runtime,
      marks: false,
    };
  },
};
