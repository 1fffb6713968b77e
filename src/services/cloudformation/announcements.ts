/** What CloudFormation tells the event bus and the stack's topics. */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Task } from "../../queue/queue.ts";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { announced, type ChangeSet, eventKey, events, type Stack, type StackEvent, stacks } from "./records.ts";

/** Adds to a stack's last event of an operation what AWS does not tell: how long it took, and what failed first. */
export const withDetails = (stack: Stack, event: StackEvent): StackEvent => {
  if (!isAboutStack(stack, event) || !/(COMPLETE|FAILED)$/.test(event.status) || !stack.operation) return event;
  const [first] = stack.operation.failed;
  const mayfly = {
    "stack-name": stack.name,
    operation: stack.operation.kind,
    "duration-ms": Date.parse(event.at) - Date.parse(stack.operation.startedAt),
    ...(first && { failed: { "logical-resource-id": first.logicalId, reason: first.reason } }),
  };
  return { ...event, mayfly };
};
const isAboutStack = (stack: Pick<Stack, "name" | "id">, event: StackEvent): boolean =>
  event.logicalId === stack.name && event.physicalId === stack.id;

/** What happens on the way may be told together; how it ended is told at once. */
const patience = 100;
/** Enqueues, with the transaction that writes the events, that they are to be told. */
export const announceLater = async (tx: Writing, stack: Stack, now: Date): Promise<void> => {
  const { account, region, uuid } = stack;
  const over = !stack.status.endsWith("_IN_PROGRESS");
  await tx.later({
    name: "cloudformation.announce",
    id: `cloudformation.announce ${uuid}`,
    payload: { account, region, uuid },
    oneAtATimeFor: `cloudformation.announce ${uuid}`,
    ...(!over && { at: new Date(now.getTime() + patience) }),
  });
};

interface Entry {
  readonly type: string;
  readonly time: string;
  readonly resource: string;
  readonly detail: object;
}
const entryOf = (stack: Stack, event: StackEvent): Entry => {
  const common = {
    "status-details": { status: event.status, "status-reason": event.reason ?? "" },
    "client-request-token": event.clientToken ?? "",
  };
  const about = isAboutStack(stack, event);
  return {
    type: about ? "CloudFormation Stack Status Change" : "CloudFormation Resource Status Change",
    time: event.at,
    resource: stack.id,
    detail: about
      ? { "stack-id": stack.id, ...common, ...(event.mayfly && { mayfly: event.mayfly }) }
      : {
          "stack-id": stack.id,
          "logical-resource-id": event.logicalId,
          "physical-resource-id": event.physicalId,
          ...common,
          "resource-type": event.type,
        },
  };
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
  const entry: Entry = { type: "CloudFormation Change Set Status Change", time: set.createdAt, resource: stack.id, detail };
  await tx.later({ name: "cloudformation.announceSet", payload: { account, region, entry } });
};

const put = async (context: Context, place: { account: string; region: string }, entries: readonly Entry[]): Promise<void> => {
  const bus = context.aws.at(place).client(EventBridgeClient);
  for (let from = 0; from < entries.length; from += 10) {
    const part = entries.slice(from, from + 10);
    await bus.send(
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
/** Tells what has happened to a stack since it was last told. */
export const announce = (context: Context) => async (task: Task) => {
  const { account, region, uuid } = task.payload as { account: string; region: string; uuid: string };
  const key = [account, region, uuid];
  const { stack, told, happened } = await context.store.read(async (tx) => {
    const told = (await tx.get(announced, key)) ?? 0;
    return { stack: await tx.get(stacks, key), told, happened: await tx.list(events, { prefix: key, after: [...key, eventKey(told)] }) };
  });
  if (!stack) return;
  await put(
    context,
    stack,
    happened.map((event) => entryOf(stack, event)),
  );
  for (const event of happened) for (const topic of event.topics ?? []) await publish(context, stack, topic, event);
  await task.finish(async (tx) => {
    await tx.put(announced, key, told + happened.length);
    const { eventCount } = (await tx.get(stacks, key)) as Stack;
    // What came in meanwhile found this task open and added none.
    if (eventCount > told + happened.length)
      await tx.later({ name: "cloudformation.announce", payload: task.payload, oneAtATimeFor: `cloudformation.announce ${uuid}` });
  });
};
export const announceSet = (context: Context) => async (task: Task) => {
  const { account, region, entry } = task.payload as { account: string; region: string; entry: Entry };
  await put(context, { account, region }, [entry]);
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

const publish = async (context: Context, stack: Stack, TopicArn: string, event: StackEvent): Promise<void> => {
  try {
    await context.aws
      .at(stack)
      .client(SNSClient)
      .send(new PublishCommand({ TopicArn, Message: snsText(stack, event), Subject: "AWS CloudFormation Notification" }));
  } catch (error) {
    // A topic that is gone must not keep the others from hearing, nor the stack from going on.
    context.log.warn("a stack's notification was not published", { topic: TopicArn, error: (error as Error).message });
  }
};
