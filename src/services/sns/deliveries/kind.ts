import type { Writing } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import type { Links } from "../envelope.ts";
import type { Message, Place, Subscription } from "../records.ts";
import type { Signing } from "../signing.ts";

/** What one subscriber is to be told. */
export interface Share {
  readonly place: Place;
  readonly subscription: Subscription;
  readonly arn: string;
  /** Absent: it is asked to confirm. */
  readonly message?: Message;
  /** The message's, also of a request to confirm. */
  readonly id: string;
  readonly links: Links;
}
export interface Means {
  readonly context: Context;
  readonly signing: Signing;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** A protocol of subscriptions. */
export interface Kind {
  /** Needs no answer to a request to confirm. */
  readonly confirmsItself: boolean;
  /** Throws InvalidParameter. */
  check(endpoint: string, protocol: string): void;
  /** At least once. What it returns is written with the end of the task. Throws when it was not taken. */
  deliver(share: Share, means: Means): Promise<((tx: Writing) => Promise<void>) | void>;
}

/** The subscriber answered, but did not take it. `forGood`: nor would it later. */
export class NotTaken extends Error {
  readonly forGood: boolean;
  constructor(message: string, forGood: boolean) {
    super(message);
    this.forGood = forGood;
  }
}
