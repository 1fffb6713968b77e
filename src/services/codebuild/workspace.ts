/** The folders of one build: on this machine, and as its container sees them. */
import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Mount } from "../../engines/engine.ts";
import { literalPrefix, plainPath } from "./glob.ts";
import { createInside, type Inside } from "./inside.ts";
import { places } from "./program.ts";
import { toolFolder } from "./tools.ts";

export const sourceFolder = (identifier?: string) =>
  identifier === undefined ? "/codebuild/output/src/src" : `/codebuild/output/src-${identifier}/src`;

export interface Workspace {
  readonly folder: string;
  /** Where this machine keeps what the container sees there; caches are archives of `files`. */
  readonly files: string;
  readonly mounts: readonly Mount[];
}

export const workspaceFolder = (root: string, uuid: string) => join(root, "builds", uuid);
export const hostSource = (folder: string, identifier?: string) =>
  identifier === undefined ? join(folder, "files", "src") : join(folder, "files", "sources", identifier);

/** Makes them anew. `identifiers` are those of the secondary sources, `tools` is the folder of our commands. */
export const makeWorkspace = async (folder: string, identifiers: readonly string[], tools: string): Promise<Workspace> => {
  await rm(folder, { recursive: true, force: true });
  const files = join(folder, "files");
  await mkdir(join(files, "sources"), { recursive: true, mode: 0o700 });
  const state = join(folder, "state");
  await Promise.all(
    [
      join(files, "src"),
      join(files, "home"),
      join(files, "tmp"),
      join(folder, "program"),
      join(folder, "out"),
      state,
      ...identifiers.map((identifier) => hostSource(folder, identifier)),
    ].map((path) => mkdir(path, { recursive: true })),
  );
  await Promise.all([chmod(join(files, "home"), 0o700), chmod(join(files, "tmp"), 0o1777), chmod(state, 0o777)]);
  return {
    folder,
    files,
    mounts: [
      { from: join(files, "src"), to: sourceFolder(), writable: true },
      ...identifiers.map((identifier) => ({ from: hostSource(folder, identifier), to: sourceFolder(identifier), writable: true })),
      { from: join(files, "home"), to: "/root", writable: true },
      { from: join(files, "tmp"), to: "/tmp", writable: true },
      { from: join(folder, "program"), to: places.program, writable: false },
      { from: state, to: places.state, writable: true },
      { from: tools, to: toolFolder, writable: false },
    ],
  };
};

/** Where absolute cache paths lie that no other mount covers: they get folders of their own. */
export const cacheMounts = async (workspace: Workspace, paths: readonly string[]): Promise<Mount[]> => {
  const mounts: Mount[] = [];
  for (const path of paths.map(plainPath)) {
    if (!path.startsWith("/")) continue;
    const to = literalPrefix(path);
    const covered = [...workspace.mounts, ...mounts].some((mount) => to === mount.to || to.startsWith(`${mount.to}/`));
    if (covered || /^\/(usr|opt|bin|sbin|lib\w*|etc|proc|dev|sys|codebuild)?(\/|$)/.test(to)) continue;
    const from = join(workspace.files, "elsewhere", to);
    await mkdir(from, { recursive: true });
    mounts.push({ from, to, writable: true });
  }
  return mounts;
};

/** The container's files, with the toolchains that it saw. */
export const insideOf = (mounts: readonly Mount[]): Inside =>
  createInside([...mounts, { from: "/usr", to: "/usr" }, { from: "/opt", to: "/opt" }]);
