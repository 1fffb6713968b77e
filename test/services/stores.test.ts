import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import pg from "pg";
import { logTo } from "../../src/lib/log.ts";
import { queueContract } from "../../src/queue/queue.contract.ts";
import { createQueue } from "../../src/queue/worker.ts";
import { openFolder, openMemory, openPostgres } from "../../src/store/open.ts";
import { storeContract } from "../../src/store/store.contract.ts";
import { type Postgres, postgresPrograms, startPostgres } from "../harness/postgres.ts";
import { until } from "../harness/until.ts";

storeContract("memory", openMemory);
queueContract("memory", openMemory);

describe("sqlite", () => {
  const folders: string[] = [];
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), "mayfly-store-"));
    folders.push(made);
    return made;
  };
  after(() => Promise.all(folders.map((made) => rm(made, { recursive: true }))));
  storeContract("sqlite", () => openFolder(folder()));
  queueContract(
    "sqlite",
    () => openFolder(folder()),
    () => openFolder(folders.at(-1) as string),
  );
});

const programs = postgresPrograms();
describe("postgres", { skip: "missing" in programs ? programs.missing : false }, () => {
  let server: Promise<Postgres> | undefined;
  let made = 0;
  const same = async () => openPostgres(((await server)?.url ?? "").replace("/postgres?", `/test${made}?`));
  const fresh = async () => {
    server ??= startPostgres();
    const { url } = await server;
    const name = `test${++made}`;
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`create database ${name}`);
    await client.end();
    return same();
  };
  after(async () => (await server)?.stop());
  storeContract("postgres", fresh);
  queueContract("postgres", fresh, same);

  it("goes on after the database cut every connection", async () => {
    const store = await fresh();
    const attempts: number[] = [];
    let begun = () => {};
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const queue = createQueue({
      store,
      log: logTo(() => {}),
      handler: async () => async (task) => {
        attempts.push(task.attempt);
        begun();
        if (task.attempt === 1)
          await new Promise((_resolve, reject) => task.signal.addEventListener("abort", () => reject(task.signal.reason)));
      },
    });
    await queue.start();
    await store.write((tx) => tx.later({ name: "a.b", payload: null }));
    await running;
    await (await server)?.disconnect();
    await until("it runs again", async () => attempts.length === 2, 10);
    assert.deepEqual(attempts, [1, 2]);
    await queue.stop();
    await store.close();
  });
});
