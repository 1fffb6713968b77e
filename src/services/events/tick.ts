/** The clock of a rule's schedule: one durable task after another, each for one moment. */
import { randomUUID } from "node:crypto";
import type { Task } from "../../queue/queue.ts";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { deliveriesFor, later } from "./deliveries.ts";
import { type Event, type Place, type Rule, ruleArn, rules } from "./records.ts";
import { parseSchedule } from "./schedule.ts";

interface Tick {
  readonly place: Place;
  readonly bus: string;
  readonly rule: string;
  readonly stamp: string;
  /** The moment it stands for. */
  readonly at: string;
}

export const firstTick = (tx: Writing, place: Place, rule: Rule, now: Date) =>
  nextTick(tx, place, rule, parseSchedule(rule.schedule as string).next(now));

const nextTick = async (tx: Writing, place: Place, rule: Rule, at: Date | undefined) => {
  if (at === undefined || rule.stamp === undefined) return;
  const payload: Tick = { place, bus: rule.bus, rule: rule.name, stamp: rule.stamp, at: at.toISOString() };
  await tx.later({ name: "events.tick", id: `events.tick/${rule.stamp}/${payload.at}`, payload, at });
};

/** Sends the scheduled event and sets the next moment. Moments that passed while the server was down count as one. */
export const tick =
  ({ clock }: Context) =>
  (task: Task): Promise<void> =>
    task.finish(async (tx) => {
      const { place, bus, rule: name, stamp, at } = task.payload as Tick;
      const rule = await tx.get(rules, [place.account, place.region, bus, name]);
      if (rule?.stamp !== stamp || rule.schedule === undefined) return;
      const event: Event = {
        version: "0",
        id: randomUUID(),
        "detail-type": "Scheduled Event",
        source: "aws.events",
        account: place.account,
        time: `${at.slice(0, 19)}Z`,
        region: place.region,
        resources: [ruleArn(place, rule)],
        detail: {},
      };
      const now = clock.now();
      for (const delivery of deliveriesFor(place, rule, event, now, 0)) await later(tx, delivery);
      const schedule = parseSchedule(rule.schedule);
      const due = schedule.next(new Date(at));
      await nextTick(tx, place, rule, due === undefined || due > now ? due : schedule.next(now));
    });
