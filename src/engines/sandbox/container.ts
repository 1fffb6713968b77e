/** A running or ended container, known by the files in its folder. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { Container, Exit } from "../engine.ts";
import { ranOutOfMemory, removeGroups } from "./cgroups.ts";
import { ownFolders } from "./command.ts";
import { follow } from "./follow.ts";
import { type Beginning, exitOf, readStatus, type Status } from "./status.ts";

export const bootId = (): string => {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "unknown";
  }
};

/** Resolves when every process of the container has ended and its output is written: `cat` then gives up its lock. */
const lockFree = (folder: string): Promise<void> =>
  new Promise((resolve) => {
    const child = execFile("flock", ["-s", "lock", "true"], { cwd: folder }, () => resolve());
    child.unref();
  });

export class SandboxContainer implements Container {
  readonly id: string;
  readonly #folder: string;
  readonly #beginning: Beginning;
  readonly #exit: Promise<Exit>;
  readonly #forget: () => void;
  #timer?: NodeJS.Timeout;
  #removed?: Promise<void>;

  /** `child` is the outer process when this server started it; without it, the container is adopted. */
  constructor(
    id: string,
    folder: string,
    beginning: Beginning,
    child: ChildProcess | undefined,
    diesWithServer: boolean,
    forget: () => void,
  ) {
    this.id = id;
    this.#folder = folder;
    this.#beginning = beginning;
    this.#forget = forget;
    this.#exit = this.#end(child);
    this.#exit.catch(() => {});
    if (diesWithServer && beginning.seconds > 0) {
      // Nothing outlives us here, so the limit may be ours to enforce.
      this.#timer = setTimeout(() => void this.#kill("timed-out"), Math.min(beginning.seconds * 1000, 2 ** 31 - 1)).unref();
      this.#exit.finally(() => clearTimeout(this.#timer)).catch(() => {});
    }
  }

  logs(after = 0) {
    return follow(join(this.#folder, "output"), after, this.#exit);
  }

  wait(): Promise<Exit> {
    return this.#exit;
  }

  async read(path: string): Promise<Readable> {
    const mounts = [...this.#beginning.mounts, ...ownFolders.map(([name, to]) => ({ from: join(this.#folder, name), to }))];
    const [mount] = mounts.filter(({ to }) => path === to || path.startsWith(`${to}/`)).sort((a, b) => b.to.length - a.to.length);
    if (!mount) throw new Error(`${path} is not a folder of container ${this.id}`);
    const top = await realpath(mount.from);
    const folder = await realpath(join(top, path.slice(mount.to.length)));
    // A link inside must not lead to this machine's own files.
    if (folder !== top && !folder.startsWith(`${top}/`)) throw new Error(`${path} leads out of container ${this.id}`);
    const tar = spawn("tar", ["-C", folder, "-cf", "-", "."], { stdio: ["ignore", "pipe", "ignore"] });
    tar.on("close", (code) => code && tar.stdout.destroy(new Error(`tar of ${path} in ${this.id} ended with ${code}`)));
    return tar.stdout;
  }

  async stop(graceSeconds: number): Promise<void> {
    await this.#kill("stopped", graceSeconds);
  }

  remove(): Promise<void> {
    this.#removed ??= this.#remove().catch((error) => {
      this.#removed = undefined;
      throw error;
    });
    return this.#removed;
  }

  async #remove(): Promise<void> {
    await this.#kill("stopped");
    await this.#exit.catch(() => {});
    await removeGroups(this.#beginning.groups);
    const renamed = `${this.#folder}.gone-${process.pid}-${Date.now()}`;
    await rename(this.#folder, renamed).catch((error) => {
      if (error.code !== "ENOENT") throw error;
    });
    this.#forget();
    await removeTree(renamed);
  }

  async #status(): Promise<Status> {
    return readStatus(await readFile(join(this.#folder, "status"), "utf8").catch(() => ""));
  }

  async #end(child: ChildProcess | undefined): Promise<Exit> {
    if (child) {
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    } else await lockFree(this.#folder);
    const endedAt = Date.now();
    const status = await this.#status();
    // The outer process tells the end a moment before the last daemon inside is gone.
    await this.#killInit(status);
    if (status.pid !== undefined) await gone(status.pid);
    if (child && status.code === undefined) await lockFree(this.#folder);
    const ended = await readFile(join(this.#folder, "ended"), "utf8").catch(() => undefined);
    return exitOf({
      status,
      ended: ended === "stopped" || ended === "timed-out" ? ended : undefined,
      outOfMemory: status.code !== 0 && (await ranOutOfMemory(this.#beginning.groups)),
      sameBoot: this.#beginning.boot === bootId(),
      ranSeconds: (endedAt - this.#beginning.startedAt) / 1000,
      limitSeconds: this.#beginning.seconds,
    });
  }

  async #kill(reason: "stopped" | "timed-out", graceSeconds = 0): Promise<void> {
    const status = await this.#status();
    if (status.code !== undefined) return void (await this.#exit);
    await writeFile(join(this.#folder, "ended"), reason, { flag: "wx" }).catch(() => {});
    if (graceSeconds > 0 && (await this.#isOurs(status.pid))) {
      await this.#terminate(status.pid as number);
      const waited = new AbortController();
      const over = this.#exit.then(() => waited.abort());
      await Promise.race([over, pause(graceSeconds * 1000, undefined, { signal: waited.signal }).catch(() => {})]);
    }
    await this.#killInit(await this.#status());
    await this.#exit;
  }

  /** Process numbers are used again: ours has this container's folder in its command line. */
  async #isOurs(pid: number | undefined): Promise<boolean> {
    if (pid === undefined || this.#beginning.boot !== bootId()) return false;
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return line.includes(`${this.#folder}/root`);
  }

  /** All processes of a PID namespace end with its first. */
  async #killInit(status: Status): Promise<void> {
    if (await this.#isOurs(status.pid)) signal(status.pid as number, "SIGKILL");
  }

  /** The first process ignores the polite signal, its children need not. */
  async #terminate(init: number): Promise<void> {
    const children = await readFile(`/proc/${init}/task/${init}/children`, "utf8").catch(() => "");
    for (const pid of children.trim().split(/\s+/).filter(Boolean)) signal(Number(pid), "SIGTERM");
  }
}

/** A namespace's first process becomes a zombie only after all others are gone. Nobody but its parent is told, so we look. */
const gone = async (pid: number): Promise<void> => {
  for (let attempt = 0; attempt < 500; attempt++) {
    const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const [, name, state] = /^\d+ \((.*)\) (\w)/.exec(text) ?? [];
    if (name !== "bwrap" || state === "Z" || state === "X") return;
    await pause(attempt < 5 ? 1 : 10);
  }
};

const signal = (pid: number, name: NodeJS.Signals) => {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
};

/** Also what a build made unreadable for itself (Go's module cache is read-only). */
export const removeTree = async (folder: string): Promise<void> => {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (!["EACCES", "EPERM", "ENOTEMPTY"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    const open = async (path: string): Promise<void> => {
      await chmod(path, 0o700).catch(() => {});
      for (const entry of await readdir(path, { withFileTypes: true }).catch(() => []))
        if (entry.isDirectory()) await open(join(path, entry.name));
    };
    await open(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};
