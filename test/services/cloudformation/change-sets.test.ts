import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as cfn from "@aws-sdk/client-cloudformation";
import { startServer, type TestServer } from "../../harness/server.ts";
import { ended, eventLines, resourcesOf } from "./steps.ts";

let server: TestServer;
let client: cfn.CloudFormationClient;
before(async () => {
  server = await startServer();
  client = server.client(cfn.CloudFormationClient);
});
after(() => server.stop());

const text = (name: string) =>
  `Parameters:\n  Shown: {Type: String, Default: a}\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: ${name}\n      DisplayName: !Ref Shown\n  Policy:\n    Type: AWS::SNS::TopicPolicy\n    Properties:\n      PolicyDocument: {Version: '2012-10-17', Statement: []}\n      Topics: [!Ref Topic]\n`;
const propose = async (StackName: string, more: Partial<cfn.CreateChangeSetCommandInput>) => {
  const answer = await client.send(new cfn.CreateChangeSetCommand({ StackName, ChangeSetName: "proposal", ...more }));
  return {
    ...answer,
    described: await client.send(new cfn.DescribeChangeSetCommand({ ChangeSetName: answer.Id, IncludePropertyValues: true })),
  };
};
const execute = async (StackName: string) => {
  await client.send(new cfn.ExecuteChangeSetCommand({ StackName, ChangeSetName: "proposal" }));
  return ended(client, StackName);
};

test("a stack is born of a change set", async () => {
  const { described, StackId } = await propose("born", {
    ChangeSetType: "CREATE",
    TemplateBody: text("born-topic"),
    Tags: [{ Key: "team", Value: "a" }],
  });
  assert.equal(described.Status, "CREATE_COMPLETE");
  assert.equal(described.ExecutionStatus, "AVAILABLE");
  assert.deepEqual(
    described.Changes?.map((one) => [one.ResourceChange?.Action, one.ResourceChange?.LogicalResourceId]),
    [
      ["Add", "Topic"],
      ["Add", "Policy"],
    ],
  );
  const waiting = await client.send(new cfn.DescribeStacksCommand({ StackName: "born" }));
  assert.equal(waiting.Stacks?.[0]?.StackStatus, "REVIEW_IN_PROGRESS");
  const stack = await execute("born");
  assert.equal(stack.StackStatus, "CREATE_COMPLETE");
  assert.equal(stack.StackId, StackId);
  assert.equal(stack.ChangeSetId, described.ChangeSetId);
  assert.deepEqual(stack.Tags, [{ Key: "team", Value: "a" }]);
  assert.deepEqual((await eventLines(client, "born")).slice(0, 2), ["born REVIEW_IN_PROGRESS", "born CREATE_IN_PROGRESS"]);
  const executed = await client.send(new cfn.DescribeChangeSetCommand({ ChangeSetName: described.ChangeSetId }));
  assert.equal(executed.ExecutionStatus, "EXECUTE_COMPLETE");
});

test("an update says what it would do, and then does it", async () => {
  await propose("changed", { ChangeSetType: "CREATE", TemplateBody: text("changed-one") });
  await execute("changed");
  const { described } = await propose("changed", {
    TemplateBody: text("changed-two"),
    Parameters: [{ ParameterKey: "Shown", ParameterValue: "b" }],
  });
  const [topic, policy] = described.Changes?.map((one) => one.ResourceChange) ?? [];
  assert.deepEqual([topic?.Action, topic?.Replacement, topic?.PolicyAction], ["Modify", "True", "ReplaceAndDelete"]);
  assert.deepEqual(
    topic?.Details?.map((one) => [
      one.Target?.Name,
      one.Target?.RequiresRecreation,
      one.ChangeSource,
      one.CausingEntity,
      one.Target?.BeforeValue,
      one.Target?.AfterValue,
    ]),
    [
      ["TopicName", "Always", "DirectModification", undefined, "changed-one", "changed-two"],
      ["DisplayName", "Never", "ParameterReference", "Shown", "a", "b"],
    ],
  );
  assert.deepEqual(
    [policy?.Action, policy?.Replacement, policy?.Details?.[0]?.Evaluation, policy?.Details?.[0]?.CausingEntity],
    ["Modify", "False", "Dynamic", "Topic"],
  );
  const stack = await execute("changed");
  assert.equal(stack.StackStatus, "UPDATE_COMPLETE");
  assert.match((await resourcesOf(client, "changed")).Topic?.PhysicalResourceId ?? "", /:changed-two$/);
});

