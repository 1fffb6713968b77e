import { SetSubscriptionAttributesCommand, SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { type ResourceType, unlessGone } from "./resource.ts";

const ATTRIBUTES = ["DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery"];
const attributesOf = (properties: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    ATTRIBUTES.filter((name) => properties[name] !== undefined).map((name) => {
      const value = properties[name];
      return [name, typeof value === "object" ? JSON.stringify(value) : String(value)];
    }),
  );

const type: ResourceType = {
  properties: [...ATTRIBUTES, "Endpoint", "Protocol", "TopicArn"],
  async create({ properties, aws }) {
    const { Endpoint, Protocol, TopicArn } = properties;
    const { SubscriptionArn = "" } = await aws
      .client(SNSClient)
      .send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes: attributesOf(properties), ReturnSubscriptionArn: true }));
    return { physicalId: SubscriptionArn, attributes: { Arn: SubscriptionArn } };
  },
  async update({ properties, was, physicalId, aws }) {
    const [before, after] = [attributesOf(was), attributesOf(properties)];
    for (const AttributeName of ATTRIBUTES)
      if (before[AttributeName] !== after[AttributeName])
        await aws
          .client(SNSClient)
          .send(new SetSubscriptionAttributesCommand({ SubscriptionArn: physicalId, AttributeName, AttributeValue: after[AttributeName] ?? "" }));
    return { physicalId, attributes: { Arn: physicalId } };
  },
  async delete({ aws, physicalId }) {
    await unlessGone(["NotFoundException"], () => aws.client(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn: physicalId })));
  },
};
export default type;
