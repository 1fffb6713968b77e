import {
  CreateTopicCommand,
  DeleteTopicCommand,
  ListSubscriptionsByTopicCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import type { Change, ResourceType, Work } from "./resource.ts";
import { changeTags, everyPage } from "./tools.ts";

interface Subscription {
  readonly Endpoint: string;
  readonly Protocol: string;
}
const attributeNames = ["DisplayName", "SignatureVersion", "TracingConfig"];
const attributesOf = (properties: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(attributeNames.flatMap((name) => (properties[name] === undefined ? [] : [[name, String(properties[name])]])));
const made = (arn: string) => ({ physicalId: arn, attributes: { TopicArn: arn, TopicName: arn.slice(arn.lastIndexOf(":") + 1) } });
const key = ({ Protocol, Endpoint }: Subscription) => `${Protocol} ${Endpoint}`;

const subscribe = async (work: Work, arn: string, list: readonly Subscription[] = []): Promise<void> => {
  const sns = work.aws.client(SNSClient);
  for (const { Protocol, Endpoint } of list) await sns.send(new SubscribeCommand({ TopicArn: arn, Protocol, Endpoint }));
};
const unsubscribe = async (change: Change, gone: readonly Subscription[]): Promise<void> => {
  if (gone.length === 0) return;
  const sns = change.aws.client(SNSClient);
  const all = await everyPage(async (NextToken) => {
    const page = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: change.physicalId, NextToken }));
    return { items: page.Subscriptions, next: page.NextToken };
  });
  const wanted = new Set(gone.map(key));
  for (const { SubscriptionArn, Protocol = "", Endpoint = "" } of all) {
    if (SubscriptionArn?.startsWith("arn:") && wanted.has(key({ Protocol, Endpoint })))
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  }
};

export default {
  properties: ["TopicName", "DisplayName", "SignatureVersion", "TracingConfig", "Subscription", "Tags"],
  name: { property: "TopicName", most: 256 },

  async create(work) {
    const { Subscription, Tags } = work.properties;
    const { TopicArn = "" } = await work.aws
      .client(SNSClient)
      .send(new CreateTopicCommand({ Name: work.name, Attributes: attributesOf(work.properties), Tags }));
    work.exists(TopicArn);
    await subscribe(work, TopicArn, Subscription);
    return made(TopicArn);
  },

  async update(change) {
    const { physicalId: arn, properties, was } = change;
    const sns = change.aws.client(SNSClient);
    const before = attributesOf(was);
    const after = attributesOf(properties);
    for (const name of attributeNames) {
      if (before[name] === after[name]) continue;
      await sns.send(
        new SetTopicAttributesCommand({ TopicArn: arn, AttributeName: name, AttributeValue: after[name] ?? defaults[name] ?? "" }),
      );
    }
    const old: Subscription[] = was.Subscription ?? [];
    const next: Subscription[] = properties.Subscription ?? [];
    await unsubscribe(
      change,
      old.filter((one) => !next.some((other) => key(other) === key(one))),
    );
    await subscribe(
      change,
      arn,
      next.filter((one) => change.again || !old.some((other) => key(other) === key(one))),
    );
    await changeTags(
      was.Tags,
      properties.Tags,
      (Tags) => sns.send(new TagResourceCommand({ ResourceArn: arn, Tags })),
      (TagKeys) => sns.send(new UntagResourceCommand({ ResourceArn: arn, TagKeys })),
    );
    return made(arn);
  },

  async delete({ aws, physicalId }) {
    await aws.client(SNSClient).send(new DeleteTopicCommand({ TopicArn: physicalId }));
  },
} satisfies ResourceType;

const defaults: Record<string, string> = { SignatureVersion: "1", TracingConfig: "PassThrough" };
