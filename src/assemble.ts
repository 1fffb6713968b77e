/** The one place where everything is plugged together. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAws } from "./aws/clients.ts";
import type { Aws } from "./aws/aws.ts";
import type { Config } from "./config.ts";
import { chooseEngine } from "./engines/index.ts";
import { createGateway } from "./gateway/gateway.ts";
import { listen } from "./gateway/listen.ts";
import { systemClock } from "./lib/clock.ts";
import type { Log } from "./lib/log.ts";
import { createQueue } from "./queue/worker.ts";
import { keyring } from "./services/iam/keyring.ts";
import { services as entries } from "./services/index.ts";
import type { HttpResponse, Service } from "./services/service.ts";
import { openFileBlobs } from "./store/file-blobs.ts";
import { type OpenStore, openFolder, openMemory, openPostgres } from "./store/open.ts";
import { holdFolder } from "./store/sqlite.ts";
import { version } from "./version.ts";

export interface Mayfly {
  readonly endpoint: string;
  /** The account's root keys; with `--auth off` any do. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Resolves when no task is due and none runs. */
  idle(): Promise<void>;
  /** Ends what this process holds; durable work stays for the next one. Safe to repeat. */
  stop(): Promise<void>;
}

/** The data folder exists, unless `memory`. Resolves when requests are accepted. */
export const assemble = async (config: Config, log: Log): Promise<Mayfly> => {
  const data = config.memory ? await mkdtemp(join(tmpdir(), "mayfly-")) : config.data;
  const store = await openStore(config, data);
  const blobs = await openFileBlobs(join(data, "blobs"), { durable: !config.memory });
  const engine = chooseEngine(config.engine, { folder: join(data, "containers"), log: log.named("engine") });
  const keys = keyring(store, systemClock);
  let endpoint = "";

  const loaded = new Map<string, Promise<Service>>();
  const service = (name: string): Promise<Service> => {
    let made = loaded.get(name);
    if (!made) {
      made = load(name);
      loaded.set(name, made);
      made.catch(() => loaded.delete(name));
    }
    return made;
  };
  const load = async (name: string): Promise<Service> => {
    const entry = entries.find((candidate) => candidate.name === name);
    if (!entry) throw new Error(`there is no service ${name}`);
    const folder = join(data, "services", name);
    await mkdir(folder, { recursive: true });
    const { create } = await entry.load();
    return create({
      store,
      blobs,
      aws: awsOf(name),
      engine,
      clock: systemClock,
      log: log.named(name),
      account: config.account,
      folder,
      endpoint: () => endpoint,
      hearings: entries.flatMap(({ hears = [] }) => hears),
      settings: config.settings,
    });
  };
  const gateway = createGateway({
    entries,
    service,
    credentials: keys,
    auth: config.auth,
    account: config.account,
    clock: systemClock,
    log,
    endpoint: () => endpoint,
  });
  const awsOf = (name: string): Aws => {
    const aws: Aws = createAws({
      handle: gateway.handle,
      service: name,
      account: config.account,
      region: "us-east-1",
      assumeRole: async (roleArn, sessionName) => {
        const { assumedRole } = await import("./aws/roles.ts");
        return assumedRole(aws, name, roleArn, sessionName);
      },
    });
    return aws;
  };
  const queue = createQueue({
    store,
    log: log.named("queue"),
    handler: async (task) => {
      const [owner = "", short = ""] = task.split(".");
      const handler = (await service(owner)).tasks?.[short];
      if (!handler) throw new Error(`there is no task ${task}`);
      return handler;
    },
  });

  const everyLoaded = async (what: (service: Service) => Promise<void> | undefined) => {
    const all = await Promise.allSettled(loaded.values());
    await Promise.all(all.map((one) => (one.status === "fulfilled" ? what(one.value) : undefined)));
  };
  const health = async (): Promise<HttpResponse> =>
    ok({ version, engine: engine.name, store: store.name, deadTasks: (await queue.dead()).length });
  const reset = async (): Promise<HttpResponse> => {
    if (!config.memory) return { ...ok({ message: "only a server started with --memory can be emptied" }), status: 403 };
    await queue.stop();
    await everyLoaded((one) => one.reset?.() ?? one.stop?.());
    await engine.sweep(new Set());
    await store.clear();
    await blobs.clear();
    loaded.clear();
    credentials = await keys.createRootKeys(config.account);
    await begin();
    return ok({});
  };
  const begin = async () => {
    await queue.start();
    for (const { name } of entries.filter(({ boot }) => boot)) await service(name);
  };

  let credentials = await keys.createRootKeys(config.account);
  const listener = await listen({
    gateway,
    port: config.port,
    host: config.host,
    log: log.named("gateway"),
    extra: { "GET /_mayfly/health": health, "POST /_mayfly/reset": reset },
  });
  const host = config.host === "0.0.0.0" || config.host === "::" ? "127.0.0.1" : config.host;
  endpoint = `http://${host.includes(":") ? `[${host}]` : host}:${listener.port}`;
  const begun = begin().catch((error) => log.error("a service did not start", error));

  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await begun;
    const closed = listener.close(2_000);
    await queue.stop();
    await everyLoaded((one) => one.stop?.());
    await closed;
    await store.close();
    if (config.memory) {
      await engine.sweep(new Set());
      await rm(data, { recursive: true, force: true });
    }
  };
  return {
    endpoint,
    get credentials() {
      return credentials;
    },
    idle: () => queue.idle(),
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
};

/** Blobs and environments lie in the data folder even when the database is elsewhere: it is held for this process either way. */
const openStore = async ({ memory, database }: Config, data: string): Promise<OpenStore> => {
  if (memory) return openMemory();
  if (!database) return openFolder(data);
  const release = holdFolder(data);
  try {
    const store = await openPostgres(database);
    const close = async () => {
      await store.close();
      release();
    };
    return { ...store, close };
  } catch (error) {
    release();
    throw error;
  }
};

const ok = (value: object): HttpResponse => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});
