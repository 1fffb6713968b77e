/** Puts events on a bus: in one transaction with whatever follows from them. */
import type { Reading, Writing } from "../../store/store.ts";
import type { Hearing } from "../service.ts";
import { deliveriesFor, later } from "./deliveries.ts";
import { wants } from "./match.ts";
import { type Event, type Place, type Rule, rules } from "./records.ts";

export const rulesOf = (tx: Reading, { account, region }: Place, bus: string): Promise<Rule[]> =>
  tx.list(rules, { prefix: [account, region, bus] });

/** Each rule that wants the event gets its deliveries. */
export const spread = async (tx: Writing, place: Place, among: readonly Rule[], event: Event, now: Date, hops = 0): Promise<void> => {
  for (const rule of among)
    if (rule.targets.length > 0 && wants(rule, event))
      for (const delivery of deliveriesFor(place, rule, event, now, hops)) await later(tx, delivery);
};

/** The neighbours' own tasks for an event: no rule, no delivery, no further hop. */
export const tell = async (tx: Writing, hearings: readonly Hearing[], event: Event): Promise<void> => {
  const told = new Set<string>();
  for (const { source, detailType, task } of hearings) {
    if (source !== event.source || (detailType !== undefined && detailType !== event["detail-type"]) || told.has(task)) continue;
    told.add(task);
    await tx.later({ name: task, id: `${task}/${event.id}`, payload: event });
  }
};
