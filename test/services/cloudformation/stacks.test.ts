/** Stacks from birth to death: created, updated in place and by replacement, rolled back, deleted. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as cfn from "@aws-sdk/client-cloudformation";
import { GetTopicAttributesCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { startServer, type TestServer } from "../../harness/server.ts";
import { ended, eventLines, resourcesOf, stackOf } from "./steps.ts";

let server: TestServer;
let client: cfn.CloudFormationClient;
let sns: SNSClient;
before(async () => {
  server = await startServer();
  client = server.client(cfn.CloudFormationClient);
  sns = server.client(SNSClient);
});
after(() => server.stop());

const create = async (StackName: string, TemplateBody: string, more: Partial<cfn.CreateStackCommandInput> = {}) => {
  const { StackId = "" } = await client.send(new cfn.CreateStackCommand({ StackName, TemplateBody, ...more }));
  return ended(client, StackId);
};
const update = async (StackName: string, TemplateBody: string, more: Partial<cfn.UpdateStackCommandInput> = {}) => {
  const { StackId = "" } = await client.send(new cfn.UpdateStackCommand({ StackName, TemplateBody, ...more }));
  return ended(client, StackId);
};
const displayName = async (TopicArn: string) => (await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes?.DisplayName;
const topics = async () => (await sns.send(new ListTopicsCommand({}))).Topics?.map(({ TopicArn = "" }) => TopicArn.split(":").at(-1)) ?? [];

test("a stack is created, and tells of it", async () => {
  const stack = await create(
    "first",
    "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\nOutputs:\n  Arn:\n    Value: !Ref Topic\n    Description: where\n",
  );
  assert.equal(stack.StackStatus, "CREATE_COMPLETE");
  const { Topic } = await resourcesOf(client, "first");
  assert.match(Topic?.PhysicalResourceId ?? "", /^arn:aws:sns:us-east-1:123456789012:first-Topic-[A-Z0-9]{12}$/);
  assert.deepEqual(stack.Outputs, [{ OutputKey: "Arn", OutputValue: Topic?.PhysicalResourceId, Description: "where" }]);
  assert.deepEqual(await eventLines(client, "first"), [
    "first CREATE_IN_PROGRESS",
    "Topic CREATE_IN_PROGRESS",
    "Topic CREATE_COMPLETE",
    "first CREATE_COMPLETE",
  ]);
});

test("an update in place keeps the resource", async () => {
  const text = (name: string) => `Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: ${name}\n`;
  await create("inplace", text("a"));
  const before = (await resourcesOf(client, "inplace")).Topic?.PhysicalResourceId as string;
  assert.equal((await update("inplace", text("b"))).StackStatus, "UPDATE_COMPLETE");
  assert.equal((await resourcesOf(client, "inplace")).Topic?.PhysicalResourceId, before);
  assert.equal(await displayName(before), "b");
  assert.deepEqual((await eventLines(client, "inplace")).slice(4), [
    "inplace UPDATE_IN_PROGRESS",
    "Topic UPDATE_IN_PROGRESS",
    "Topic UPDATE_COMPLETE",
    "inplace UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "inplace UPDATE_COMPLETE",
  ]);
});

test("a replacement makes the new one first and deletes the old one last", async () => {
  const text = (name: string) =>
    `Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: ${name}\nOutputs:\n  Arn:\n    Value: !Ref Topic\n`;
  await create("replaced", text("one"));
  const stack = await update("replaced", text("two"));
  assert.equal(stack.StackStatus, "UPDATE_COMPLETE");
  assert.match(stack.Outputs?.[0]?.OutputValue ?? "", /:two$/);
  const names = await topics();
  assert.ok(names.includes("two") && !names.includes("one"));
  assert.deepEqual((await eventLines(client, "replaced")).slice(5), [
    "Topic UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.",
    "Topic UPDATE_COMPLETE",
    "replaced UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "Topic DELETE_IN_PROGRESS",
    "Topic DELETE_COMPLETE",
    "replaced UPDATE_COMPLETE",
  ]);
});

test("what is removed from the template is deleted, or kept where its policy says so", async () => {
  await create(
    "shrinking",
    "Resources:\n  A: {Type: AWS::SNS::Topic}\n  B: {Type: AWS::SNS::Topic, Properties: {TopicName: gone}}\n  C: {Type: AWS::SNS::Topic, DeletionPolicy: Retain, Properties: {TopicName: kept}}\n",
  );
  await update("shrinking", "Resources:\n  A: {Type: AWS::SNS::Topic}\n");
  const names = await topics();
  assert.ok(!names.includes("gone") && names.includes("kept"));
  assert.deepEqual(Object.keys(await resourcesOf(client, "shrinking")), ["A"]);
  assert.ok((await eventLines(client, "shrinking")).includes("C DELETE_SKIPPED"));
});

test("a creation that fails is taken back whole", async () => {
  const stack = await create(
    "failing",
    "Resources:\n  A: {Type: AWS::SNS::Topic, Properties: {TopicName: made-in-vain}}\n  B: {Type: AWS::SNS::Topic, DependsOn: A, Properties: {TopicName: 'not a name'}}\n  C: {Type: AWS::SNS::Topic, DependsOn: B}\n",
  );
  assert.equal(stack.StackStatus, "ROLLBACK_COMPLETE");
  assert.ok(!(await topics()).includes("made-in-vain"));
  const lines = await eventLines(client, "failing");
  assert.match(lines.find((line) => line.startsWith("B CREATE_FAILED")) ?? "", /Invalid parameter/);
  assert.ok(lines.includes("failing ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [B]. Rollback requested by user."));
  assert.ok(!lines.some((line) => line.startsWith("C CREATE_IN_PROGRESS")));
  await assert.rejects(
    client.send(new cfn.UpdateStackCommand({ StackName: "failing", TemplateBody: "Resources:\n  A: {Type: AWS::SNS::Topic}\n" })),
    {
      message: `Stack:${stack.StackId} is in ROLLBACK_COMPLETE state and can not be updated.`,
    },
  );
});

test("OnFailure", async () => {
  const bad =
    "Resources:\n  A: {Type: AWS::SNS::Topic, Properties: {TopicName: half-way}}\n  B: {Type: AWS::SNS::Topic, DependsOn: A, Properties: {TopicName: 'not a name'}}\n";
  assert.equal((await create("deleted", bad, { OnFailure: "DELETE" })).StackStatus, "DELETE_COMPLETE");
  await assert.rejects(stackOf(client, "deleted"), { message: "Stack with id deleted does not exist" });
  assert.equal((await create("kept", bad, { OnFailure: "DO_NOTHING" })).StackStatus, "CREATE_FAILED");
  assert.ok((await topics()).includes("half-way"));
  const mended = await update("kept", bad.replace("not a name", "a-name"));
  assert.equal(mended.StackStatus, "UPDATE_COMPLETE");
  assert.ok((await topics()).includes("a-name"));
});

test("an update that fails restores what stood", async () => {
  const text = (name: string, display: string, more = "") =>
    `Resources:\n  A: {Type: AWS::SNS::Topic, Properties: {DisplayName: ${display}}}\n  R: {Type: AWS::SNS::Topic, Properties: {TopicName: ${name}, DisplayName: !GetAtt A.TopicName}}\n${more}`;
  await create("restored", text("before", "old"));
  const first = await resourcesOf(client, "restored");
  const stack = await update(
    "restored",
    text(
      "after",
      "new",
      "  N: {Type: AWS::SNS::Topic, Properties: {TopicName: brand-new}}\n  Bad: {Type: AWS::SNS::Topic, DependsOn: [R, N], Properties: {TopicName: 'not a name'}}\n",
    ),
  );
  assert.equal(stack.StackStatus, "UPDATE_ROLLBACK_COMPLETE");
  const names = await topics();
  assert.ok(names.includes("before") && !names.includes("after") && !names.includes("brand-new"));
  const second = await resourcesOf(client, "restored");
  assert.deepEqual(Object.keys(second), ["A", "R"]);
  assert.equal(second.R?.PhysicalResourceId, first.R?.PhysicalResourceId);
  assert.equal(await displayName(first.A?.PhysicalResourceId as string), "old");
  const lines = await eventLines(client, "restored");
  assert.ok(lines.includes("restored UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Bad]."));
  assert.equal(lines.at(-1), "restored UPDATE_ROLLBACK_COMPLETE");
  assert.equal((await update("restored", text("before", "newer"))).StackStatus, "UPDATE_COMPLETE");
});

test("a failed update without rollback can be rolled back later", async () => {
  const text = (display: string, bad = "") => `Resources:\n  A: {Type: AWS::SNS::Topic, Properties: {DisplayName: ${display}}}\n${bad}`;
  await create("later", text("old"));
  const id = (await resourcesOf(client, "later")).A?.PhysicalResourceId as string;
  const stack = await update("later", text("new", "  B: {Type: AWS::SNS::Topic, DependsOn: A, Properties: {TopicName: 'not a name'}}\n"), {
    DisableRollback: true,
  });
  assert.equal(stack.StackStatus, "UPDATE_FAILED");
  assert.equal(await displayName(id), "new");
  await client.send(new cfn.RollbackStackCommand({ StackName: "later" }));
  assert.equal((await ended(client, "later")).StackStatus, "UPDATE_ROLLBACK_COMPLETE");
  assert.equal(await displayName(id), "old");
});

test("a name the template gives and somebody else has", async () => {
  await create("owner", "Resources:\n  A: {Type: AWS::IAM::Group, Properties: {GroupName: taken}}\n", {
    Capabilities: ["CAPABILITY_NAMED_IAM"],
  });
  const stack = await create("robber", "Resources:\n  A: {Type: AWS::IAM::Group, Properties: {GroupName: taken}}\n", {
    Capabilities: ["CAPABILITY_NAMED_IAM"],
  });
  assert.equal(stack.StackStatus, "ROLLBACK_COMPLETE");
  assert.ok((await eventLines(client, "robber")).includes("A CREATE_FAILED taken already exists"));
  await client.send(new cfn.DeleteStackCommand({ StackName: "robber" }));
  await ended(client, stack.StackId as string);
  assert.equal((await resourcesOf(client, "owner")).A?.PhysicalResourceId, "taken");
});

test("deletion, and a stack of the same name again", async () => {
  const text = "Resources:\n  A: {Type: AWS::SNS::Topic}\n  B: {Type: AWS::SNS::Topic, DependsOn: A}\n";
  const { StackId } = await create("mortal", text);
  await client.send(new cfn.DeleteStackCommand({ StackName: "mortal" }));
  const dead = await ended(client, StackId as string);
  assert.equal(dead.StackStatus, "DELETE_COMPLETE");
  const lines = (await eventLines(client, StackId as string)).slice(-6);
  assert.deepEqual(lines, [
    "mortal DELETE_IN_PROGRESS",
    "B DELETE_IN_PROGRESS",
    "B DELETE_COMPLETE",
    "A DELETE_IN_PROGRESS",
    "A DELETE_COMPLETE",
    "mortal DELETE_COMPLETE",
  ]);
  await assert.rejects(stackOf(client, "mortal"), { name: "ValidationError", message: "Stack with id mortal does not exist" });
  const again = await create("mortal", text);
  assert.notEqual(again.StackId, StackId);
  await client.send(new cfn.DeleteStackCommand({ StackName: "no-such-stack" }));
});

test("termination protection", async () => {
  await create("protected", "Resources:\n  A: {Type: AWS::SNS::Topic}\n", { EnableTerminationProtection: true });
  await assert.rejects(
    client.send(new cfn.DeleteStackCommand({ StackName: "protected" })),
    /cannot be deleted while TerminationProtection is enabled/,
  );
  await client.send(new cfn.UpdateTerminationProtectionCommand({ StackName: "protected", EnableTerminationProtection: false }));
  await client.send(new cfn.DeleteStackCommand({ StackName: "protected" }));
});

test("nothing to update, no such stack, no capability", async () => {
  const text = "Resources:\n  A: {Type: AWS::SNS::Topic}\n";
  await create("idle", text);
  const refused = (work: Promise<unknown>, name: string, message: string | RegExp) => assert.rejects(work, { name, message });
  await refused(
    client.send(new cfn.UpdateStackCommand({ StackName: "idle", TemplateBody: text })),
    "ValidationError",
    "No updates are to be performed.",
  );
  await refused(
    client.send(new cfn.UpdateStackCommand({ StackName: "idle", TemplateBody: `Description: x\n${text}` })),
    "ValidationError",
    "No updates are to be performed.",
  );
  await refused(
    client.send(new cfn.UpdateStackCommand({ StackName: "nobody", TemplateBody: text })),
    "ValidationError",
    "Stack [nobody] does not exist",
  );
  await refused(
    client.send(new cfn.DescribeStacksCommand({ StackName: "nobody" })),
    "ValidationError",
    "Stack with id nobody does not exist",
  );
  await refused(
    client.send(new cfn.CreateStackCommand({ StackName: "idle", TemplateBody: text })),
    "AlreadyExistsException",
    "Stack [idle] already exists",
  );
  const role =
    "Resources:\n  R: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}}}}\n";
  await refused(
    client.send(new cfn.CreateStackCommand({ StackName: "iam", TemplateBody: role })),
    "InsufficientCapabilitiesException",
    "Requires capabilities : [CAPABILITY_IAM]",
  );
  await refused(
    client.send(new cfn.CreateStackCommand({ StackName: "iam", TemplateBody: "Resources:\n  R: {Type: AWS::EC2::Instance}\n" })),
    "ValidationError",
    /Unrecognized resource types: \[AWS::EC2::Instance\] \(not implemented by Mayfly/,
  );
  await refused(
    client.send(new cfn.CreateStackCommand({ StackName: "iam", TemplateBody: "Resources:\n  R: {Type: AWS::Nope::Nope}\n" })),
    "ValidationError",
    "Template format error: Unrecognized resource types: [AWS::Nope::Nope]",
  );
  await refused(
    client.send(
      new cfn.CreateStackCommand({ StackName: "iam", TemplateBody: "Resources:\n  R: {Type: AWS::SNS::Topic, Properties: {Nmae: x}}\n" }),
    ),
    "ValidationError",
    /Encountered unsupported property Nmae \(line 2/,
  );
  await refused(stackOf(client, "iam"), "ValidationError", "Stack with id iam does not exist");
});
