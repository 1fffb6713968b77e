import { SetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { type ResourceType, unlessGone, type Work } from "./resource.ts";

const set = async ({ aws }: Pick<Work, "aws">, topics: readonly string[], policy: string) => {
  for (const TopicArn of topics)
    await aws.client(SNSClient).send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue: policy }));
};
const textOf = (document: unknown): string => (typeof document === "string" ? document : JSON.stringify(document));
/** The policy a topic has when nobody gave it one. */
const ownersOnly = (account: string, topic: string): string =>
  JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission", "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"],
        Resource: topic,
        Condition: { StringEquals: { "AWS:SourceOwner": account } },
      },
    ],
  });
const restore = async (work: Pick<Work, "aws" | "stack">, topics: readonly string[]) => {
  for (const topic of topics) await unlessGone(["NotFoundException"], () => set(work, [topic], ownersOnly(work.stack.account, topic)));
};

const type: ResourceType = {
  properties: ["PolicyDocument", "Topics"],
  async create(work) {
    await set(work, work.properties.Topics, textOf(work.properties.PolicyDocument));
    return { physicalId: work.name, attributes: { Id: work.name } };
  },
  async update(change) {
    const { properties, was, physicalId } = change;
    await restore(
      change,
      was.Topics.filter((topic: string) => !properties.Topics.includes(topic)),
    );
    await set(change, properties.Topics, textOf(properties.PolicyDocument));
    return { physicalId, attributes: { Id: physicalId } };
  },
  delete: (removal) => restore(removal, removal.properties.Topics),
};
export default type;
