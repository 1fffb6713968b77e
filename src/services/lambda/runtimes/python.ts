import { fileURLToPath } from "node:url";
import { type Runtime, RuntimeMissing, runtimeRoot } from "./runtime.ts";
import { findTools, nearest, seen } from "./toolchains.ts";

const bootstrap = fileURLToPath(new URL("python", import.meta.url));
const placesOf = (wanted: string) =>
  [`python${wanted}`, "python3"].flatMap((name) => [`/usr/bin/${name}`, `/usr/local/bin/${name}`, `/opt/python*/bin/${name}`]);

const pythonFor = async (runtime: string) => {
  const wanted = /[\d.]+$/.exec(runtime)?.[0] ?? "3";
  const places = placesOf(wanted);
  const found = nearest(await findTools(places), wanted.split(".").map(Number), true);
  if (!found)
    throw new RuntimeMissing(
      `${runtime} needs a \`python3\` on this machine: there is none in ${places.join(", ")}; apt-get install python3`,
    );
  return found;
};

export const python: Runtime = {
  names: /^python3\.\d+$/,
  check: async (runtime) => void (await pythonFor(runtime)),
  async start({ configuration: { runtime } }) {
    const tool = await pythonFor(runtime);
    const interpreter = seen(tool.path);
    return {
      command: [interpreter.path, "-s", `${runtimeRoot}/bootstrap.py`],
      mounts: [{ from: bootstrap, to: runtimeRoot, writable: false }, ...interpreter.mounts],
      // The code is mounted read-only: there is no place for compiled modules.
      environment: { PYTHONDONTWRITEBYTECODE: "1" },
      version: `python ${tool.version}`,
      marks: true,
    };
  },
};
