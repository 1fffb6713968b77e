/** The task `lambda.deliver`: runs a function for an event, again when it fails, and tells where the event went in the end. */
import type { Task } from "../../queue/queue.ts";
import { functionArn } from "./names.ts";
import { type Delivery, deliveries, functions, type Sent } from "./records.ts";
import type { Report } from "./report.ts";
import { type Run, run } from "./runs.ts";
import type { World } from "./world.ts";

const defaults = { retries: 2, maximumAgeSeconds: 21_600 };
const minute = 60_000;

export type Next =
  | { readonly kind: "done" }
  | { readonly kind: "again"; readonly afterMs: number; readonly failures: number; readonly throttles: number }
  | { readonly kind: "given up"; readonly condition: "RetriesExhausted" | "EventAgeExceeded" };

/** What follows a try: pure. AWS waits a minute, then two, after a function's error; longer and longer after a throttle. */
export const next = (
  sent: Pick<Sent, "failures" | "throttles">,
  delivery: Pick<Delivery, "retries" | "maximumAgeSeconds">,
  ageMs: number,
  result: "ok" | "error" | "throttled",
): Next => {
  if (result === "ok") return { kind: "done" };
  const failures = sent.failures + (result === "error" ? 1 : 0);
  const throttles = sent.throttles + (result === "throttled" ? 1 : 0);
  if (failures > (delivery.retries ?? defaults.retries)) return { kind: "given up", condition: "RetriesExhausted" };
  const afterMs = result === "error" ? failures * minute : Math.min(5 * minute, 1000 * 2 ** (throttles - 1));
  if (ageMs + afterMs > (delivery.maximumAgeSeconds ?? defaults.maximumAgeSeconds) * 1000)
    return { kind: "given up", condition: "EventAgeExceeded" };
  return { kind: "again", afterMs, failures, throttles };
};

export const deliver =
  (world: World) =>
  async (task: Task): Promise<void> => {
    const { store, clock, log } = world.context;
    const sent = task.payload as Sent;
    const { account, region } = sent;
    const key = [account, region, sent.function];
    const { stored, delivery } = await store.read(async (tx) => ({
      stored: await tx.get(functions, key),
      delivery: (await tx.get(deliveries, [...key, sent.qualifier ?? "$LATEST"])) ?? { lastModified: "" },
    }));
    // Deleted since: there is nobody to deliver to.
    if (stored?.incarnation !== sent.incarnation) return;
    const request = { payload: Buffer.from(sent.payload, "base64"), requestId: sent.requestId, clientContext: sent.clientContext };
    const { done, result } = await unlessAborted(
      task.signal,
      run(world, sent, { name: sent.function, qualifier: sent.qualifier }, request).then(
        (done) => ({ done, result: done.error ? ("error" as const) : ("ok" as const) }),
        (error) => {
          if (task.signal.aborted) throw error;
          if (error.name !== "TooManyRequestsException") log.error("an event cannot be delivered now", error, { function: sent.function });
          return { done: undefined, result: "throttled" as const };
        },
      ),
    );
    const after = next(sent, delivery, clock.now().getTime() - Date.parse(sent.acceptedAt), result);
    await task.finish(async (tx) => {
      if (after.kind === "again") {
        const again: Sent = { ...sent, failures: after.failures, throttles: after.throttles };
        return tx.later({ name: "lambda.deliver", payload: again, at: new Date(clock.now().getTime() + after.afterMs) });
      }
      const condition = after.kind === "done" ? "Success" : after.condition;
      const destination = after.kind === "done" ? delivery.onSuccess : delivery.onFailure;
      const record = recordOf(sent, condition, done, clock.now());
      const place = { account, region };
      if (destination) await tx.later({ name: "lambda.report", payload: { place, destination, record } satisfies Report });
      const { deadLetter } = stored.configuration;
      if (after.kind === "given up" && deadLetter)
        await tx.later({ name: "lambda.report", payload: { place, deadLetter, record } satisfies Report });
    });
  };

/** What a destination is told, in AWS's shape. */
export const recordOf = (sent: Sent, condition: string, done: Run | undefined, now: Date): Record<string, unknown> => ({
  version: "1.0",
  timestamp: now.toISOString(),
  requestContext: {
    requestId: sent.requestId,
    functionArn: functionArn(sent, sent.function, sent.qualifier ?? "$LATEST"),
    condition,
    approximateInvokeCount: sent.failures + (done ? 1 : 0),
  },
  requestPayload: parsed(Buffer.from(sent.payload, "base64")) ?? {},
  ...(done && {
    responseContext: { statusCode: 200, executedVersion: done.version, ...(done.error && { functionError: done.error }) },
    responsePayload: parsed(done.payload) ?? null,
  }),
});
const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
};

/** The server stops: the event is delivered by the next one. */
const unlessAborted = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
