import { SetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { type Removal, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { documentText } from "./tools.ts";

const set = (work: Pick<Work, "aws">, arn: string, policy: string) =>
  work.aws.client(SNSClient).send(new SetTopicAttributesCommand({ TopicArn: arn, AttributeName: "Policy", AttributeValue: policy }));

/** The policy a topic has when nobody gave it another. */
const usual = (arn: string): string =>
  JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: [
          "SNS:GetTopicAttributes",
          "SNS:SetTopicAttributes",
          "SNS:AddPermission",
          "SNS:RemovePermission",
          "SNS:DeleteTopic",
          "SNS:Subscribe",
          "SNS:ListSubscriptionsByTopic",
          "SNS:Publish",
        ],
        Resource: arn,
        Condition: { StringEquals: { "AWS:SourceOwner": arn.split(":")[4] } },
      },
    ],
  });
const reset = (work: Pick<Removal, "aws">, arn: string) => unlessGone(["NotFoundException", "NotFound"], () => set(work, arn, usual(arn)));

export default {
  properties: ["PolicyDocument", "Topics"],

  async create(work) {
    const { PolicyDocument, Topics } = work.properties;
    work.exists(work.name);
    for (const arn of Topics) await set(work, arn, documentText(PolicyDocument));
    return { physicalId: work.name, attributes: { Id: work.name } };
  },
  async update(change) {
    const { PolicyDocument, Topics } = change.properties;
    for (const arn of Topics) await set(change, arn, documentText(PolicyDocument));
    for (const arn of change.was.Topics) if (!Topics.includes(arn)) await reset(change, arn);
    return { physicalId: change.physicalId, attributes: { Id: change.physicalId } };
  },
  async delete(removal) {
    for (const arn of removal.properties.Topics ?? []) await reset(removal, arn);
  },
} satisfies ResourceType;
