import { collection } from "../../store/store.ts";

export interface Place {
  readonly account: string;
  readonly region: string;
}
export interface Topic {
  readonly name: string;
  readonly created: string;
  /** Attributes that were set, by AWS's names. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Subscriptions that were ended by somebody. */
  readonly ended: number;
}
export type Protocol = "http" | "https" | "email" | "email-json" | "lambda";
export interface Subscription {
  readonly id: string;
  readonly topic: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly owner: string;
  readonly confirmed: boolean;
  /** Only who is signed in may end it. */
  readonly authenticated: boolean;
  /** What confirms it. */
  readonly token: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** By `[account, region, topic]`. */
export const topics = collection<Topic>("sns.topics");
/** By `[account, region, topic, id]`. */
export const subscriptions = collection<Subscription>("sns.subscriptions");
/** An e-mail that there is no server for: by `[account, ISO time, id]`. */
export const mail = collection<Mail>("sns.mail");
export interface Mail {
  readonly id: string;
  readonly at: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly topicArn: string;
  readonly kind: "confirmation" | "notification";
  /** Where a subscription is confirmed. */
  readonly link?: string;
}

export const topicArn = ({ account, region }: Place, topic: string) => `arn:aws:sns:${region}:${account}:${topic}`;
export const subscriptionArn = (place: Place, { topic, id }: { topic: string; id: string }) => `${topicArn(place, topic)}:${id}`;

export interface Attribute {
  /** `String`, `Number`, `Binary`, `String.Array`, or one of these with a suffix of the sender's. */
  readonly type: string;
  /** Base64, for `Binary`. */
  readonly value: string;
}
/** What was published. */
export interface Message {
  readonly id: string;
  readonly topic: string;
  readonly at: string;
  readonly subject?: string;
  /** For every protocol that `texts` does not name. */
  readonly text: string;
  /** By protocol. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, Attribute>>;
}
/** One subscriber's share of it: the task's payload. */
export interface Delivery {
  readonly place: Place;
  readonly topic: string;
  readonly subscription: string;
  /** Absent: the request to confirm the subscription. */
  readonly message?: Message;
  readonly id: string;
  readonly tries: number;
}