test("without changes it fails, in the words that clients look for", async () => {
  await propose("still", { ChangeSetType: "CREATE", TemplateBody: text("still-topic") });
  await execute("still");
  const { described } = await propose("still", { TemplateBody: text("still-topic") });
  assert.equal(described.Status, "FAILED");
  assert.equal(
    described.StatusReason,
    "The submitted information didn't contain changes. Submit different information to create a change set.",
  );
  assert.equal(described.ExecutionStatus, "UNAVAILABLE");
  await assert.rejects(client.send(new cfn.ExecuteChangeSetCommand({ StackName: "still", ChangeSetName: "proposal" })), {
    name: "InvalidChangeSetStatusException",
  });
  await client.send(new cfn.DeleteChangeSetCommand({ StackName: "still", ChangeSetName: "proposal" }));
  await client.send(new cfn.DeleteChangeSetCommand({ StackName: "still", ChangeSetName: "proposal" }));
  await assert.rejects(client.send(new cfn.DescribeChangeSetCommand({ StackName: "still", ChangeSetName: "proposal" })), {
    name: "ChangeSetNotFoundException",
    message: "ChangeSet [proposal] does not exist",
  });
});

test("names, types and tokens", async () => {
  await propose("named", { ChangeSetType: "CREATE", TemplateBody: text("named-topic"), ClientToken: "t1" });
  const first = await propose("named", { ChangeSetType: "CREATE", TemplateBody: text("named-topic"), ClientToken: "t1" });
  await assert.rejects(propose("named", { ChangeSetType: "CREATE", TemplateBody: text("named-topic") }), {
    name: "AlreadyExistsException",
  });
  await client.send(new cfn.ExecuteChangeSetCommand({ ChangeSetName: first.Id, ClientRequestToken: "go" }));
  await client.send(new cfn.ExecuteChangeSetCommand({ ChangeSetName: first.Id, ClientRequestToken: "go" }));
  assert.equal((await ended(client, "named")).StackStatus, "CREATE_COMPLETE");
  assert.equal((await eventLines(client, "named")).filter((line) => line.startsWith("named CREATE_IN_PROGRESS")).length, 1);
  await assert.rejects(propose("named", { ChangeSetType: "CREATE", TemplateBody: text("x") }), {
    message: /already exists and cannot be created again with the changeSet \[proposal\]/,
  });
  await assert.rejects(propose("nobody", { ChangeSetType: "UPDATE", TemplateBody: text("x") }), {
    message: "Stack [nobody] does not exist",
  });
  await assert.rejects(propose("named", { ChangeSetType: "IMPORT", TemplateBody: text("x") }), {
    message: "ChangeSetType IMPORT is not implemented by Mayfly",
  });
});

test("an executed change set makes the others obsolete", async () => {
  await propose("race", { ChangeSetType: "CREATE", TemplateBody: text("race-topic") });
  await execute("race");
  await client.send(new cfn.CreateChangeSetCommand({ StackName: "race", ChangeSetName: "other", TemplateBody: text("race-b") }));
  await propose("race", { TemplateBody: text("race-c") });
  await execute("race");
  const { Summaries = [] } = await client.send(new cfn.ListChangeSetsCommand({ StackName: "race" }));
  assert.deepEqual(
    Summaries.map((one) => [one.ChangeSetName, one.ExecutionStatus]),
    [["proposal", "EXECUTE_COMPLETE"]],
  );
});

test("a stack that is only proposed can be deleted", async () => {
  const { StackId } = await propose("unborn", { ChangeSetType: "CREATE", TemplateBody: text("unborn-topic") });
  await client.send(new cfn.DeleteStackCommand({ StackName: "unborn" }));
  assert.equal((await ended(client, StackId as string)).StackStatus, "DELETE_COMPLETE");
  await propose("unborn", { ChangeSetType: "CREATE", TemplateBody: text("unborn-topic") });
});
