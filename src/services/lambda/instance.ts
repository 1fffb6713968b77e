/** One running copy of a function: a container, its side of the runtime API, its log. It takes one invocation at a time. */
import type { Container, ContainerSpec, Engine, Exit } from "../../engines/engine.ts";
import { exitText, initLine, initTimeoutLine, timeoutText } from "./reports.ts";
import type { Answer, RuntimeApi, Work } from "./runtime-api.ts";
import type { Scribe } from "./scribe.ts";

export interface Outcome {
  readonly requestId: string;
  readonly payload: Uint8Array;
  /** As `X-Amz-Function-Error` says it; absent when all went well. */
  readonly error?: "Handled" | "Unhandled";
  /** The last lines of its log, when they are complete. */
  tail(): Promise<string>;
}

export interface Birth {
  readonly engine: Engine;
  readonly api: RuntimeApi;
  readonly scribe: Scribe;
  /** Made when the address of the runtime API is known. */
  container(address: string): ContainerSpec;
  /** What truly runs, for the log. */
  readonly runtimeVersion: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly version: string;
  readonly expires: Date;
}

type Phase = "starting" | "idle" | "busy" | "finishing" | "gone";
interface Current {
  readonly work: Work;
  readonly began: number;
  readonly timer: NodeJS.Timeout;
  readonly settle: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}
/** What ended an instance, in the words of the answer to whoever waits for it. */
interface Ending {
  readonly errorType: string;
  /** No fault of the function's: the engine could not start it, or we ended it. */
  readonly broken?: Error;
  readonly body: Buffer | undefined;
  readonly text: string;
}

/** AWS lets a runtime take this long to get ready before the function's own time begins. */
const initSeconds = 10;

export class Instance {
  phase: Phase = "starting";
  readonly expires: Date;
  /** Resolves when it takes work for the first time; rejects never: look at `phase`. */
  readonly ready: Promise<void>;
  /** Resolves when its container is removed and its log is written. */
  readonly gone: Promise<void>;
  /** Called whenever `phase` changes. */
  changed: () => void = () => {};

  readonly #birth: Birth;
  readonly #bornAt = performance.now();
  #initMs?: number;
  #initTold = false;
  #usedMb?: number;
  #container?: Container;
  #current?: Current;
  #next?: (work: Work) => void;
  #ending?: Ending;
  #leave: () => void = () => {};
  #markReady: () => void = () => {};
  #markGone: () => void = () => {};

  constructor(birth: Birth) {
    this.#birth = birth;
    this.expires = birth.expires;
    this.ready = new Promise((resolve) => {
      this.#markReady = resolve;
    });
    this.gone = new Promise((resolve) => {
      this.#markGone = resolve;
    });
    void this.#live();
  }

