/** What CloudFormation tells the event bus and the stack's topics. */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Task } from "../../queue/queue.ts";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import type { ChangeSet, Stack, StackEvent } from "./records.ts";

interface Announcement {
  readonly account: string;
  readonly region: string;
  readonly entries: readonly { readonly type: string; readonly time: string; readonly resource: string; readonly detail: object }[];
}

const ours = (stack: Stack, event: StackEvent): object | undefined => {
  if (event.logicalId !== stack.name || !/(COMPLETE|FAILED)$/.test(event.status) || !stack.operation) return undefined;
  const [first] = stack.operation.failed;
  return {
    "stack-name": stack.name,
    operation: stack.operation.kind,
    "duration-ms": Date.parse(event.at) - Date.parse(stack.operation.startedAt),
    ...(first && { failed: { "logical-resource-id": first.logicalId, reason: first.reason } }),
  };
};

/** Enqueues, with the transaction that writes the events, what is to be told of them. */
export const announceEvents = async (tx: Writing, stack: Stack, happened: readonly StackEvent[], notificationArns: readonly string[]): Promise<void> => {
  if (happened.length === 0) return;
  const entries = happened.map((event) => {
    const common = {
      "status-details": { status: event.status, "status-reason": event.reason ?? "" },
      "client-request-token": event.clientToken ?? "",
    };
    const isStack = event.logicalId === stack.name && event.physicalId === stack.id;
    const mayfly = isStack ? ours(stack, event) : undefined;
    return {
      type: isStack ? "CloudFormation Stack Status Change" : "CloudFormation Resource Status Change",
      time: event.at,
      resource: stack.id,
      detail: isStack
        ? { "stack-id": stack.id, ...common, ...(mayfly && { mayfly }) }
        : { "stack-id": stack.id, "logical-resource-id": event.logicalId, "physical-resource-id": event.physicalId, ...common, "resource-type": event.type },
    };
  });
  const { account, region } = stack;
  await tx.later({ name: "cloudformation.announce", payload: { account, region, entries } satisfies Announcement, oneAtATimeFor: `cloudformation.announce ${stack.uuid}` });
  if (notificationArns.length > 0) {
    const messages = happened.map((event) => snsText(stack, event));
    await tx.later({ name: "cloudformation.notify", payload: { account, region, topics: notificationArns, messages }, oneAtATimeFor: `cloudformation.notify ${stack.uuid}` });
  }
};

/** Additive: AWS has no such event; whoever waits for a change set need not ask again and again. */
export const announceChangeSet = async (tx: Writing, stack: Stack, set: ChangeSet): Promise<void> => {
  const detail = {
    "stack-id": stack.id,
    "change-set-id": set.id,
    "change-set-name": set.name,
    status: set.status,
    "status-reason": set.statusReason ?? "",
    "execution-status": set.executionStatus,
  };
  const { account, region } = stack;
  const entries = [{ type: "CloudFormation Change Set Status Change", time: set.createdAt, resource: stack.id, detail }];
  await tx.later({ name: "cloudformation.announce", payload: { account, region, entries } satisfies Announcement, oneAtATimeFor: `cloudformation.announce ${stack.uuid}` });
};

export const announce = (context: Context) => async (task: Task) => {
  const { account, region, entries } = task.payload as Announcement;
  const events = context.aws.at({ account, region }).client(EventBridgeClient);
  for (let from = 0; from < entries.length; from += 10) {
    const part = entries.slice(from, from + 10);
    await events.send(
      new PutEventsCommand({
        Entries: part.map((entry) => ({
          Source: "aws.cloudformation",
          DetailType: entry.type,
          Time: new Date(entry.time),
          Resources: [entry.resource],
          Detail: JSON.stringify(entry.detail),
        })),
      }),
    );
  }
};

const snsText = (stack: Stack, event: StackEvent): string =>
  Object.entries({
    StackId: stack.id,
    Timestamp: event.at,
    EventId: event.id,
    LogicalResourceId: event.logicalId,
    Namespace: stack.account,
    PhysicalResourceId: event.physicalId,
    ResourceProperties: event.properties ?? "null",
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason ?? "",
    ResourceType: event.type,
    StackName: stack.name,
    ClientRequestToken: event.clientToken ?? "null",
  })
    .map(([key, value]) => `${key}='${value}'\n`)
    .join("");

export const notify = (context: Context) => async (task: Task) => {
  const { account, region, topics, messages } = task.payload as { account: string; region: string; topics: string[]; messages: string[] };
  const sns = context.aws.at({ account, region }).client(SNSClient);
  for (const Message of messages) {
    for (const TopicArn of topics) {
      try {
        await sns.send(new PublishCommand({ TopicArn, Message, Subject: "AWS CloudFormation Notification" }));
      } catch (error) {
        // A topic that is gone must not keep the others from hearing, nor the stack from going on.
        context.log.warn("a stack's notification was not published", { topic: TopicArn, error: (error as Error).message });
      }
    }
  }
};
