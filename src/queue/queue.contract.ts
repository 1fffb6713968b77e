/** What the queue keeps, on every store. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { logTo } from "../lib/log.ts";
import type { OpenStore } from "../store/open.ts";
import { collection, type Later } from "../store/store.ts";
import { LeaseLost, type Task } from "./queue.ts";
import { createQueue, type Queue, type QueueOptions } from "./worker.ts";

/** `again` opens what was opened last, as another process would. */
export const queueContract = (name: string, open: () => Promise<OpenStore>, again?: () => Promise<OpenStore>): void => {
  describe(`queue: ${name}`, () => {
    let store: OpenStore;
    const queues: Queue[] = [];
    const notes = collection<string>("notes");
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await Promise.all(queues.splice(0).map((queue) => queue.stop()));
      await store.close();
    });

    const quiet = logTo(() => {});
    const work = async (handlers: Record<string, (task: Task) => Promise<void>>, options: Partial<QueueOptions> = {}) => {
      const handler = async (task: string) => handlers[task] ?? assert.fail(task);
      const queue = createQueue({ store, log: quiet, handler, ...options });
      queues.push(queue);
      await queue.start();
      return queue;
    };
    const later = (...tasks: Later[]) =>
      store.write(async (tx) => {
        for (const task of tasks) await tx.later(task);
      });

    it("runs a task once it is committed, with its payload", async () => {
      const seen: unknown[] = [];
      const queue = await work({ "a.b": async (task) => void seen.push([task.payload, task.attempt]) });
      await later({ name: "a.b", payload: { x: 1 } });
      await queue.idle();
      assert.deepEqual(seen, [[{ x: 1 }, 1]]);
    });

    it("commits the task's outcome and its end together", async () => {
      const queue = await work({
        "a.b": async (task) => {
          await task.finish(async (tx) => {
            await tx.put(notes, ["done"], "yes");
            await tx.later({ name: "a.c", payload: null });
          });
        },
        "a.c": async (task) => task.finish((tx) => tx.put(notes, ["after"], "yes")),
      });
      await later({ name: "a.b", payload: null });
      await queue.idle();
      assert.deepEqual(await store.read((tx) => tx.list(notes, { prefix: [] })), ["yes", "yes"]);
    });

    it("tries again after a failure, then keeps the task as dead", async () => {
      let tries = 0;
      const queue = await work(
        {
          "a.b": async () => {
            tries++;
            throw new Error("never works");
          },
        },
        { attempts: 2 },
      );
      await later({ name: "a.b", payload: null, id: "t" });
      while ((await queue.dead()).length === 0) await new Promise((resume) => setImmediate(resume));
      assert.equal(tries, 2);
      const [dead] = await queue.dead();
      assert.equal(dead?.id, "t");
      assert.match(dead?.error ?? "", /never works/);
    });

    it("takes the same id for the same task while it waits, and runs it once more when asked while it runs", async () => {
      let runs = 0;
      let begun = () => {};
      const running = new Promise<void>((resolve) => {
        begun = resolve;
      });
      let go = () => {};
      const gate = new Promise<void>((resolve) => {
        go = resolve;
      });
      const payloads: unknown[] = [];
      const handlers = {
        "a.b": async (task: Task) => {
          payloads.push(task.payload);
          if (++runs === 1) {
            begun();
            await gate;
          }
        },
      };
      await later({ name: "a.b", payload: 1, id: "same" }, { name: "a.b", payload: 2, id: "same" });
      const queue = await work(handlers);
      await running;
      await later({ name: "a.b", payload: 3, id: "same" }, { name: "a.b", payload: 4, id: "same" });
      go();
      await queue.idle();
      assert.deepEqual(payloads, [2, 4]);
    });

    it("runs the tasks of one lane one after another, in order", async () => {
      const order: number[] = [];
      let inside = 0;
      const now = Date.now();
      const lane = (n: number): Later => ({ name: "a.b", payload: n, oneAtATimeFor: "lane", at: new Date(now - 1000 + n) });
      await later(...[3, 1, 2, 0, 4].map(lane));
      const queue = await work({
        "a.b": async (task) => {
          assert.equal(++inside, 1);
          await new Promise((resume) => setImmediate(resume));
          order.push(task.payload);
          inside--;
        },
      });
      await queue.idle();
      assert.deepEqual(order, [0, 1, 2, 3, 4]);
    });

    it("rests while a lane is blocked", async () => {
      let asked = 0;
      const counting: OpenStore = {
        ...store,
        transaction: (work) => {
          asked++;
          return store.transaction(work);
        },
      };
      let go = () => {};
      const gate = new Promise<void>((resolve) => {
        go = resolve;
      });
      let rang = (_asked: number) => {};
      const bell = new Promise<number>((resolve) => {
        rang = resolve;
      });
      const order: unknown[] = [];
      const queue = await work(
        {
          "a.b": async (task) => {
            order.push(task.payload);
            if (task.payload === "first") await gate;
          },
          "a.bell": async () => rang(asked),
        },
        { store: counting },
      );
      const past = Date.now() - 1000;
      await later(
        { name: "a.b", payload: "first", oneAtATimeFor: "lane", at: new Date(past) },
        { name: "a.b", payload: "second", oneAtATimeFor: "lane", at: new Date(past + 1) },
        { name: "a.bell", payload: null, at: new Date(Date.now() + 400) },
      );
      assert.ok((await bell) < 20, "transactions while nothing could be claimed");
      go();
      await queue.idle();
      assert.deepEqual(order, ["first", "second"]);
    });

    it("waits for a task's moment, and forgets one that is cancelled", async () => {
      const seen: string[] = [];
      const moment = Date.now() + 60;
      await later(
        { name: "a.b", payload: "at", at: new Date(moment) },
        { name: "a.b", payload: "never", id: "never", at: new Date(moment) },
      );
      await store.write((tx) => tx.cancel("never"));
      let arrived = (_at: number) => {};
      const ran = new Promise<number>((resolve) => {
        arrived = resolve;
      });
      const queue = await work({
        "a.b": async (task) => {
          seen.push(task.payload);
          arrived(Date.now());
        },
      });
      assert.ok((await ran) >= moment);
      await queue.idle();
      assert.deepEqual(seen, ["at"]);
    });

    it("runs again when a handler says so", async () => {
      let runs = 0;
      let twice = () => {};
      const done = new Promise<void>((resolve) => {
        twice = resolve;
      });
      await work({
        "a.b": async (task) => {
          assert.equal(task.attempt, 1);
          if (++runs === 1) task.again(new Date());
          else twice();
        },
      });
      await later({ name: "a.b", payload: null });
      await done;
      assert.equal(runs, 2);
    });

    it("goes on with what a stopped server left, and fences off whoever lost the lease", async () => {
      let held: Task | undefined;
      let begun = () => {};
      const running = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const first = await work({
        "a.b": (task) =>
          new Promise((_resolve, reject) => {
            held = task;
            task.signal.addEventListener("abort", () => reject(task.signal.reason));
            begun();
          }),
      });
      await later({ name: "a.b", payload: null });
      await running;
      await first.stop();
      const second = await work({ "a.b": async (task) => task.finish((tx) => tx.put(notes, ["by"], `try ${task.attempt}`)) });
      await second.idle();
      assert.equal(await store.read((tx) => tx.get(notes, ["by"])), "try 1");
      await assert.rejects(
        (held as Task).write((tx) => tx.put(notes, ["by"], "a ghost")),
        LeaseLost,
      );
    });

    it("takes up at once what a server held that is gone, and nothing of one that lives", {
      skip: again ? false : "this store does not outlive its server",
    }, async () => {
      const reopen = again as NonNullable<typeof again>;
      const first = store;
      let begun = () => {};
      const running = new Promise<void>((resolve) => {
        begun = resolve;
      });
      let why: unknown;
      const held = await work({
        "a.b": (task) =>
          new Promise((_resolve, reject) => {
            task.signal.addEventListener("abort", () => {
              why = task.signal.reason;
              reject(why);
            });
            begun();
          }),
      });
      await later({ name: "a.b", payload: null });
      await running;
      let taken = 0;
      const takes = { "a.b": async (task: Task) => void (taken = task.attempt), "a.c": async () => {} };
      if (!first.single) {
        store = await reopen();
        const patient = await work(takes);
        await later({ name: "a.c", payload: null });
        await patient.idle();
        assert.equal(taken, 0, "its holder lives");
        await patient.stop();
        await store.close();
      }
      // A process that is killed says goodbye to nobody: its connections end, and that is all.
      await first.close();
      if (!first.single) assert.ok(why instanceof LeaseLost, "whoever cannot be vouched for lets go");
      store = await reopen();
      const heir = await work(takes, { leaseMs: 3_600_000 });
      await heir.idle();
      assert.equal(taken, 2);
      assert.deepEqual(await heir.dead(), []);
      await held.stop();
    });

    it("shares tasks between workers, each run by one", async () => {
      const seen: number[] = [];
      const handlers = { "a.b": async (task: Task) => void seen.push(task.payload) };
      if (store.single) return assert.ok(store.single, "a store of one server has one worker");
      const [a, b] = await Promise.all([work(handlers), work(handlers)]);
      await later(...Array.from({ length: 40 }, (_, i) => ({ name: "a.b", payload: i })));
      await Promise.all([a.idle(), b.idle()]);
      while (seen.length < 40) await new Promise((resume) => setImmediate(resume));
      assert.deepEqual(
        seen.sort((x, y) => x - y),
        Array.from({ length: 40 }, (_, i) => i),
      );
    });
  });
};
