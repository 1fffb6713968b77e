import { java } from "./java.ts";
import { nodejs } from "./nodejs.ts";
import { provided } from "./provided.ts";
import { python } from "./python.ts";
import type { Runtime } from "./runtime.ts";

export const runtimes: readonly Runtime[] = [nodejs, python, java, provided];

export const runtimeOf = (name: string): Runtime | undefined => runtimes.find(({ names }) => names.test(name));
