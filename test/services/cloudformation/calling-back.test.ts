/** Resources that wait to be called: stacks within stacks, custom resources, wait conditions. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as cfn from "@aws-sdk/client-cloudformation";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetTopicAttributesCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { until } from "../../harness/until.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { ended, eventLines, resourcesOf, stackOf } from "./steps.ts";

let server: TestServer;
let client: cfn.CloudFormationClient;
let sns: SNSClient;
let s3: S3Client;
before(async () => {
  server = await startServer();
  client = server.client(cfn.CloudFormationClient);
  sns = server.client(SNSClient);
  s3 = server.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: "nested" }));
});
after(() => server.stop());

const Capabilities: cfn.Capability[] = ["CAPABILITY_IAM"];
const create = async (StackName: string, TemplateBody: string, more: Partial<cfn.CreateStackCommandInput> = {}) => {
  const { StackId = "" } = await client.send(new cfn.CreateStackCommand({ StackName, TemplateBody, Capabilities, ...more }));
  return ended(client, StackId);
};
const update = async (StackName: string, TemplateBody: string) => {
  const { StackId = "" } = await client.send(new cfn.UpdateStackCommand({ StackName, TemplateBody, Capabilities }));
  return ended(client, StackId);
};
const remove = async (StackName: string) => {
  const { StackId = "" } = await stackOf(client, StackName);
  await client.send(new cfn.DeleteStackCommand({ StackName }));
  return ended(client, StackId);
};
const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: "nested", Key, Body }));

const inner = (more = "") =>
  `Parameters: {Shown: {Type: String}}\nResources:\n  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Shown}}\n${more}Outputs: {Name: {Value: !GetAtt Topic.TopicName}}\n`;
const outer = (shown: string, more = "") =>
  `Resources:\n  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://nested.s3.amazonaws.com/inner.yml', Parameters: {Shown: ${shown}}}}\n${more}Outputs: {Name: {Value: !GetAtt Inner.Outputs.Name}}\n`;
const topicOf = async (stackId: string) => (await resourcesOf(client, stackId)).Topic?.PhysicalResourceId as string;
const shown = async (TopicArn: string) => (await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes?.DisplayName;

test("a stack within a stack lives and dies with it", async () => {
  await put("inner.yml", inner());
  const stack = await create("outer", outer("a"));
  assert.equal(stack.StackStatus, "CREATE_COMPLETE", (await eventLines(client, "outer")).join("\n"));
  const id = (await resourcesOf(client, "outer")).Inner?.PhysicalResourceId as string;
  const nested = await stackOf(client, id);
  assert.deepEqual([nested.ParentId, nested.RootId, nested.StackStatus], [stack.StackId, stack.StackId, "CREATE_COMPLETE"]);
  assert.match(nested.StackName ?? "", /^outer-Inner-[A-Z0-9]{12}$/);
  const topic = await topicOf(id);
  assert.equal(stack.Outputs?.[0]?.OutputValue, topic.split(":").at(-1));
  assert.equal((await update("outer", outer("b"))).StackStatus, "UPDATE_COMPLETE");
  assert.equal(await shown(topic), "b");
  // The address is the same, the template behind it another.
  await put("inner.yml", inner("  More: {Type: AWS::SNS::Topic}\n"));
  assert.equal((await update("outer", outer("b"))).StackStatus, "UPDATE_COMPLETE");
  assert.deepEqual(Object.keys(await resourcesOf(client, id)), ["More", "Topic"]);
  assert.equal((await remove("outer")).StackStatus, "DELETE_COMPLETE");
  assert.equal((await stackOf(client, id)).StackStatus, "DELETE_COMPLETE");
});

test("a nested stack that fails takes the outer one back; a failure beside it takes the nested one back", async () => {
  await put("inner.yml", inner("  Bad: {Type: AWS::SNS::Topic, Properties: {TopicName: 'not a name'}}\n"));
  const failed = await create("broken", outer("a"));
  assert.equal(failed.StackStatus, "ROLLBACK_COMPLETE");
  assert.match(
    (await eventLines(client, "broken")).find((line) => line.startsWith("Inner CREATE_FAILED")) ?? "",
    /was not successfully created: The following resource\(s\) failed to create: \[Bad\]/,
  );

  await put("inner.yml", inner());
  await create("beside", outer("old"));
  const id = (await resourcesOf(client, "beside")).Inner?.PhysicalResourceId as string;
  const back = await update(
    "beside",
    outer("new", "  Bad: {Type: AWS::SNS::Topic, DependsOn: Inner, Properties: {TopicName: 'not a name'}}\n"),
  );
  assert.equal(back.StackStatus, "UPDATE_ROLLBACK_COMPLETE");
  assert.equal(await shown(await topicOf(id)), "old");
  assert.equal((await stackOf(client, id)).StackStatus, "UPDATE_COMPLETE");
});

const role = `
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
`;
const custom = (value: string) => `
Resources:${role}  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Timeout: 30
      Code:
        ZipFile: |
          const response = require("cfn-response");
          exports.handler = (event, context) => {
            const { Value } = event.ResourceProperties;
            const status = Value === "bad" && event.RequestType !== "Delete" ? response.FAILED : response.SUCCESS;
            response.send(event, context, status, { Echo: Value + "!", Kind: event.RequestType }, "thing-" + Value.slice(0, 3));
          };
  Thing:
    Type: Custom::Thing
    Properties:
      ServiceToken: !GetAtt Worker.Arn
      Value: ${value}
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt Thing.Echo}}
Outputs: {Ref: {Value: !Ref Thing}, Kind: {Value: !GetAtt Thing.Kind}}
`;

test("a custom resource: a function does the work and answers", async () => {
  const stack = await create("custom", custom("one"));
  assert.equal(stack.StackStatus, "CREATE_COMPLETE", (await eventLines(client, "custom")).join("\n"));
  const values = (from: cfn.Stack) => Object.fromEntries(from.Outputs?.map((one) => [one.OutputKey, one.OutputValue]) ?? []);
  assert.deepEqual(values(stack), { Ref: "thing-one", Kind: "Create" });
  const topic = await topicOf("custom");
  assert.equal(await shown(topic), "one!");
  // Another physical id: the old one is deleted in the clean-up.
  const second = await update("custom", custom("two"));
  assert.deepEqual(values(second), { Ref: "thing-two", Kind: "Update" });
  assert.equal(await shown(topic), "two!");
  assert.ok((await eventLines(client, "custom")).includes("Thing DELETE_COMPLETE"));
  const failed = await update("custom", custom("bad"));
  assert.equal(failed.StackStatus, "UPDATE_ROLLBACK_COMPLETE");
  assert.equal(await shown(topic), "two!");
  assert.match(
    (await eventLines(client, "custom")).find((line) => line.startsWith("Thing UPDATE_FAILED")) ?? "",
    /Received response status \[FAILED\] from custom resource/,
  );
  assert.equal((await remove("custom")).StackStatus, "DELETE_COMPLETE");
});

test("nobody answers: time runs out, and nothing stays", async () => {
  const topic = (await create("silent-topic", "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: silent}}}\n")).StackId;
  assert.ok(topic);
  const text =
    "Resources:\n  Thing: {Type: Custom::Silent, Properties: {ServiceToken: !Sub 'arn:aws:sns:${AWS::Region}:${AWS::AccountId}:silent', ServiceTimeout: 1}}\n";
  const stack = await create("silent", text, { OnFailure: "DO_NOTHING" });
  assert.equal(stack.StackStatus, "CREATE_FAILED");
  assert.match(
    (await eventLines(client, "silent")).find((line) => line.startsWith("Thing CREATE_FAILED")) ?? "",
    /did not receive a response/,
  );
});

test("a wait condition counts what is answered at its handle", async () => {
  const text =
    "Resources:\n  Handle: {Type: AWS::CloudFormation::WaitConditionHandle}\n  Wait: {Type: AWS::CloudFormation::WaitCondition, Properties: {Handle: !Ref Handle, Timeout: '60', Count: 2}}\nOutputs: {Data: {Value: !GetAtt Wait.Data}}\n";
  await client.send(new cfn.CreateStackCommand({ StackName: "waiting", TemplateBody: text }));
  const address = await until("a handle", async () => (await resourcesOf(client, "waiting")).Handle?.PhysicalResourceId);
  const say = (UniqueId: string) =>
    fetch(address, { method: "PUT", body: JSON.stringify({ Status: "SUCCESS", UniqueId, Data: `from ${UniqueId}`, Reason: "" }) });
  assert.equal((await say("a")).status, 200);
  await say("a");
  await server.idle();
  assert.equal((await stackOf(client, "waiting")).StackStatus, "CREATE_IN_PROGRESS");
  await say("b");
  const stack = await ended(client, "waiting");
  assert.equal(stack.StackStatus, "CREATE_COMPLETE");
  assert.deepEqual(JSON.parse(stack.Outputs?.[0]?.OutputValue ?? ""), { a: "from a", b: "from b" });
  assert.equal((await fetch(`${address}x`, { method: "PUT", body: "{}" })).status, 403);
  assert.equal((await fetch(address)).status, 405);
});

test("a deletion in the middle of a creation", async () => {
  const text =
    "Resources:\n  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: short-lived}}\n  Handle: {Type: AWS::CloudFormation::WaitConditionHandle, DependsOn: Topic}\n  Wait: {Type: AWS::CloudFormation::WaitCondition, Properties: {Handle: !Ref Handle, Timeout: '600'}}\n";
  const { StackId } = await client.send(new cfn.CreateStackCommand({ StackName: "short", TemplateBody: text }));
  await until("the wait", async () => (await resourcesOf(client, "short")).Wait?.PhysicalResourceId);
  await client.send(new cfn.DeleteStackCommand({ StackName: "short" }));
  assert.equal((await ended(client, StackId as string)).StackStatus, "DELETE_COMPLETE");
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  assert.ok(!Topics.some(({ TopicArn }) => TopicArn?.endsWith(":short-lived")));
});

test("an update is cancelled", async () => {
  const text = (name: string, wait = "") => `Resources:\n  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: ${name}}}\n${wait}`;
  await create("cancelled", text("old"));
  const topic = await topicOf("cancelled");
  await client.send(
    new cfn.UpdateStackCommand({
      StackName: "cancelled",
      TemplateBody: text(
        "new",
        "  Handle: {Type: AWS::CloudFormation::WaitConditionHandle, DependsOn: Topic}\n  Wait: {Type: AWS::CloudFormation::WaitCondition, Properties: {Handle: !Ref Handle, Timeout: '600'}}\n",
      ),
    }),
  );
  await until("the wait", async () => (await resourcesOf(client, "cancelled")).Wait?.PhysicalResourceId);
  assert.equal(await shown(topic), "new");
  await client.send(new cfn.CancelUpdateStackCommand({ StackName: "cancelled" }));
  const stack = await ended(client, "cancelled");
  assert.equal(stack.StackStatus, "UPDATE_ROLLBACK_COMPLETE");
  assert.equal(await shown(topic), "old");
  assert.deepEqual(Object.keys(await resourcesOf(client, "cancelled")), ["Topic"]);
  await assert.rejects(client.send(new cfn.CancelUpdateStackCommand({ StackName: "cancelled" })), {
    message: "CancelUpdateStack cannot be called from current stack status UPDATE_ROLLBACK_COMPLETE",
  });
});
