import { randomBytes, randomUUID } from "node:crypto";
import { AuthorizationErrorException } from "@aws-sdk/client-sns";
import type * as sdk from "@aws-sdk/client-sns";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading, Writing } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { checkSubscriptionAttributes } from "./attributes.ts";
import { later } from "./deliver.ts";
import { kindOf } from "./deliveries/index.ts";
import { invalid, notFound, paged } from "./errors.ts";
import { subscriptionOf, topicOf } from "./names.ts";
import { type Place, type Subscription, subscriptionArn, subscriptions, topicArn, topics } from "./records.ts";
import { mustFindTopic, ownTopic } from "./topics.ts";

/** How long a subscription may wait for its confirmation. */
const pendingMs = 3 * 24 * 3600 * 1000;

const pending = "pending confirmation";
const keyOf = ({ account, region }: Place, { topic, id }: { topic: string; id: string }) => [account, region, topic, id];
/** A password in an address is not shown again. */
const masked = (endpoint: string) => endpoint.replace(/^(https?:\/\/[^:/@]+):[^@/]+@/, "$1:****@");

const shown = (place: Place, one: Subscription) => ({
  SubscriptionArn: one.confirmed ? subscriptionArn(place, one) : "PendingConfirmation",
  Owner: one.owner,
  Protocol: one.protocol,
  Endpoint: masked(one.endpoint),
  TopicArn: topicArn(place, one.topic),
});

const mustFind = async (tx: Reading, place: Place, named: { topic: string; id: string }): Promise<Subscription> => {
  const found = await tx.get(subscriptions, keyOf(place, named));
  if (!found) throw notFound("Subscription does not exist");
  return found;
};

