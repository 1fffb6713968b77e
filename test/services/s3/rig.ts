/**
 * The service on a store in memory, without a gateway, so that a test holds its clock.
 * By default that is an hour late: what the service plans for later is due at once.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logTo } from "../../../src/lib/log.ts";
import { createQueue, type Queue } from "../../../src/queue/worker.ts";
import type { Task } from "../../../src/queue/queue.ts";
import { servicePrincipal } from "../../../src/services/principal.ts";
import { buckets } from "../../../src/services/s3/records.ts";
import { create } from "../../../src/services/s3/service.ts";
import type { Call, Context } from "../../../src/services/service.ts";
import { openFileBlobs } from "../../../src/store/file-blobs.ts";
import { openMemory } from "../../../src/store/open.ts";

export interface Rig {
  readonly folder: string;
  readonly queue: Queue;
  /** What the service told EventBridge. */
  readonly events: { readonly DetailType: string; readonly Detail: string; readonly Source: string; readonly Resources: string[] }[];
  readonly failures: string[];
  time: () => Date;
  // biome-ignore lint/suspicious/noExplicitAny: any operation's input and output
  ask(operation: string, input: object): Promise<any>;
  /** Runs a task once; says when it wants to run again. */
  run(task: string, payload: unknown): Promise<Date | undefined>;
  /** What tasks of a bucket are given. */
  bucket(name: string): Promise<{ bucket: string; id: string }>;
  end(): Promise<void>;
}

export const call: Call = {
  account: "123456789012",
  region: "us-east-1",
  principal: servicePrincipal("codebuild", "123456789012"),
  requestId: "the-request",
  operation: "",
  endpoint: "http://localhost",
  sourceIp: "127.0.0.1",
  userAgent: "",
  headers: {},
};

/** With `queue: false` tasks only run when the test runs them. */
export const startRig = async (options: { queue: boolean } = { queue: true }): Promise<Rig> => {
  const folder = await mkdtemp(join(tmpdir(), "mayfly-s3-"));
  const store = await openMemory();
  const failures: string[] = [];
  const events: Rig["events"] = [];
  const log = logTo((text) => failures.push(text));
  const hear = async ({ input }: { input: { Entries: Rig["events"] } }) => {
    events.push(...input.Entries);
    return {};
  };
  const aws = { at: () => aws, as: () => aws, client: () => ({ send: hear }) };
  const context = {
    store,
    blobs: await openFileBlobs(folder, { durable: false }),
    clock: { now: () => rig.time() },
    aws,
    log,
    account: call.account,
  } as unknown as Context;
  const service = create(context);
  const handlerOf = (name: string) => service.tasks?.[name.replace("s3.", "")] ?? assert.fail(name);
  const queue = createQueue({ store, log, handler: async (name) => handlerOf(name) });
  if (options.queue) await queue.start();
  const rig: Rig = {
    folder,
    queue,
    events,
    failures,
    time: () => new Date(Date.now() - 3600_000),
    ask: async (operation, input) => service.operations.handlers[operation]?.(input, call) ?? assert.fail(operation),
    async run(name, payload) {
      let again: Date | undefined;
      const task: Task = {
        id: "the-task",
        name,
        payload,
        attempt: 1,
        signal: new AbortController().signal,
        write: (work) => store.write(work),
        finish: (work) => store.write(work),
        again: (at) => {
          again = at;
        },
      };
      await handlerOf(name)(task);
      return again;
    },
    bucket: async (name) => {
      const found = await store.read((tx) => tx.get(buckets, [name]));
      assert.ok(found);
      return { bucket: name, id: found.id };
    },
    async end() {
      await queue.stop();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return rig;
};
