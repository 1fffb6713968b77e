/** Limits on memory, processors and number of processes, where this machine lets us set them (cgroup v1 or v2). */
import { existsSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ContainerSpec } from "../engine.ts";

const root = "/sys/fs/cgroup";
/** Threads count too, and a Java build has hundreds. */
const maximumProcesses = 4096;

/** Own cgroup folder per controller, from `/proc/self/cgroup`; v2 is the line without a controller. */
export const ownPaths = (text: string): Map<string, string> => {
  const paths = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path !== undefined) for (const controller of (controllers as string).split(",")) paths.set(controller, path);
  }
  return paths;
};

type Settings = Record<string, Record<string, string>>;
const settings = (limits: ContainerSpec["limits"], version: 1 | 2): Settings => {
  const memory = limits.memoryMb > 0 ? String(limits.memoryMb * 1024 * 1024) : undefined;
  const quota = limits.cpus > 0 ? String(Math.round(limits.cpus * 100_000)) : undefined;
  const pids = { "pids.max": String(maximumProcesses) };
  if (version === 2)
    return {
      "": { ...(memory && { "memory.max": memory, "memory.swap.max": "0" }), ...(quota && { "cpu.max": `${quota} 100000` }), ...pids },
    };
  return {
    ...(memory && { memory: { "memory.limit_in_bytes": memory } }),
    ...(quota && { cpu: { "cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": quota } }),
    pids,
  };
};

const tryWrite = async (file: string, text: string) => {
  try {
    await writeFile(file, text);
    return true;
  } catch {
    return false;
  }
};
const tryMake = async (folder: string) => {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EEXIST";
  }
};

/** Where container groups may be made on v2: below the root for root, else beside our own group (what systemd delegates to a user). */
const parentsV2 = async (own: Map<string, string>): Promise<string[]> => {
  const parents = [];
  if (process.getuid?.() === 0) {
    await tryWrite(join(root, "cgroup.subtree_control"), "+memory +pids +cpu");
    const ours = join(root, "mayfly");
    if ((await tryMake(ours)) && (await tryWrite(join(ours, "cgroup.subtree_control"), "+memory +pids +cpu"))) parents.push(ours);
  }
  const path = own.get("");
  if (path && path !== "/") parents.push(dirname(join(root, path)));
  return parents;
};

/** Makes the groups of a container; the folders made, none where this machine does not let us. */
export const createGroups = async (name: string, limits: ContainerSpec["limits"]): Promise<string[]> => {
  const own = ownPaths(await readFile("/proc/self/cgroup", "utf8").catch(() => ""));
  const made: string[] = [];
  const make = async (parent: string, values: Record<string, string>) => {
    const folder = join(parent, name);
    if (!(await tryMake(folder))) return false;
    const written = await Promise.all(Object.entries(values).map(([file, value]) => tryWrite(join(folder, file), value)));
    if (written.some(Boolean)) made.push(folder);
    else await rmdir(folder).catch(() => {});
    return written.some(Boolean);
  };
  if (existsSync(join(root, "cgroup.controllers"))) {
    for (const parent of await parentsV2(own)) if (await make(parent, settings(limits, 2)[""] as Record<string, string>)) break;
    return made;
  }
  await Promise.all(
    Object.entries(settings(limits, 1)).map(async ([controller, values]) => {
      const mount = join(root, controller);
      const parent = join(mount, own.get(controller) ?? "/");
      await make(existsSync(parent) ? parent : mount, values);
    }),
  );
  return made;
};

/** What a start that went wrong, or that a killed server did not finish, may have made under that name. */
export const forgetGroups = async (name: string): Promise<void> => {
  const own = ownPaths(await readFile("/proc/self/cgroup", "utf8").catch(() => ""));
  const parents = ["memory", "cpu", "pids"].flatMap((controller) => [
    join(root, controller, own.get(controller) ?? "/"),
    join(root, controller),
  ]);
  const unified = own.get("");
  const candidates = [
    ...new Set([...parents, join(root, "mayfly"), ...(unified && unified !== "/" ? [dirname(join(root, unified))] : [])]),
  ];
  await removeGroups(candidates.map((parent) => join(parent, name)).filter((folder) => existsSync(folder)));
};

/** True when the kernel had to end one of its processes for want of memory. */
export const ranOutOfMemory = async (folders: readonly string[]): Promise<boolean> => {
  for (const folder of folders)
    for (const file of ["memory.oom_control", "memory.events"]) {
      const text = await readFile(join(folder, file), "utf8").catch(() => "");
      if (/^oom_kill [1-9]/m.test(text)) return true;
    }
  return false;
};

/** The processes in them have ended; the kernel may need a moment to notice. */
export const removeGroups = async (folders: readonly string[]): Promise<void> => {
  for (const folder of folders)
    for (let attempt = 0; attempt < 20; attempt++) {
      try {
        await rmdir(folder);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EBUSY") break;
        await pause(attempt * 5);
      }
    }
};
