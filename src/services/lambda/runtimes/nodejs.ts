import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Mount } from "../../../engines/engine.ts";
import { type Runtime, RuntimeMissing, runtimeRoot } from "./runtime.ts";
import { findTools, nearest, seen } from "./toolchains.ts";

/** The server's own Node comes last in the list, but it is always there. */
const places = [
  "/usr/bin/node",
  "/usr/local/bin/node",
  "/usr/lib/node*/bin/node",
  "/usr/local/lib/nodejs/*/bin/node",
  "/opt/node*/bin/node",
  process.execPath,
];
const bootstrap = fileURLToPath(new URL("nodejs", import.meta.url));

const nodeFor = async (runtime: string) => {
  const major = Number(/\d+/.exec(runtime)?.[0]);
  const found = nearest(await findTools(places), [major], true);
  if (!found) throw new RuntimeMissing(`${runtime} needs a \`node\` on this machine: there is none in ${places.join(", ")}`);
  return found;
};

/** The SDK that Lambda's runtime brings along, as far as this server has it: found from /var/task as if it lay beside the code. */
const sdk = (): Mount[] => {
  const resolved = createRequire(import.meta.url).resolve("@aws-sdk/client-lambda/package.json");
  const modules = dirname(dirname(dirname(resolved)));
  return ["@aws", "@aws-crypto", "@aws-sdk", "@smithy", "bowser", "tslib", "fast-xml-parser", "strnum"]
    .map((name) => ({ from: join(modules, name), to: `/var/node_modules/${name}`, writable: false }))
    .filter(({ from }) => existsSync(from));
};

export const nodejs: Runtime = {
  names: /^nodejs\d+\.x$/,
  check: async (runtime) => void (await nodeFor(runtime)),
  async start({ configuration: { runtime, memorySize } }) {
    const tool = await nodeFor(runtime);
    const node = seen(tool.path);
    const major = /\d+/.exec(runtime)?.[0];
    return {
      command: [node.path, `--max-old-space-size=${Math.floor(memorySize * 0.9)}`, `${runtimeRoot}/bootstrap.cjs`],
      mounts: [{ from: bootstrap, to: runtimeRoot, writable: false }, ...sdk(), ...node.mounts],
      environment: { NODE_PATH: `/opt/nodejs/node${major}/node_modules:/opt/nodejs/node_modules:/var/node_modules` },
      version: `node ${tool.version}`,
      marks: true,
    };
  },
};
