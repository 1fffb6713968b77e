/** What every store keeps; run once per implementation. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { OpenStore } from "./open.ts";
import { collection } from "./store.ts";

export const storeContract = (name: string, open: () => Promise<OpenStore>): void => {
  describe(`store: ${name}`, () => {
    let store: OpenStore;
    before(async () => {
      store = await open();
    });
    after(() => store.close());

    const fruit = collection<{ n: number; text?: string }>("fruit");

    it("keeps documents by key, byte for byte", async () => {
      const value = { n: 1, text: "zero \u0000, quote ', snow ☃, \ud83d\ude00" };
      await store.write((tx) => tx.put(fruit, ["a", "apple"], value));
      assert.deepEqual(await store.read((tx) => tx.get(fruit, ["a", "apple"])), value);
      assert.equal(await store.read((tx) => tx.get(fruit, ["a", "pear"])), undefined);
    });

    it("creates only once", async () => {
      assert.equal(await store.write((tx) => tx.create(fruit, ["once"], { n: 1 })), true);
      assert.equal(await store.write((tx) => tx.create(fruit, ["once"], { n: 2 })), false);
      assert.equal((await store.read((tx) => tx.get(fruit, ["once"])))?.n, 1);
    });

    it("keeps nothing of a transaction that throws", async () => {
      const failing = store.write(async (tx) => {
        await tx.put(fruit, ["lost"], { n: 1 });
        await tx.later({ name: "x.lost", payload: 1, id: "lost" });
        throw new Error("no");
      });
      await assert.rejects(failing, /no/);
      assert.equal(await store.read((tx) => tx.get(fruit, ["lost"])), undefined);
    });

    it("lists part by part in byte order, pages, turns around and stays within the prefix", async () => {
      const list = collection<number>("list");
      const keys = [["p"], ["p", "B"], ["p", "a"], ["p", "a", "x"], ["p", "ab"], ["p", "é"], ["p", "\u{1f600}"], ["pq", "a"], ["q"]];
      await store.write(async (tx) => {
        for (const [i, key] of [...keys.entries()].reverse()) await tx.put(list, key, i);
      });
      const within = (listing: Parameters<Parameters<Parameters<OpenStore["read"]>[0]>[0]["list"]>[1]) =>
        store.read((tx) => tx.list(list, listing));
      assert.deepEqual(await within({ prefix: ["p"] }), [0, 1, 2, 3, 4, 5, 6]);
      assert.deepEqual(await within({ prefix: ["p", "a"] }), [2, 3]);
      assert.deepEqual(await within({ prefix: ["p"], limit: 2 }), [0, 1]);
      assert.deepEqual(await within({ prefix: ["p"], after: ["p", "B"], limit: 2 }), [2, 3]);
      assert.deepEqual(await within({ prefix: ["p"], newestFirst: true, limit: 2 }), [6, 5]);
      assert.deepEqual(await within({ prefix: ["p"], newestFirst: true, after: ["p", "ab"], limit: 2 }), [3, 2]);
      assert.deepEqual(await within({ prefix: [] }), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
      assert.deepEqual((await store.read((tx) => tx.entries(list, { prefix: ["p", "a"] })))[1], { key: ["p", "a", "x"], value: 3 });
      await store.write((tx) => tx.deleteAll(list, ["p"]));
      assert.deepEqual(await within({ prefix: [] }), [7, 8]);
    });

    it("loses no update when many write the same document at once", async () => {
      const add = () =>
        store.write(async (tx) => {
          const now = (await tx.get(fruit, ["counter"]))?.n ?? 0;
          await tx.put(fruit, ["counter"], { n: now + 1 });
        });
      await Promise.all(Array.from({ length: 25 }, add));
      assert.equal((await store.read((tx) => tx.get(fruit, ["counter"])))?.n, 25);
    });

    it("upgrades documents of an older shape as they are read", async () => {
      await store.write((tx) => tx.put(collection<string>("shape"), ["a"], "old"));
      const today = collection<{ text: string }>("shape", (old) => ({ text: old as string }));
      assert.deepEqual(await store.read((tx) => tx.get(today, ["a"])), { text: "old" });
    });

    it("refuses keys that would break the order", async () => {
      await assert.rejects(
        store.write((tx) => tx.put(fruit, ["a\u0001b"], { n: 1 })),
        TypeError,
      );
    });
  });
};
