import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { type ResourceType, unlessGone, type Work } from "./resource.ts";
import { changedTags, tagMap } from "./tags.ts";

interface Subscribed {
  readonly Endpoint: string;
  readonly Protocol: string;
}
const GONE = ["NotFoundException"];
const ATTRIBUTES = ["DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig"];

const attributesOf = (properties: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(ATTRIBUTES.filter((name) => properties[name] !== undefined).map((name) => [name, String(properties[name])]));
const listOf = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
const arnOf = ({ stack, name }: Work) => `arn:${stack.partition}:sns:${stack.region}:${stack.account}:${name}`;
const made = (TopicArn: string) => ({ physicalId: TopicArn, attributes: { TopicArn, TopicName: TopicArn.split(":").at(-1) } });
const same = (one: Subscribed, other: { Endpoint?: string; Protocol?: string }) => one.Endpoint === other.Endpoint && one.Protocol === other.Protocol;

/** Subscribing the same endpoint again gives the subscription that is there. */
const subscribe = async ({ aws }: Work, TopicArn: string, wanted: readonly Subscribed[]) => {
  for (const { Protocol, Endpoint } of wanted) await aws.client(SNSClient).send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, ReturnSubscriptionArn: true }));
};
const unsubscribe = async ({ aws }: Work, TopicArn: string, unwanted: readonly Subscribed[]) => {
  if (unwanted.length === 0) return;
  const client = aws.client(SNSClient);
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
    for (const one of page.Subscriptions ?? [])
      if (unwanted.some((gone) => same(gone, one)) && one.SubscriptionArn?.startsWith("arn:"))
        await client.send(new UnsubscribeCommand({ SubscriptionArn: one.SubscriptionArn }));
    NextToken = page.NextToken;
  } while (NextToken);
};

const type: ResourceType = {
  properties: ["DisplayName", "SignatureVersion", "Subscription", "Tags", "TopicName"],
  name: { property: "TopicName", most: 256 },
  taken: async (work) =>
    (await unlessGone(GONE, () => work.aws.client(SNSClient).send(new GetTopicAttributesCommand({ TopicArn: arnOf(work) })))) !== undefined,
  async create(work) {
    const { properties, name, aws } = work;
    const { TopicArn = "" } = await aws
      .client(SNSClient)
      .send(new CreateTopicCommand({ Name: name, Attributes: attributesOf(properties), Tags: listOf(tagMap(properties.Tags)) }));
    work.exists(TopicArn);
    await subscribe(work, TopicArn, properties.Subscription ?? []);
    return made(TopicArn);
  },
  async update(change) {
    const { physicalId: TopicArn, properties, was, aws } = change;
    const client = aws.client(SNSClient);
    const before = attributesOf(was);
    const after = attributesOf(properties);
    for (const AttributeName of ATTRIBUTES)
      if (before[AttributeName] !== after[AttributeName])
        await client.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue: after[AttributeName] ?? "" }));
    const { set, gone } = changedTags(tagMap(was.Tags), tagMap(properties.Tags));
    if (Object.keys(set).length > 0) await client.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: listOf(set) }));
    if (gone.length > 0) await client.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys: gone }));
    const [old, wanted]: Subscribed[][] = [was.Subscription ?? [], properties.Subscription ?? []];
    await unsubscribe(
      change,
      TopicArn,
      (old ?? []).filter((one) => !(wanted ?? []).some((other) => same(one, other))),
    );
    await subscribe(
      change,
      TopicArn,
      (wanted ?? []).filter((one) => !(old ?? []).some((other) => same(one, other))),
    );
    return made(TopicArn);
  },
  async delete({ aws, physicalId }) {
    await unlessGone(GONE, () => aws.client(SNSClient).send(new DeleteTopicCommand({ TopicArn: physicalId })));
  },
};
export default type;
