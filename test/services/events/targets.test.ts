import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  ListBuildsForProjectCommand,
  StopBuildCommand,
} from "@aws-sdk/client-codebuild";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CodePipelineClient, CreatePipelineCommand, ListPipelineExecutionsCommand } from "@aws-sdk/client-codepipeline";
import * as events from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { startServer, type TestServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";

let server: TestServer;
let client: events.EventBridgeClient;
let roleArn: string;
before(async () => {
  server = await startServer();
  client = server.client(events.EventBridgeClient);
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { Service: ["events.amazonaws.com", "codepipeline.amazonaws.com"] },
      Action: "sts:AssumeRole",
    },
  });
  roleArn = (await server.client(IAMClient).send(new CreateRoleCommand({ RoleName: "starter", AssumeRolePolicyDocument }))).Role
    ?.Arn as string;
});
after(() => server.stop());

const rule = async (Name: string, target: Partial<events.Target>) => {
  await client.send(new events.PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: [Name] }) }));
  await client.send(new events.PutTargetsCommand({ Rule: Name, Targets: [{ Id: "t", Arn: undefined, ...target }] }));
};
const put = (source: string, ...details: object[]) =>
  client.send(
    new events.PutEventsCommand({
      Entries: details.map((detail) => ({ Source: source, DetailType: "Thing", Detail: JSON.stringify(detail) })),
    }),
  );

describe("a log group", () => {
  it("gets a line for each event, in their order", async () => {
    const logs = server.client(CloudWatchLogsClient);
    await logs.send(new CreateLogGroupCommand({ logGroupName: "/events/all" }));
    await rule("logged", { Arn: `arn:aws:logs:us-east-1:${server.account}:log-group:/events/all:*` });
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    await put("logged", ...numbers.slice(0, 10).map((number) => ({ number })));
    await put("logged", ...numbers.slice(10).map((number) => ({ number })));
    await server.idle();
    const found = await logs.send(new FilterLogEventsCommand({ logGroupName: "/events/all" }));
    assert.deepEqual(
      found.events?.map(({ message }) => JSON.parse(message as string).detail.number),
      numbers,
    );
  });

  it("that is not there leaves the others alone", async () => {
    await rule("lost", { Arn: `arn:aws:logs:us-east-1:${server.account}:log-group:/nowhere` });
    await put("lost", {});
    await server.idle();
    assert.match(server.log(), /a target did not take an event .*nowhere/);
  });
});

describe("a pipeline", () => {
  const pipelines = () => server.client(CodePipelineClient);
  const executions = async () =>
    (await pipelines().send(new ListPipelineExecutionsCommand({ pipelineName: "started" }))).pipelineExecutionSummaries ?? [];
  before(async () => {
    const s3 = server.client(S3Client);
    for (const Bucket of ["sources", "artifacts"]) await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket: "sources", VersioningConfiguration: { Status: "Enabled" } }));
    await pipelines().send(
      new CreatePipelineCommand({
        pipeline: {
          name: "started",
          roleArn,
          artifactStore: { type: "S3", location: "artifacts" },
          stages: [
            {
              name: "Source",
              actions: [
                {
                  name: "Get",
                  actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
                  configuration: { S3Bucket: "sources", S3ObjectKey: "a.zip", PollForSourceChanges: "false" },
                  outputArtifacts: [{ name: "Src" }],
                },
              ],
            },
            {
              name: "Wait",
              actions: [{ name: "Ask", actionTypeId: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" } }],
            },
          ],
        },
      }),
    );
    await server.idle();
  });

  it("is started by an event, as the target's role", async () => {
    const before = (await executions()).length;
    await rule("starting", { Arn: `arn:aws:codepipeline:us-east-1:${server.account}:started`, RoleArn: roleArn });
    await put("starting", {});
    await server.idle();
    const found = await executions();
    assert.equal(found.length, before + 1);
  });

  it("is not started as a role that there is not", async () => {
    const before = (await executions()).length;
    await rule("unable", { Arn: `arn:aws:codepipeline:us-east-1:${server.account}:started`, RoleArn: `${roleArn}-none` });
    await put("unable", {});
    await server.idle();
    assert.equal((await executions()).length, before);
    assert.match(server.log(), /a target did not take an event .*AccessDenied/);
  });
});

describe("a build project", () => {
  it("is built by an event, with what the target's input overrides", async () => {
    const builds = server.client(CodeBuildClient);
    await builds.send(
      new CreateProjectCommand({
        name: "built",
        serviceRole: roleArn,
        source: { type: "NO_SOURCE", buildspec: "version: 0.2\nphases:\n  build:\n    commands:\n      - echo built" },
        artifacts: { type: "NO_ARTIFACTS" },
        environment: { type: "LINUX_CONTAINER", computeType: "BUILD_GENERAL1_SMALL", image: "aws/codebuild/standard:7.0" },
      }),
    );
    const Input = JSON.stringify({ environmentVariablesOverride: [{ name: "WHY", value: "an event" }] });
    await rule("building", { Arn: `arn:aws:codebuild:us-east-1:${server.account}:project/built`, RoleArn: roleArn, Input });
    await put("building", {});
    const id = await until("a build", async () => (await builds.send(new ListBuildsForProjectCommand({ projectName: "built" }))).ids?.[0]);
    const found = await builds.send(new BatchGetBuildsCommand({ ids: [id] }));
    assert.deepEqual(found.builds?.[0]?.environment?.environmentVariables, [{ name: "WHY", value: "an event", type: "PLAINTEXT" }]);
    await builds.send(new StopBuildCommand({ id }));
    await server.idle();
    assert.equal((await builds.send(new ListBuildsForProjectCommand({ projectName: "built" }))).ids?.length, 1);
  });
});
