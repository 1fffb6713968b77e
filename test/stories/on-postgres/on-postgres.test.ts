/** The delivery with its records in Postgres: once undisturbed, once killed in the middle, once with the database gone for a moment. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { type Delivery, startDelivery } from "../../harness/delivery.ts";
import { leftoversOf } from "../../harness/leftovers.ts";
import { postgresPrograms, startPostgres } from "../../harness/postgres.ts";
import { until } from "../../harness/until.ts";

const programs = postgresPrograms();
const skip = "missing" in programs ? programs.missing : existsSync("/usr/bin/bwrap") ? false : "bubblewrap is not installed";
/** Of a task whose holder does not answer; whoever waits for it has not seen that the holder is gone. */
const LEASE_MS = 30_000;

describe("the delivery on Postgres", { skip, timeout: 180_000 }, () => {
  let database: Awaited<ReturnType<typeof startPostgres>>;
  let delivery: Delivery;
  let pushes = 0;

  before(async () => {
    database = await startPostgres();
    delivery = await startDelivery(["--database", database.url]);
  });
  after(async () => {
    await delivery?.server.end();
    await database?.stop();
  });
  const push = async () => {
    const revision = await delivery.commit();
    await delivery.git("push", "-q", "-u", "origin", "main");
    pushes++;
    return revision;
  };

  it("keeps nothing in the data folder's own database", async () => {
    const { store } = (await (await fetch(`${delivery.server.endpoint}/_mayfly/health`)).json()) as { store: string };
    assert.equal(store, "postgres");
    assert.equal(existsSync(`${delivery.server.data}/mayfly.db`), false);
  });

  it("delivers", async () => delivery.delivered(await push()));

  it("goes on after kill -9 without waiting for a lease to end", async () => {
    const revision = await push();
    await until("the build begins", async () => (await delivery.actions(revision)).includes("Build: InProgress"));
    await delivery.server.kill();
    const killed = Date.now();
    await delivery.server.restart();
    await delivery.delivered(revision);
    assert.ok(Date.now() - killed < LEASE_MS, "what the dead server held was taken up at once");
  });

  it("goes on after the database cut every connection in the middle of a run", async () => {
    const revision = await push();
    await until("the build begins", async () => (await delivery.actions(revision)).includes("Build: InProgress"));
    await database.disconnect();
    await delivery.delivered(revision);
  });

  it("did no build and no deploy twice", () => delivery.nothingTwice(pushes));

  it("leaves nothing behind once it is stopped", async () => {
    assert.equal(await delivery.server.stop(), 0);
    assert.deepEqual(await leftoversOf(delivery.server.data), []);
  });
});
