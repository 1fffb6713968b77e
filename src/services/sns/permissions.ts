import type { Permissions } from "../service.ts";

interface Input {
  readonly Name?: string;
  readonly TopicArn?: string;
  readonly TargetArn?: string;
  readonly ResourceArn?: string;
  readonly SubscriptionArn?: string;
}
/** AWS names the topic also where the request names one of its subscriptions. */
const topicOfSubscription = (arn: string | undefined) => arn?.slice(0, arn.lastIndexOf(":"));

export const permissions: Permissions = {
  // Whoever holds the token may confirm, whoever holds a subscription's ARN may end it, as the links in a message do.
  anonymous: new Set(["ConfirmSubscription", "Unsubscribe"]),
  of: (operation, input: Input, { account, region }) => [
    {
      action: operation === "PublishBatch" ? "sns:Publish" : `sns:${operation}`,
      resource:
        operation === "CreateTopic"
          ? `arn:aws:sns:${region}:${account}:${input.Name}`
          : (input.TopicArn ?? input.TargetArn ?? input.ResourceArn ?? topicOfSubscription(input.SubscriptionArn) ?? "*"),
    },
  ],
};
