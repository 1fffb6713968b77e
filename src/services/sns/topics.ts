import { AuthorizationErrorException } from "@aws-sdk/client-sns";
import type * as sdk from "@aws-sdk/client-sns";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { checkTopicAttributes } from "./attributes.ts";
import { invalid, notFound, notImplemented, paged } from "./errors.ts";
import { topicOf } from "./names.ts";
import { type Place, subscriptions, type Topic, topicArn, topics } from "./records.ts";
import { retryPolicyOf } from "./retries.ts";
import { tagsOf } from "./tags.ts";

/** The topic an ARN names, of the caller's own account and region. */
export const ownTopic = (call: Call, arn: string | undefined): { place: Place; topic: string } => {
  const named = topicOf(arn);
  if (named.place.account !== call.account)
    throw new AuthorizationErrorException({ message: "User is not authorized to perform this action", $metadata: {} });
  if (named.place.region !== call.region) throw invalid("TopicArn");
  return named;
};
export const mustFindTopic = async (tx: Reading, { account, region }: Place, name: string): Promise<Topic> => {
  const topic = await tx.get(topics, [account, region, name]);
  if (!topic) throw notFound("Topic does not exist");
  return topic;
};

export const defaultPolicy = (place: Place, topic: string) => ({
  Version: "2008-10-17",
  Id: "__default_policy_ID",
  Statement: [
    {
      Sid: "__default_statement_ID",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
      ].map((action) => `SNS:${action}`),
      Resource: topicArn(place, topic),
      Condition: { StringEquals: { "AWS:SourceOwner": place.account } },
    },
  ],
});

const effectiveDeliveryPolicy = (policy: string | undefined) => {
  const { retries, minimum, maximum, atOnce, atMinimum, atMaximum, backoff } = retryPolicyOf("http", undefined, policy);
  return {
    http: {
      defaultHealthyRetryPolicy: {
        minDelayTarget: minimum,
        maxDelayTarget: maximum,
        numRetries: retries,
        numMaxDelayRetries: atMaximum,
        numNoDelayRetries: atOnce,
        numMinDelayRetries: atMinimum,
        backoffFunction: backoff,
      },
      disableSubscriptionOverrides: false,
      defaultRequestPolicy: { headerContentType: "text/plain; charset=UTF-8" },
    },
  };
};

const sameRecord = (one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>) =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

export const topicOperations = ({ store, clock }: Context): Handlers<typeof sdk> => ({
  CreateTopic: (input, call) => {
    const name = input.Name as string;
    const attributes = input.Attributes ?? {};
    if (name.endsWith(".fifo") || attributes.FifoTopic === "true") throw notImplemented(`FIFO topics (${name})`);
    if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw invalid("Topic Name");
    if (input.DataProtectionPolicy !== undefined) throw notImplemented("DataProtectionPolicy");
    checkTopicAttributes(attributes);
    const topic: Topic = { name, created: clock.now().toISOString(), attributes, tags: tagsOf(input.Tags), ended: 0 };
    return store.write(async (tx) => {
      const before = await tx.get(topics, [call.account, call.region, name]);
      if (!before) await tx.put(topics, [call.account, call.region, name], topic);
      else if (Object.entries(attributes).some(([key, value]) => before.attributes[key] !== value))
        throw invalid("Attributes Reason: Topic already exists with different attributes");
      else if (input.Tags !== undefined && !sameRecord(before.tags, topic.tags))
        throw invalid("Tags Reason: Topic already exists with different tags");
      return { TopicArn: topicArn(call, name) };
    });
  },
  DeleteTopic: (input, call) =>
    store.write(async (tx) => {
      const { place, topic } = ownTopic(call, input.TopicArn);
      await tx.delete(topics, [place.account, place.region, topic]);
      await tx.deleteAll(subscriptions, [place.account, place.region, topic]);
      return {};
    }),
  ListTopics: async (input, call) => {
    const all = await store.read((tx) => tx.list(topics, { prefix: [call.account, call.region] }));
    const { items, ...rest } = paged(all, ({ name }) => name, input.NextToken);
    return { Topics: items.map(({ name }) => ({ TopicArn: topicArn(call, name) })), ...rest };
  },
  GetTopicAttributes: (input, call) =>
    store.read(async (tx) => {
      const { place, topic: name } = ownTopic(call, input.TopicArn);
      const topic = await mustFindTopic(tx, place, name);
      const held = await tx.list(subscriptions, { prefix: [place.account, place.region, name] });
      const confirmed = held.filter((one) => one.confirmed).length;
      return {
        Attributes: {
          DisplayName: "",
          Policy: JSON.stringify(defaultPolicy(place, name)),
          ...topic.attributes,
          EffectiveDeliveryPolicy: JSON.stringify(effectiveDeliveryPolicy(topic.attributes.DeliveryPolicy)),
          TopicArn: topicArn(place, name),
          Owner: place.account,
          SubscriptionsConfirmed: String(confirmed),
          SubscriptionsPending: String(held.length - confirmed),
          SubscriptionsDeleted: String(topic.ended),
        },
      };
    }),
  SetTopicAttributes: (input, call) =>
    store.write(async (tx) => {
      const { place, topic: name } = ownTopic(call, input.TopicArn);
      const topic = await mustFindTopic(tx, place, name);
      const { [input.AttributeName as string]: _, ...others } = topic.attributes;
      const changed =
        input.AttributeValue === undefined || input.AttributeValue === "" ? {} : { [input.AttributeName as string]: input.AttributeValue };
      checkTopicAttributes({ [input.AttributeName as string]: input.AttributeValue ?? "{}", ...changed }, others);
      await tx.put(topics, [place.account, place.region, name], { ...topic, attributes: { ...others, ...changed } });
      return {};
    }),
});
