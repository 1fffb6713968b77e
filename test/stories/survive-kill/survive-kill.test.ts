/**
 * The server is killed at moments spread over a push and the run that follows. After each restart the run goes on to its end,
 * an acknowledged push is there, an unacknowledged one is there as a whole or not at all, and nothing is done twice.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type Delivery, startDelivery } from "../../harness/delivery.ts";
import { leftoversOf } from "../../harness/leftovers.ts";
import { until } from "../../harness/until.ts";

const skip = existsSync("/usr/bin/bwrap") ? false : "bubblewrap is not installed";
/** Parts of the time that a push takes: git has not heard "ok" yet, or only just. */
const DURING_THE_PUSH = [0.3, 0.6, 0.9];
/** Parts of the time that a run takes, after git heard "ok". */
const DURING_THE_RUN = [0, 0.05, 0.3, 0.8];
const ACTIONS = ["Build", "CreateChangeSet", "ExecuteChangeSet"];

describe("kill -9 in the middle of a run", { skip, timeout: 240_000 }, () => {
  let delivery: Delivery;
  let pushes = 0;
  /** Milliseconds, as measured without a kill. */
  let push = 0;
  let run = 0;

  before(async () => {
    delivery = await startDelivery();
  });
  after(async () => {
    await delivery?.server.kill();
    await delivery?.server.end();
  });

  const killAndRestart = async () => {
    await delivery.server.kill();
    await delivery.server.restart();
  };
  const remoteHead = async () => (await delivery.git("ls-remote", "origin", "refs/heads/main")).split("\t")[0];

  it("delivers twice without any kill", async () => {
    for (const turn of ["first", "second"]) {
      const revision = await delivery.commit();
      const began = Date.now();
      await delivery.git("push", "-q", "-u", "origin", "main");
      pushes++;
      const pushed = Date.now();
      await delivery.delivered(revision);
      if (turn === "second") [push, run] = [pushed - began, Date.now() - pushed];
    }
  });

  for (const part of DURING_THE_PUSH)
    it(`${part * 100} % through a push`, async () => {
      const before = await remoteHead();
      const revision = await delivery.commit();
      const acknowledged = delivery.git("push", "-q", "origin", "main").then(
        () => true,
        () => false,
      );
      await pause(push * part);
      await delivery.server.kill();
      const heard = await acknowledged;
      await delivery.server.restart();
      const head = await remoteHead();
      if (head !== revision) {
        assert.equal(heard, false, "an acknowledged push is there");
        assert.equal(head, before, "nothing of it is there");
      }
      const clone = join(delivery.server.data, "clone");
      await delivery.git("clone", "-q", await delivery.git("remote", "get-url", "origin"), clone);
      await delivery.git("-C", clone, "fsck", "--full", "--strict");
      assert.equal(await delivery.git("-C", clone, "rev-parse", "HEAD"), head, "what is there is whole");
      await rm(clone, { recursive: true });
      // Said again, it changes nothing or makes up for it.
      await delivery.git("push", "-q", "origin", "main");
      pushes++;
      await delivery.delivered(revision);
    });

  for (const part of DURING_THE_RUN)
    it(`${part * 100} % through the run after a push`, async () => {
      const revision = await delivery.commit();
      await delivery.git("push", "-q", "origin", "main");
      pushes++;
      await pause(run * part);
      await killAndRestart();
      assert.equal(await remoteHead(), revision, "the push is there");
      await delivery.delivered(revision);
    });

  for (const action of ACTIONS)
    it(`as soon as the action ${action} is seen`, async () => {
      const revision = await delivery.commit();
      await delivery.git("push", "-q", "origin", "main");
      pushes++;
      await until(`${action} begins`, async () => (await delivery.actions(revision)).some((line) => line.startsWith(`${action}:`)));
      await killAndRestart();
      assert.equal(await remoteHead(), revision, "the push is there");
      await delivery.delivered(revision);
    });

  it("did no build and no deploy twice", () => delivery.nothingTwice(pushes));

  it("leaves no process, mount or folder of an environment once it is stopped", async () => {
    assert.ok((await leftoversOf(delivery.server.data)).length > 0, "the warm function is seen while the server runs");
    assert.equal(await delivery.server.stop(), 0);
    assert.deepEqual(await leftoversOf(delivery.server.data), []);
  });
});
