/** Gives one subscriber a message, or asks it to confirm; tries again as its policy says. */
import type { Task } from "../../queue/queue.ts";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { kindOf } from "./deliveries/index.ts";
import { NotTaken } from "./deliveries/kind.ts";
import { type Delivery, type Subscription, subscriptionArn, subscriptions, topicArn, topics } from "./records.ts";
import { pauseAfter, retryPolicyOf } from "./retries.ts";
import type { Signing } from "./signing.ts";

export const later = (tx: Writing, delivery: Delivery, at?: Date) =>
  tx.later({ name: "sns.deliver", id: `sns.deliver/${delivery.id}/${delivery.subscription}/${delivery.tries}`, payload: delivery, at });

export const deliver =
  (context: Context, signing: Signing) =>
  async (task: Task): Promise<void> => {
    const { store, clock, log, endpoint } = context;
    const delivery = task.payload as Delivery;
    const { place, message } = delivery;
    const at = [place.account, place.region, delivery.topic];
    const [topic, one] = await store.read(
      async (tx) => [await tx.get(topics, at), await tx.get(subscriptions, [...at, delivery.subscription])] as const,
    );
    // Ended meanwhile, or confirmed meanwhile: there is nothing to say any more.
    if (!topic || !one || one.confirmed === (message === undefined)) return task.finish(async () => {});

    const links = linksOf(endpoint(), place, one, topic.attributes.SignatureVersion === "2" ? "2" : "1");
    let record: ((tx: Writing) => Promise<void>) | undefined;
    try {
      const share = { place, subscription: one, arn: subscriptionArn(place, one), message, id: delivery.id, links };
      record = (await kindOf(one.protocol).deliver(share, { context, signing, now: clock.now(), signal: task.signal })) ?? undefined;
    } catch (error) {
      if (task.signal.aborted) throw error;
      const tries = delivery.tries + 1;
      const policy = retryPolicyOf(one.protocol, one.attributes.DeliveryPolicy, topic.attributes.DeliveryPolicy);
      const pause = error instanceof NotTaken && error.forGood ? undefined : pauseAfter(policy, tries);
      log.warn(pause === undefined ? "a subscriber did not take a message" : "a subscriber did not take a message and is tried again", {
        subscription: subscriptionArn(place, one),
        protocol: one.protocol,
        message: delivery.id,
        tries,
        error: `${(error as Error).name}: ${(error as Error).message}`,
      });
      return task.finish(async (tx) => {
        if (pause !== undefined) await later(tx, { ...delivery, tries }, new Date(clock.now().getTime() + pause * 1000));
      });
    }
    await task.finish(async (tx) => record?.(tx));
  };

const version = "2010-03-31";
const linksOf = (endpoint: string, place: Delivery["place"], one: Subscription, signatureVersion: "1" | "2") => {
  const arn = topicArn(place, one.topic);
  const to = (parameters: Record<string, string>) => `${endpoint}/?${new URLSearchParams({ ...parameters, Version: version })}`;
  return {
    topicArn: arn,
    version: signatureVersion,
    token: one.token,
    subscribe: to({ Action: "ConfirmSubscription", TopicArn: arn, Token: one.token }),
    unsubscribe: to({ Action: "Unsubscribe", SubscriptionArn: subscriptionArn(place, one) }),
  };
};
