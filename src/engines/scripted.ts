/** An engine without containers, for tests: each container does what its script says, failures included. */
import { Readable } from "node:stream";
import { pack } from "tar-stream";
import type { Container, ContainerSpec, Engine, Exit, LogChunk } from "./engine.ts";

/** What a container does: writes, then ends; or waits for `stop` when it returns nothing. */
export type Script = (spec: ContainerSpec, write: (text: string) => void, stopped: Promise<void>) => Promise<Exit | undefined>;

export interface Scripted extends Engine {
  /** Every spec that was started, in order. */
  readonly started: readonly ContainerSpec[];
  /** The same containers as a restarted server would find them. */
  restarted(): Scripted;
}

export const createScripted = (
  script: Script,
  shared = { containers: new Map<string, ScriptedContainer>(), started: [] as ContainerSpec[] },
): Scripted => ({
  name: "scripted",
  started: shared.started,
  async check() {},
  async start(spec) {
    const known = shared.containers.get(spec.id);
    if (known) return known;
    const container = new ScriptedContainer(spec, script, () => shared.containers.delete(spec.id));
    shared.containers.set(spec.id, container);
    shared.started.push(spec);
    return container;
  },
  async find(id) {
    return shared.containers.get(id);
  },
  async sweep(keep, prefix = "") {
    for (const container of [...shared.containers.values()])
      if (!keep.has(container.id) && container.id.startsWith(prefix)) await container.remove();
  },
  restarted: () => createScripted(script, shared),
});

class ScriptedContainer implements Container {
  readonly id: string;
  readonly #written: Buffer[] = [];
  readonly #exit: Promise<Exit>;
  readonly #gone: () => void;
  #over = false;
  #stop: () => void = () => {};
  #wakes: (() => void)[] = [];

  constructor(spec: ContainerSpec, script: Script, gone: () => void) {
    this.id = spec.id;
    this.#gone = gone;
    let isStopped = false;
    const stopped = new Promise<void>((resolve) => {
      this.#stop = () => {
        isStopped = true;
        resolve();
      };
    });
    const write = (text: string) => {
      if (this.#over) return;
      this.#written.push(Buffer.from(text));
      this.#wake();
    };
    const limit =
      spec.limits.seconds > 0
        ? new Promise<Exit>((resolve) => void setTimeout(() => resolve({ lost: "timed-out" }), spec.limits.seconds * 1000).unref())
        : new Promise<Exit>(() => {});
    const halted = stopped.then((): Exit => ({ lost: "stopped" }));
    const ran = script(spec, write, stopped).then((exit) => exit ?? halted);
    this.#exit = Promise.race([ran, limit, halted]).then((exit) => {
      this.#over = true;
      this.#wake();
      return isStopped && !("code" in exit) ? { lost: "stopped" } : exit;
    });
    this.#exit.catch(() => {});
  }

  #wake() {
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }

  async *logs(after = 0): AsyncGenerator<LogChunk> {
    let offset = after;
    for (;;) {
      const over = this.#over;
      const all = Buffer.concat(this.#written);
      if (all.length > offset) {
        yield { offset, bytes: all.subarray(offset) };
        offset = all.length;
      } else if (over) return;
      else await new Promise<void>((resolve) => this.#wakes.push(resolve));
    }
  }

  wait() {
    return this.#exit;
  }

  async read() {
    const tar = pack();
    tar.finalize();
    return Readable.from(tar);
  }

  async stop() {
    if (!this.#over) this.#stop();
    await this.#exit;
  }

  async remove() {
    await this.stop();
    this.#gone();
  }
}
