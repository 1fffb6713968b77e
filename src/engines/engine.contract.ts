/** What holds for every engine. Commands that only a real shell understands are skipped for engines without one. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { Container, ContainerSpec, Engine } from "./engine.ts";

export interface Subject {
  readonly engine: Engine;
  /** A new engine over the same containers, as a restarted server makes it. */
  restarted(): Engine;
  close(): Promise<void>;
}

export const shellSpec = (command: string, more: Partial<ContainerSpec> = {}): ContainerSpec => ({
  id: `test-${randomUUID()}`,
  image: "host",
  command: ["/bin/sh", "-c", command],
  environment: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/root" },
  folder: "/root",
  mounts: [],
  limits: { seconds: 60, memoryMb: 512, cpus: 1 },
  privileged: false,
  diesWithServer: false,
  ...more,
});

export const output = async (container: Container, from = 0): Promise<string> => {
  const parts: Uint8Array[] = [];
  for await (const { bytes } of container.logs(from)) parts.push(bytes);
  return Buffer.concat(parts).toString();
};

/** Resolves when that text has come out, with everything that came before it. */
export const outputUntil = async (container: Container, text: string): Promise<string> => {
  let seen = "";
  for await (const { bytes } of container.logs()) {
    seen += Buffer.from(bytes).toString();
    if (seen.includes(text)) return seen;
  }
  throw new Error(`ended without ${JSON.stringify(text)}: ${seen}`);
};

export const engineContract = (name: string, make: () => Promise<Subject>) =>
  describe(`engine contract: ${name}`, () => {
    let subject: Subject;
    // Containers keep no process alive by themselves.
    let awake: NodeJS.Timeout;
    before(async () => {
      awake = setInterval(() => {}, 1000);
      subject = await make();
    });
    after(async () => {
      clearInterval(awake);
      await subject.close();
    });

    it("answers output and exit code", async () => {
      const container = await subject.engine.start(shellSpec("echo one; echo two >&2; exit 3"));
      assert.equal(await output(container), "one\ntwo\n");
      assert.deepEqual(await container.wait(), { code: 3 });
      await container.remove();
    });

    it("starts the same id once", async () => {
      const spec = shellSpec("echo started");
      const containers = await Promise.all([subject.engine.start(spec), subject.engine.start(spec)]);
      assert.equal(containers[0], containers[1]);
      await containers[0]?.wait();
      const again = await subject.engine.start(spec);
      assert.equal(await output(again), "started\n");
      await again.remove();
    });

    it("reads output from a byte offset", async () => {
      const container = await subject.engine.start(shellSpec("printf 0123456789"));
      await container.wait();
      assert.equal(await output(container, 4), "456789");
      assert.equal(await output(container, 10), "");
      await container.remove();
    });

    it("follows output while it comes", async () => {
      const container = await subject.engine.start(shellSpec("echo first; sleep 30"));
      assert.equal(await outputUntil(container, "first\n"), "first\n");
      await container.stop(0);
      assert.deepEqual(await container.wait(), { lost: "stopped" });
      await container.remove();
    });

    it("leaves a following reader free to go", async () => {
      const container = await subject.engine.start(shellSpec("sleep 30"));
      const reader = container.logs()[Symbol.asyncIterator]();
      const pending = reader.next();
      await Promise.race([pending, new Promise((resolve) => setTimeout(resolve, 50))]);
      if (reader.return) void reader.return();
      await container.remove();
      assert.equal((await pending).done, true);
    });

    it("is found by a restarted server, running and ended", async () => {
      const spec = shellSpec("echo begun; sleep 0.3; echo done; exit 5");
      await outputUntil(await subject.engine.start(spec), "begun\n");
      const found = await subject.restarted().find(spec.id);
      assert.ok(found);
      assert.equal(await output(found), "begun\ndone\n");
      assert.deepEqual(await found.wait(), { code: 5 });
      const later = await subject.restarted().find(spec.id);
      assert.deepEqual(await later?.wait(), { code: 5 });
      const started = await subject.restarted().start(spec);
      assert.equal(await output(started), "begun\ndone\n");
      await later?.remove();
      assert.equal(await subject.restarted().find(spec.id), undefined);
    });

    it("can be stopped and removed by a restarted server", async () => {
      const spec = shellSpec("echo begun; sleep 30");
      await outputUntil(await subject.engine.start(spec), "begun\n");
      const found = await subject.restarted().find(spec.id);
      await found?.stop(0);
      assert.deepEqual(await found?.wait(), { lost: "stopped" });
      await found?.remove();
      await found?.remove();
      assert.equal(await subject.restarted().find(spec.id), undefined);
    });

    it("knows no container it did not start", async () => {
      assert.equal(await subject.engine.find("never"), undefined);
    });

    it("sweeps what nobody asks for", async () => {
      const [kept, lost] = [shellSpec("sleep 30"), shellSpec("sleep 30")];
      await subject.engine.start(kept);
      await subject.engine.start(lost);
      await subject.engine.sweep(new Set(), "other-");
      assert.ok(await subject.engine.find(lost.id));
      await subject.engine.sweep(new Set([kept.id]), "test-");
      assert.ok(await subject.engine.find(kept.id));
      assert.equal(await subject.engine.find(lost.id), undefined);
      await subject.engine.sweep(new Set());
      assert.equal(await subject.engine.find(kept.id), undefined);
    });

    it("ends what takes too long", async () => {
      const container = await subject.engine.start(shellSpec("sleep 30", { limits: { seconds: 1, memoryMb: 512, cpus: 1 } }));
      assert.deepEqual(await container.wait(), { lost: "timed-out" });
      await container.remove();
    });
  });
