/** Where containers run, by name. */
import type { Log } from "../lib/log.ts";
import { type Engine, EngineUnavailable } from "./engine.ts";
import { createSandbox } from "./sandbox/sandbox.ts";

/** `folder` is ours alone: containers keep their files in it. Call `check()` before the first start. */
export const chooseEngine = (name: "auto" | "sandbox" | "docker", options: { folder: string; log: Log }): Engine => {
  if (name === "docker") throw new EngineUnavailable("the docker engine is not implemented yet: use --engine sandbox");
  return createSandbox(options);
};
