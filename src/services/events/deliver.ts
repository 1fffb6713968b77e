/** Gives one target its share of an event; tries again, further and further apart, while the target may still take it. */
import { ServiceError } from "../../protocols/operations.ts";
import type { Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import { busNamed, findBus } from "./buses.ts";
import { later, tokenOf } from "./deliveries.ts";
import type { Delivery } from "./records.ts";
import { pauseSeconds, worthRetrying } from "./retries.ts";
import { rulesOf, spread } from "./spread.ts";
import { targetFor } from "./targets/index.ts";
import { arnParts } from "./targets/target.ts";

/** An event goes from bus to bus at most this often: two buses may name each other. */
const mostHops = 5;

export const deliver =
  ({ aws, clock, log }: Context) =>
  async (task: Task): Promise<void> => {
    const delivery = task.payload as Delivery;
    const named = { target: delivery.target.arn, rule: delivery.ruleArn, event: delivery.eventId };
    if (delivery.event)
      return forward(task, delivery, clock.now(), () => log.warn("an event was not forwarded: it has gone through too many buses", named));
    try {
      await targetFor(delivery.target.arn).deliver(delivery, { aws, clock, token: tokenOf(delivery) });
    } catch (error) {
      const tries = delivery.tries + 1;
      const next = new Date(clock.now().getTime() + pauseSeconds(tries) * 1000);
      const again = worthRetrying(statusOf(error)) && tries < delivery.attempts && next.toISOString() < delivery.until;
      log.warn(again ? "a target did not take an event and is tried again" : "a target did not take an event", {
        ...named,
        tries,
        error: `${(error as Error).name}: ${(error as Error).message}`,
      });
      await task.finish(async (tx) => {
        if (again) await later(tx, { ...delivery, tries }, next);
      });
      return;
    }
    await task.finish(async () => {});
  };

const forward = (task: Task, { event, target, hops }: Delivery, now: Date, refuse: () => void): Promise<void> => {
  const { account, region } = arnParts(target.arn);
  const bus = busNamed(target.arn);
  if (hops >= mostHops) {
    refuse();
    return task.finish(async () => {});
  }
  return task.finish(async (tx) => {
    const place = { account, region };
    if (event && (await findBus(tx, place, bus))) await spread(tx, place, await rulesOf(tx, place, bus), event, now, hops + 1);
  });
};

const statusOf = (error: unknown): number | undefined => {
  if (error instanceof ServiceError) return error.status;
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
};