  /** Only of an instance that is ready. */
  run(work: Omit<Work, "deadline">): Promise<Outcome> {
    return new Promise((settle, reject) => {
      if (this.#ending?.broken) return reject(this.#ending.broken);
      const { timeoutSeconds, scribe, version } = this.#birth;
      const timer = setTimeout(() => this.#timeOut(timeoutSeconds), timeoutSeconds * 1000);
      const whole = { ...work, deadline: Date.now() + timeoutSeconds * 1000 };
      this.#current = { work: whole, began: performance.now(), timer, settle, reject };
      scribe.start(work.requestId, version);
      if (this.#ending) return this.#fail(this.#current, this.#ending);
      this.#become("busy");
      this.#next?.(whole);
      this.#next = undefined;
    });
  }

  /** How an instance that ended before it was ready answers the invocation that waited for it. */
  runFailed(work: Omit<Work, "deadline">): Promise<Outcome> {
    this.#ending ??= { errorType: "Runtime.ExitError", body: undefined, text: "Runtime exited without providing a reason" };
    return this.run(work);
  }

  async end(): Promise<void> {
    const text = "Runtime exited with error: stopped";
    if (this.phase !== "gone") this.#over({ errorType: "Runtime.ExitError", body: undefined, text, broken: new Error("the server stops") });
    await this.gone;
  }

  async #live(): Promise<void> {
    const { engine, api, scribe } = this.#birth;
    scribe.say(initLine(this.#birth.runtimeVersion));
    const timer = setTimeout(() => this.#initTimeOut(), (initSeconds + this.#birth.timeoutSeconds) * 1000);
    this.ready.then(() => clearTimeout(timer));
    try {
      const { address, leave } = await api.admit({
        next: () => this.#ask(),
        answer: (answer) => this.#answer(answer),
        failInit: ({ body }) => this.#over({ errorType: "Unhandled", body, text: "" }),
      });
      this.#leave = leave;
      const spec = this.#birth.container(address);
      if (this.phase !== "gone") this.#container = await engine.start(spec);
    } catch (error) {
      this.#over({ errorType: "Runtime.ExitError", body: undefined, text: (error as Error).message, broken: error as Error });
    }
    const container = this.#container;
    if (container) {
      if (this.phase === "gone") await container.stop(0);
      const output = (async () => {
        for await (const { bytes } of container.logs()) scribe.output(bytes);
      })();
      const exit = await container.wait();
      this.#over(endingOf(exit));
      await output.catch(() => {});
    }
    scribe.close();
    await container?.remove().catch(() => {});
    this.#markGone();
  }

  #become(phase: Phase) {
    if (this.phase === "gone") return;
    this.phase = phase;
    this.changed();
  }

  /** The runtime asks for work. */
  #ask(): Promise<Work> {
    this.#initMs ??= performance.now() - this.#bornAt;
    return new Promise((resolve) => {
      this.#next = resolve;
      this.#become("idle");
      this.#markReady();
    });
  }

  #answer(answer: Answer): boolean {
    const current = this.#current;
    if (current?.work.requestId !== answer.requestId) return false;
    if (answer.memoryKb !== undefined) this.#usedMb = Math.ceil(answer.memoryKb / 1024);
    this.#current = undefined;
    this.#settle(current, {
      payload: answer.body,
      error: answer.error ? (answer.errorType === "Handled" ? "Handled" : "Unhandled") : undefined,
    });
    this.#become("finishing");
    return true;
  }

  #settle(
    current: Current,
    result: { payload: Uint8Array; error?: "Handled" | "Unhandled"; status?: "timeout" | "error"; note?: string; errorType?: string },
  ) {
    const { scribe, memoryMb } = this.#birth;
    const { requestId } = current.work;
    clearTimeout(current.timer);
    const tail = scribe.tail(requestId);
    const { status, errorType, note } = result;
    // Told once, with the first invocation.
    const initMs = this.#initTold ? undefined : this.#initMs;
    this.#initTold = true;
    scribe.end(
      { requestId, durationMs: performance.now() - current.began, memoryMb, usedMb: this.#usedMb, initMs, status, errorType },
      note,
    );
    current.settle({ requestId, payload: result.payload, error: result.error, tail: () => tail });
  }

  #fail(current: Current, ending: Ending) {
    const { requestId } = current.work;
    const errorMessage = `RequestId: ${requestId} Error: ${ending.text}`;
    const payload = ending.body ?? Buffer.from(JSON.stringify({ errorType: ending.errorType, errorMessage }));
    const timedOut = ending.errorType === "Sandbox.Timedout";
    const note = ending.body ? undefined : timedOut ? `${new Date().toISOString()} ${requestId} ${ending.text}` : errorMessage;
    const settle = ending.broken ? () => current.reject(ending.broken as Error) : current.settle;
    this.#settle(
      { ...current, settle },
      {
        payload,
        error: "Unhandled",
        note,
        ...(timedOut ? { status: "timeout" } : { status: "error", errorType: ending.body ? undefined : ending.errorType }),
      },
    );
  }

  #timeOut(seconds: number) {
    this.#over({ errorType: "Sandbox.Timedout", body: undefined, text: timeoutText(seconds) });
  }
  #initTimeOut() {
    if (this.phase !== "starting") return;
    this.#birth.scribe.say(initTimeoutLine(performance.now() - this.#bornAt));
    this.#timeOut(this.#birth.timeoutSeconds);
  }

  /** It takes no more work; whoever waits is told why. */
  #over(ending: Ending) {
    if (this.phase === "gone") return;
    this.#ending = ending;
    this.#become("gone");
    this.#leave();
    void this.#container?.stop(0).catch(() => {});
    const current = this.#current;
    this.#current = undefined;
    if (current) this.#fail(current, ending);
    this.#markReady();
  }
}

const endingOf = (exit: Exit): Ending => ({ ...exitText(exit), body: undefined });
