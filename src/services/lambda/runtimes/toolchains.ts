/** Finds this machine's interpreters and JDKs, and makes them visible inside. */
import { execFile } from "node:child_process";
import { accessSync, constants, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Mount } from "../../../engines/engine.ts";

export interface Tool {
  readonly path: string;
  /** As the program tells it: `v26.10.0`, `3.11.2`. */
  readonly version: string;
}

/** `/opt/*\/bin/node` → the files there are; `*` stands for one name. */
export const expand = (pattern: string): string[] => {
  const star = pattern.indexOf("*");
  if (star < 0) return isExecutable(pattern) ? [pattern] : [];
  const from = pattern.lastIndexOf("/", star);
  const to = pattern.indexOf("/", star) < 0 ? pattern.length : pattern.indexOf("/", star);
  const [before = "", after = ""] = pattern.slice(from + 1, to).split("*");
  return list(pattern.slice(0, from))
    .filter((name) => name.startsWith(before) && name.endsWith(after) && name.length >= before.length + after.length)
    .flatMap((name) => expand(`${pattern.slice(0, from)}/${name}${pattern.slice(to)}`));
};
const list = (folder: string) => {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
};
const isExecutable = (path: string) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const versions = new Map<string, Promise<string | undefined>>();
/** What the program answers to `--version`, asked once a process; undefined for one that does not run. */
const versionOf = (path: string): Promise<string | undefined> => {
  let known = versions.get(path);
  if (!known) {
    known = promisify(execFile)(path, ["--version"], { env: {}, timeout: 10_000 }).then(
      ({ stdout, stderr }) => /\bv?\d+\.\d[\w.]*/.exec(`${stdout}${stderr}`)?.[0],
      () => undefined,
    );
    versions.set(path, known);
  }
  return known;
};

/** The programs that these patterns name and that run, each once. */
export const findTools = async (patterns: readonly string[]): Promise<Tool[]> => {
  const paths = new Map(patterns.flatMap(expand).map((path) => [realpathSync(path), path]));
  const found = await Promise.all([...paths.values()].map(async (path) => ({ path, version: await versionOf(path) })));
  return found.filter((tool): tool is Tool => tool.version !== undefined);
};

const numbers = (version: string) => (version.match(/\d+/g) ?? []).slice(0, 2).map(Number);
const compare = (one: readonly number[], other: readonly number[]) => (one[0] ?? 0) - (other[0] ?? 0) || (one[1] ?? 0) - (other[1] ?? 0);

/**
 * The tool nearest to the wanted version: the lowest that is not older, else, where `older` will do, the newest.
 * Only as many parts of the version count as are wanted: any 20.x is a 20.
 */
export const nearest = (tools: readonly Tool[], wanted: readonly number[], older: boolean): Tool | undefined => {
  const sorted = [...tools].sort((one, other) => compare(numbers(one.version), numbers(other.version)));
  const cut = (tool: Tool) => numbers(tool.version).slice(0, wanted.length);
  const least = sorted.find((tool) => compare(cut(tool), wanted) >= 0);
  if (!least) return older ? sorted.at(-1) : undefined;
  return sorted.findLast((tool) => compare(cut(tool), cut(least)) === 0);
};

/** Where a program is seen inside. What lies outside /usr is shown at /var/lang, as `/opt` belongs to the layers. */
export const seen = (path: string): { path: string; mounts: Mount[] } => {
  const real = realpathSync(path);
  if (/^\/(usr|bin|lib)\//.test(real)) return { path: real, mounts: [] };
  const home = dirname(dirname(real));
  return { path: join("/var/lang", real.slice(home.length)), mounts: [{ from: home, to: "/var/lang", writable: false }] };
};
