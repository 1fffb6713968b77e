/** What others hear of stacks and change sets. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import * as cfn from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { ConfirmSubscriptionCommand, CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { startServer, type TestServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { ended } from "./steps.ts";

let server: TestServer;
let client: cfn.CloudFormationClient;
before(async () => {
  server = await startServer();
  client = server.client(cfn.CloudFormationClient);
});
after(() => server.stop());

const text = (name: string) => `Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: '${name}'}}}\n`;

test("the event bus hears of stacks, resources and change sets, in AWS's shapes and with what is useful", async () => {
  const logs = server.client(CloudWatchLogsClient);
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/events/heard" }));
  const events = server.client(EventBridgeClient);
  await events.send(new PutRuleCommand({ Name: "all", EventPattern: JSON.stringify({ source: ["aws.cloudformation"] }) }));
  await events.send(
    new PutTargetsCommand({
      Rule: "all",
      Targets: [{ Id: "log", Arn: "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/heard" }],
    }),
  );
  const { StackId, Id } = await client.send(
    new cfn.CreateChangeSetCommand({ StackName: "heard", ChangeSetName: "first", ChangeSetType: "CREATE", TemplateBody: text("heard") }),
  );
  await client.send(new cfn.ExecuteChangeSetCommand({ ChangeSetName: Id, ClientRequestToken: "token-1" }));
  await ended(client, "heard");
  await client.send(new cfn.CreateStackCommand({ StackName: "unheard", TemplateBody: text("not a name") }));
  await ended(client, "unheard");
  // biome-ignore lint/suspicious/noExplicitAny: events of several shapes
  const heard: any[] = await until("the last event", async () => {
    const page = await logs.send(new FilterLogEventsCommand({ logGroupName: "/aws/events/heard" }));
    const all = page.events?.map((one) => JSON.parse(one.message ?? "")) ?? [];
    return all.some((one) => one.detail["status-details"]?.status === "ROLLBACK_COMPLETE") ? all : undefined;
  });
  const of = (type: string) => heard.filter((one) => one["detail-type"] === `CloudFormation ${type} Status Change`);
  const [set] = of("Change Set");
  assert.deepEqual(set.detail, {
    "stack-id": StackId,
    "change-set-id": Id,
    "change-set-name": "first",
    status: "CREATE_COMPLETE",
    "status-reason": "",
    "execution-status": "AVAILABLE",
  });
  const own = of("Stack").filter((one) => one.detail["stack-id"] === StackId);
  assert.deepEqual(
    own.map((one) => one.detail["status-details"].status),
    ["REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"],
  );
  const { mayfly, ...detail } = own[2].detail;
  assert.deepEqual(detail, {
    "stack-id": StackId,
    "status-details": { status: "CREATE_COMPLETE", "status-reason": "" },
    "client-request-token": "token-1",
  });
  assert.equal(mayfly.operation, "create");
  assert.ok(mayfly["duration-ms"] >= 0);
  assert.equal(own[2].source, "aws.cloudformation");
  assert.deepEqual(own[2].resources, [StackId]);
  const resource = of("Resource").find(
    (one) => one.detail["stack-id"] === StackId && one.detail["status-details"].status === "CREATE_COMPLETE",
  );
  assert.deepEqual(resource.detail, {
    "stack-id": StackId,
    "logical-resource-id": "Topic",
    "physical-resource-id": "arn:aws:sns:us-east-1:123456789012:heard",
    "status-details": { status: "CREATE_COMPLETE", "status-reason": "" },
    "resource-type": "AWS::SNS::Topic",
    "client-request-token": "token-1",
  });
  const failed = of("Stack").find((one) => one.detail["status-details"].status === "ROLLBACK_COMPLETE");
  assert.equal(failed.detail.mayfly.failed["logical-resource-id"], "Topic");
  assert.match(failed.detail.mayfly.failed.reason, /Invalid parameter/);
});

test("a stack's topics hear of it", async () => {
  const messages: { Type: string; Message: string; Token?: string; Subject?: string }[] = [];
  const listener = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    messages.push(JSON.parse(body));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  try {
    const sns = server.client(SNSClient);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "notices" }));
    await sns.send(
      new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/` }),
    );
    const { Token } = await until("the question", async () => messages.find((one) => one.Type === "SubscriptionConfirmation"));
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
    await client.send(
      new cfn.CreateStackCommand({ StackName: "noticed", TemplateBody: text("noticed"), NotificationARNs: [TopicArn as string] }),
    );
    await ended(client, "noticed");
    const last = await until("the last notice", async () =>
      messages.find(
        (one) =>
          one.Message.includes("StackName='noticed'") &&
          /LogicalResourceId='noticed'[\s\S]*ResourceStatus='CREATE_COMPLETE'/.test(one.Message),
      ),
    );
    assert.equal(last.Subject, "AWS CloudFormation Notification");
    assert.match(last.Message, /ResourceType='AWS::CloudFormation::Stack'\n/);
    assert.equal(messages.filter((one) => one.Type === "Notification").length, 4);
  } finally {
    listener.close();
  }
});
