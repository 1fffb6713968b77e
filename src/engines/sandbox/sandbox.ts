/** The engine without a daemon: each container is a bubblewrap process tree over this machine's own toolchains. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, watch } from "node:fs";
import { chmod, mkdir, open, readdir, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Log } from "../../lib/log.ts";
import { type Container, type ContainerSpec, type Engine, EngineUnavailable } from "../engine.ts";
import { createGroups, forgetGroups } from "./cgroups.ts";
import { environmentArguments, outerCommand, ownFolders } from "./command.ts";
import { bootId, removeTree, SandboxContainer } from "./container.ts";
import { type Beginning, readStatus } from "./status.ts";
import { etcOptions, procOptions, rootOptions } from "./system.ts";

const outerEnvironment = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
const tools = ["bwrap", "flock", "setpriv", "timeout", "tar"];

export const createSandbox = (options: { folder: string; log: Log }): Engine => new Sandbox(options.folder, options.log);

class Sandbox implements Engine {
  readonly name = "sandbox";
  readonly #folder: string;
  readonly #log: Log;
  readonly #known = new Map<string, Promise<SandboxContainer>>();
  readonly #proc = procOptions();
  readonly #roots = rootOptions();
  #checked?: Promise<void>;
  #cleared?: Promise<void>;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log.named("sandbox");
  }

  async check(): Promise<void> {
    if (process.platform !== "linux") throw new EngineUnavailable("the sandbox engine needs Linux");
    const missing = tools.filter((tool) => !outerEnvironment.PATH.split(":").some((folder) => existsSync(join(folder, tool))));
    if (missing.length > 0)
      throw new EngineUnavailable(`the sandbox engine needs ${missing.join(", ")}: apt-get install bubblewrap util-linux coreutils tar`);
    const user = process.getuid?.() === 0 ? [] : ["--unshare-user", "--uid", "0", "--gid", "0"];
    try {
      await promisify(execFile)("bwrap", [...user, "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true"], {
        env: outerEnvironment,
      });
    } catch (error) {
      throw new EngineUnavailable(
        `bubblewrap cannot make a container here (${(error as { stderr?: string }).stderr?.trim() || (error as Error).message}); ` +
          "unprivileged user namespaces may be switched off: sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0",
      );
    }
  }

  async start(spec: ContainerSpec): Promise<Container> {
    if (!/^[A-Za-z0-9-]+$/.test(spec.id)) throw new Error(`not a container id: ${spec.id}`);
    if (spec.image !== "host")
      throw new EngineUnavailable(
        `the sandbox engine runs the image "host" only, not "${spec.image}" (map the image name in settings.images)`,
      );
    const known = this.#known.get(spec.id);
    if (known) return known;
    this.#checked ??= this.check();
    this.#checked.catch(() => (this.#checked = undefined));
    await this.#checked;
    await this.#clearDead();
    const since = this.#known.get(spec.id);
    if (since) return since;
    return this.#remember(spec.id, (async () => (await this.#adopt(spec.id)) ?? (await this.#launch(spec)))());
  }

  async find(id: string): Promise<Container | undefined> {
    const known = this.#known.get(id);
    if (known) return known.catch(() => undefined);
    if (!/^[A-Za-z0-9-]+$/.test(id)) return undefined;
    const found = await this.#adopt(id);
    if (!found) return undefined;
    return this.#known.get(id) ?? this.#remember(id, Promise.resolve(found));
  }

  async sweep(keep: ReadonlySet<string>, prefix = ""): Promise<void> {
    await this.#clearDead();
    for (const name of await readdir(this.#folder).catch(() => [])) {
      if (name === "etc" || keep.has(name) || !name.startsWith(prefix)) continue;
      this.#log.info("removes a container nobody asks for", { id: name });
      const container = name.includes(".gone-") ? undefined : await this.find(name);
      if (container) await container.remove();
      else await this.#clear(name);
    }
  }

  /** Once: what died with the server before us. A data folder has one server. */
  #clearDead(): Promise<void> {
    this.#cleared ??= (async () => {
      for (const name of await readdir(this.#folder).catch(() => [])) {
        const text = await readFile(join(this.#folder, name, "beginning.json"), "utf8").catch(() => undefined);
        if (text === undefined || this.#known.has(name) || !(JSON.parse(text) as Beginning).diesWithServer) continue;
        await (await this.find(name))?.remove();
        await this.#clear(name);
      }
    })().catch((error) => this.#log.error("cannot clear away what died with an earlier server", error));
    return this.#cleared;
  }

  #remember(id: string, coming: Promise<SandboxContainer>): Promise<SandboxContainer> {
    this.#known.set(id, coming);
    coming.catch(() => this.#known.delete(id));
    return coming;
  }

  /** The container an earlier process started; undefined when it never got as far as starting. */
  async #adopt(id: string): Promise<SandboxContainer | undefined> {
    const folder = join(this.#folder, id);
    const text = await readFile(join(folder, "beginning.json"), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const status = readStatus(await readFile(join(folder, "status"), "utf8").catch(() => ""));
    if (status.pid === undefined) return undefined;
    return new SandboxContainer(id, folder, JSON.parse(text) as Beginning, undefined, false, () => this.#known.delete(id));
  }

  async #launch(spec: ContainerSpec): Promise<SandboxContainer> {
    const folder = join(this.#folder, spec.id);
    // What lies here is a start that a killed server did not finish.
    if (existsSync(folder)) await this.#clear(spec.id);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      const made = await Promise.allSettled([
        this.#systemOptions(),
        createGroups(`mayfly-${spec.id}`, spec.limits),
        this.#folders(spec, folder),
      ]);
      for (const one of made) if (one.status === "rejected") throw one.reason;
      const [system, groups] = made.map((one) => (one as PromiseFulfilledResult<string[]>).value) as [string[], string[]];
      const beginning: Beginning = {
        startedAt: Date.now(),
        boot: bootId(),
        seconds: spec.limits.seconds,
        diesWithServer: spec.diesWithServer,
        mounts: spec.mounts.map(({ from, to }) => ({ from, to })),
        groups,
      };
      await writeFile(join(folder, "beginning.json"), JSON.stringify(beginning), { mode: 0o600 });
      const child = await this.#spawn(spec, folder, system, groups);
      return new SandboxContainer(spec.id, folder, beginning, child, spec.diesWithServer, () => this.#known.delete(spec.id));
    } catch (error) {
      await this.#clear(spec.id);
      throw error;
    }
  }

  async #clear(id: string): Promise<void> {
    await forgetGroups(`mayfly-${id}`);
    await removeTree(join(this.#folder, id));
  }

  async #folders(spec: ContainerSpec, folder: string): Promise<void> {
    await Promise.all([
      ...ownFolders.map(async ([name]) => {
        await mkdir(join(folder, name), { mode: 0o700 });
        if (name !== "root") await chmod(join(folder, name), 0o1777);
      }),
      ...["output", "lock", "status"].map((name) => writeFile(join(folder, name), "", { mode: 0o600 })),
      writeFile(join(folder, "environment"), environmentArguments(spec.environment), { mode: 0o600 }),
      ...spec.mounts.map(async ({ from }) => {
        await stat(from);
      }),
    ]);
  }

  async #spawn(spec: ContainerSpec, folder: string, system: readonly string[], groups: readonly string[]) {
    const [status, environment] = await Promise.all([open(join(folder, "status"), "a"), open(join(folder, "environment"), "r")]);
    try {
      const [program, ...rest] = outerCommand(spec, { folder, system, proc: this.#proc, asRoot: process.getuid?.() === 0 });
      const child = spawn(program as string, rest, {
        cwd: folder,
        env: { ...outerEnvironment, GROUPS_TO_JOIN: groups.join(" ") },
        detached: true,
        stdio: ["ignore", "ignore", "ignore", status.fd, environment.fd],
      });
      child.unref();
      await Promise.race([once(child, "spawn"), once(child, "error").then(([error]) => Promise.reject(error))]);
      await begun(join(folder, "status"), child);
      return child;
    } finally {
      await Promise.all([status.close(), environment.close(), unlink(join(folder, "environment"))]);
    }
  }

  async #systemOptions(): Promise<string[]> {
    const options = [...this.#roots, ...(await etcOptions(join(this.#folder, "etc")))];
    // Our own data is no part of the image, even where it lies below /opt or /usr.
    const data = dirname(this.#folder);
    return /^\/(usr|opt)\/./.test(data) ? [...options, "--tmpfs", data] : options;
  }
}

/** Resolves once bwrap has told the number of the first process (from then on `stop` works), or has ended. */
const begun = async (file: string, child: ReturnType<typeof spawn>): Promise<void> => {
  const ended = child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, "exit").then(() => {});
  await new Promise<void>((resolve, reject) => {
    const look = async () => {
      const text = await readFile(file, "utf8");
      if (readStatus(text).pid !== undefined) done();
    };
    const watcher = watch(file, () => void look().catch(reject));
    const done = () => {
      watcher.close();
      resolve();
    };
    ended.then(done);
    look().catch(reject);
  });
};
