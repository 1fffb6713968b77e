import { collection } from "../../store/store.ts";
import type { InputSettings } from "./target-input.ts";

export type Tags = Record<string, string>;
export interface Place {
  readonly account: string;
  readonly region: string;
}

export interface Bus {
  readonly name: string;
  readonly description?: string;
  readonly created: string;
  readonly updated: string;
  readonly tags: Tags;
  /** The resource policy, as JSON. */
  readonly policy?: string;
}
export interface Target extends InputSettings {
  readonly id: string;
  readonly arn: string;
  readonly roleArn?: string;
  readonly retry?: { readonly attempts?: number; readonly seconds?: number };
}
export interface Rule {
  readonly bus: string;
  readonly name: string;
  /** As it was given. */
  readonly pattern?: string;
  readonly schedule?: string;
  /** Names the running clock of the schedule: an older one's task finds another stamp and ends. */
  readonly stamp?: string;
  readonly enabled: boolean;
  readonly description?: string;
  readonly roleArn?: string;
  readonly tags: Tags;
  readonly targets: readonly Target[];
}

/** By `[account, region, bus]`; the default bus needs no record. */
export const buses = collection<Bus>("events.buses");
/** By `[account, region, bus, rule]`. */
export const rules = collection<Rule>("events.rules");
/** Announcements already taken, by `[account, region, day, event id]`. */
export const announced = collection<{ source: string }>("events.announced");

export const defaultBus = "default";
export const busArn = ({ account, region }: Place, bus: string) => `arn:aws:events:${region}:${account}:event-bus/${bus}`;
export const ruleArn = ({ account, region }: Place, { bus, name }: { bus: string; name: string }) =>
  `arn:aws:events:${region}:${account}:rule/${bus === defaultBus ? "" : `${bus}/`}${name}`;

/** An event as EventBridge delivers it. */
export interface Event {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** ISO time, in whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: object;
}
/** One target's share of an event: all it takes, so that a rule changed meanwhile does not matter. */
export interface Delivery {
  readonly place: Place;
  readonly ruleArn: string;
  readonly target: { readonly id: string; readonly arn: string; readonly roleArn?: string };
  /** What the target receives. */
  readonly input: string;
  /** Whether the rule's author wrote that input, or it is the event itself. */
  readonly own: boolean;
  readonly eventId: string;
  readonly eventTime: string;
  /** Only for another bus, which gets the event as it is. */
  readonly event?: Event;
  readonly hops: number;
  readonly tries: number;
  /** No attempt after that ISO time, or after so many. */
  readonly until: string;
  readonly attempts: number;
}
