/** From an event and a rule to what its targets will be given. */
import { createHash } from "node:crypto";
import type { Writing } from "../../store/store.ts";
import type { Delivery, Event, Place, Rule } from "./records.ts";
import { ruleArn } from "./records.ts";
import { inputFor } from "./target-input.ts";

const longestSeconds = 24 * 3600;
const mostAttempts = 185;

export const deliveriesFor = (place: Place, rule: Rule, event: Event, now: Date, hops: number): Delivery[] => {
  const arn = ruleArn(place, rule);
  const circumstances = { ruleArn: arn, ruleName: rule.name, ingested: now.toISOString() };
  return rule.targets.map((target) => ({
    place,
    ruleArn: arn,
    target: { id: target.id, arn: target.arn, roleArn: target.roleArn },
    input: inputFor(event, target, circumstances),
    own: target.input !== undefined || target.inputPath !== undefined || target.transformer !== undefined,
    eventId: event.id,
    eventTime: event.time,
    ...(target.arn.includes(":event-bus/") && { event }),
    hops,
    tries: 0,
    until: new Date(now.getTime() + (target.retry?.seconds ?? longestSeconds) * 1000).toISOString(),
    attempts: 1 + (target.retry?.attempts ?? mostAttempts),
  }));
};

/** The same event, rule and target is the same delivery: for the tokens of what it starts. */
export const tokenOf = ({ eventId, ruleArn: rule, target }: Delivery): string =>
  `${eventId}-${createHash("sha256").update(`${rule}\n${target.id}`).digest("hex").slice(0, 16)}`;

// Counts the deliveries of this process, so that those of one moment stay in order.
let count = 0;
const inOrder = () => `${String(Date.now()).padStart(15, "0")}-${String(count++).padStart(10, "0")}`;

/** Deliveries to one target of one rule are made one after another, in the order of their events; only what failed falls behind. */
export const later = (tx: Writing, delivery: Delivery, at?: Date) =>
  tx.later({
    name: "events.deliver",
    id: `events.deliver/${inOrder()}/${tokenOf(delivery)}`,
    oneAtATimeFor: `events.deliver/${delivery.ruleArn}/${delivery.target.id}`,
    payload: delivery,
    at,
  });