export const subscriptionOperations = ({ store, clock }: Context): Handlers<typeof sdk> => {
  const askToConfirm = async (tx: Writing, place: Place, one: Subscription) => {
    await later(tx, { place, topic: one.topic, subscription: one.id, id: randomUUID(), tries: 0 });
    const at = new Date(clock.now().getTime() + pendingMs);
    await tx.later({
      name: "sns.expire",
      id: `sns.expire/${one.token}`,
      payload: { place, topic: one.topic, id: one.id, token: one.token },
      at,
    });
  };
  const own = (call: Call, arn: string | undefined) => {
    const named = subscriptionOf(arn);
    ownTopic(call, topicArn(named.place, named.topic));
    return named;
  };

  return {
    Subscribe: (input, call) => {
      const { place, topic } = ownTopic(call, input.TopicArn);
      const kind = kindOf(input.Protocol as string);
      const endpoint = input.Endpoint ?? "";
      kind.check(endpoint, input.Protocol as string);
      const attributes = input.Attributes ?? {};
      checkSubscriptionAttributes(attributes);
      return store.write(async (tx) => {
        await mustFindTopic(tx, place, topic);
        const held = await tx.list(subscriptions, { prefix: [place.account, place.region, topic] });
        const known = held.find((one) => one.protocol === input.Protocol && one.endpoint === endpoint);
        if (known && Object.entries(attributes).some(([name, value]) => known.attributes[name] !== value))
          throw invalid("Attributes Reason: Subscription already exists with different attributes");
        const one: Subscription = known ?? {
          id: randomUUID(),
          topic,
          protocol: input.Protocol as Subscription["protocol"],
          endpoint,
          owner: call.account,
          confirmed: kind.confirmsItself,
          authenticated: false,
          token: randomBytes(96).toString("hex"),
          attributes,
        };
        if (!known) await tx.put(subscriptions, keyOf(place, one), one);
        if (!one.confirmed) await askToConfirm(tx, place, one);
        return { SubscriptionArn: one.confirmed || input.ReturnSubscriptionArn ? subscriptionArn(place, one) : pending };
      });
    },
    ConfirmSubscription: (input) => {
      const { place, topic } = topicOf(input.TopicArn);
      return store.write(async (tx) => {
        await mustFindTopic(tx, place, topic);
        const held = await tx.list(subscriptions, { prefix: [place.account, place.region, topic] });
        const one = held.find(({ token }) => token === input.Token);
        if (!one) throw invalid("Token");
        if (!one.confirmed) {
          await tx.put(subscriptions, keyOf(place, one), {
            ...one,
            confirmed: true,
            authenticated: input.AuthenticateOnUnsubscribe === "true",
          });
          await tx.cancel(`sns.expire/${one.token}`);
        }
        return { SubscriptionArn: subscriptionArn(place, one) };
      });
    },
    Unsubscribe: (input, call) => {
      const named = subscriptionOf(input.SubscriptionArn);
      return store.write(async (tx) => {
        const one = await tx.get(subscriptions, keyOf(named.place, named));
        if (!one) return {};
        const stranger = call.principal.kind === "anonymous" || call.account !== named.place.account;
        if (stranger && (one.authenticated || !one.confirmed))
          throw new AuthorizationErrorException({ message: "User is not authorized to perform this action", $metadata: {} });
        await tx.delete(subscriptions, keyOf(named.place, named));
        await tx.cancel(`sns.expire/${one.token}`);
        const topic = await tx.get(topics, [named.place.account, named.place.region, named.topic]);
        if (topic) await tx.put(topics, [named.place.account, named.place.region, named.topic], { ...topic, ended: topic.ended + 1 });
        return {};
      });
    },
    ListSubscriptions: async (input, call) => {
      const all = await store.read((tx) => tx.list(subscriptions, { prefix: [call.account, call.region] }));
      const { items, ...rest } = paged(all, ({ topic, id }) => `${topic}:${id}`, input.NextToken);
      return { Subscriptions: items.map((one) => shown(call, one)), ...rest };
    },
    ListSubscriptionsByTopic: (input, call) =>
      store.read(async (tx) => {
        const { place, topic } = ownTopic(call, input.TopicArn);
        await mustFindTopic(tx, place, topic);
        const all = await tx.list(subscriptions, { prefix: [place.account, place.region, topic] });
        const { items, ...rest } = paged(all, ({ id }) => id, input.NextToken);
        return { Subscriptions: items.map((one) => shown(place, one)), ...rest };
      }),
    GetSubscriptionAttributes: (input, call) =>
      store.read(async (tx) => {
        const named = own(call, input.SubscriptionArn);
        const one = await mustFind(tx, named.place, named);
        return {
          Attributes: {
            RawMessageDelivery: "false",
            ...one.attributes,
            ...(one.attributes.FilterPolicy !== undefined && {
              FilterPolicyScope: one.attributes.FilterPolicyScope ?? "MessageAttributes",
            }),
            SubscriptionArn: subscriptionArn(named.place, one),
            TopicArn: topicArn(named.place, one.topic),
            Owner: one.owner,
            Protocol: one.protocol,
            Endpoint: masked(one.endpoint),
            PendingConfirmation: String(!one.confirmed),
            ConfirmationWasAuthenticated: String(one.authenticated),
            SubscriptionPrincipal: `arn:aws:iam::${one.owner}:root`,
          },
        };
      }),
    SetSubscriptionAttributes: (input, call) =>
      store.write(async (tx) => {
        const named = own(call, input.SubscriptionArn);
        const one = await mustFind(tx, named.place, named);
        const { [input.AttributeName as string]: _, ...others } = one.attributes;
        const changed =
          input.AttributeValue === undefined || input.AttributeValue === ""
            ? {}
            : { [input.AttributeName as string]: input.AttributeValue };
        checkSubscriptionAttributes({ [input.AttributeName as string]: input.AttributeValue ?? "{}", ...changed }, others);
        const attributes = { ...others, ...changed };
        // The scope decides what the policy may say.
        if (attributes.FilterPolicy !== undefined) checkSubscriptionAttributes({ FilterPolicy: attributes.FilterPolicy }, attributes);
        await tx.put(subscriptions, keyOf(named.place, one), { ...one, attributes });
        return {};
      }),
  };
};
