import { SetSubscriptionAttributesCommand, SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { type ResourceType, unlessGone } from "./resource.ts";
import { documentText } from "./tools.ts";

const names = ["FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "DeliveryPolicy"];
const attributesOf = (properties: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) =>
      properties[name] === undefined
        ? []
        : [[name, typeof properties[name] === "object" ? documentText(properties[name]) : String(properties[name])]],
    ),
  );
const usual: Record<string, string> = {
  FilterPolicy: "{}",
  FilterPolicyScope: "MessageAttributes",
  RawMessageDelivery: "false",
  DeliveryPolicy: "",
};

export default {
  properties: ["TopicArn", "Protocol", "Endpoint", ...names],

  async create(work) {
    const { TopicArn, Protocol, Endpoint } = work.properties;
    const { SubscriptionArn = "" } = await work.aws
      .client(SNSClient)
      .send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes: attributesOf(work.properties), ReturnSubscriptionArn: true }));
    return { physicalId: SubscriptionArn, attributes: { Arn: SubscriptionArn } };
  },
  async update({ aws, physicalId, properties, was }) {
    const before = attributesOf(was);
    const after = attributesOf(properties);
    for (const name of names) {
      if (before[name] === after[name]) continue;
      await aws.client(SNSClient).send(
        new SetSubscriptionAttributesCommand({
          SubscriptionArn: physicalId,
          AttributeName: name,
          AttributeValue: after[name] ?? usual[name],
        }),
      );
    }
    return { physicalId, attributes: { Arn: physicalId } };
  },
  async delete({ aws, physicalId }) {
    await unlessGone(["NotFoundException", "NotFound"], () =>
      aws.client(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn: physicalId })),
    );
  },
} satisfies ResourceType;
