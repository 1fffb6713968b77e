import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { BatchGetBuildsCommand, CodeBuildClient, CreateProjectCommand, ListBuildsCommand } from "@aws-sdk/client-codebuild";
import { CodeCommitClient, CreateCommitCommand, CreateRepositoryCommand } from "@aws-sdk/client-codecommit";
import * as sdk from "@aws-sdk/client-codepipeline";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { until } from "../../harness/until.ts";
import { approval, bucket, commitSource, furnish, openWorkshop, s3Deploy, s3Source, type Workshop } from "./workshop.ts";

const skip = existsSync("/usr/bin/bwrap") ? false : "bubblewrap is not installed";
let shop: Workshop;
before(async () => {
  if (skip) return;
  shop = await openWorkshop();
  await furnish(shop);
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  await shop.server.client(IAMClient).send(new CreateRoleCommand({ RoleName: "builds", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await shop.server.client(CodeBuildClient).send(
    new CreateProjectCommand({
      name: "make",
      source: { type: "CODEPIPELINE" },
      artifacts: { type: "CODEPIPELINE" },
      environment: { type: "LINUX_CONTAINER", image: "aws/codebuild/standard:7.0", computeType: "BUILD_GENERAL1_SMALL" },
      serviceRole: `arn:aws:iam::${shop.server.account}:role/builds`,
    }),
  );
});
after(() => shop?.server.stop());

const build = (more: Partial<sdk.ActionDeclaration> = {}, configuration: Record<string, string> = {}): sdk.ActionDeclaration => ({
  name: "Make",
  actionTypeId: { category: "Build", owner: "AWS", provider: "CodeBuild", version: "1" },
  configuration: { ProjectName: "make", ...configuration },
  inputArtifacts: [{ name: "Src" }],
  outputArtifacts: [{ name: "Out" }],
  ...more,
});
const ended = (name: string) => until(`${name} ends`, async () => (await shop.statuses(name)).every((status) => status !== "InProgress"));
const waits = (name: string, action: string) => until(`${name} waits for ${action}`, async () => (await shop.action(name, action))?.token);
const details = async (pipelineName: string) => {
  const { actionExecutionDetails } = await shop.client.send(new sdk.ListActionExecutionsCommand({ pipelineName }));
  return (name: string) => actionExecutionDetails!.find(({ actionName }) => actionName === name)!;
};

describe("CodeBuild", { skip }, () => {
  it("builds the source, hands on its artifact and its exported variables", async () => {
    const buildspec = `
version: 0.2
env: { exported-variables: [ANSWER, GIVEN] }
phases:
  build:
    commands:
      - mkdir out && cat a.txt > out/b.txt
      - export ANSWER=42
artifacts: { base-directory: out, files: ["**/*"] }
`;
    await shop.putSource({ "buildspec.yml": buildspec, "a.txt": "hello" });
    const given = { EnvironmentVariables: JSON.stringify([{ name: "GIVEN", value: "#{Source.VersionId}" }]) };
    const put = s3Deploy({ BucketName: bucket, Extract: "true", ObjectKey: "built-#{Make.ANSWER}" });
    await shop.create("builds", [[s3Source()], [build({ namespace: "Make" }, given)], [{ ...put, inputArtifacts: [{ name: "Out" }] }]]);
    await ended("builds");
    const of = await details("builds");
    assert.deepEqual(await shop.statuses("builds"), ["Succeeded"], JSON.stringify(of("Make").output));
    assert.deepEqual(of("Make").output!.outputVariables, { ANSWER: "42", GIVEN: of("Get").output!.outputVariables!.VersionId });
    assert.match(of("Make").output!.executionResult!.externalExecutionId!, /^make:[0-9a-f-]{36}$/);
    assert.equal((await shop.read(bucket, "built-42/b.txt")).toString(), "hello");
    const { builds } = await shop.server
      .client(CodeBuildClient)
      .send(new BatchGetBuildsCommand({ ids: [of("Make").output!.executionResult!.externalExecutionId!] }));
    assert.equal(builds![0]!.initiator, "codepipeline/builds");
  });

  it("has a second source and a second artifact, and two builds at once", async () => {
    const buildspec = `
version: 0.2
phases: { build: { commands: ["cp $CODEBUILD_SRC_DIR_Other/x.txt x.txt", "echo two > y.txt"] } }
artifacts:
  files: ["**/*"]
  secondary-artifacts:
    One: { files: [x.txt] }
    Two: { files: [y.txt] }
`;
    await shop.putSource({ "buildspec.yml": buildspec }, "first.zip");
    await shop.putSource({ "x.txt": "other" }, "second.zip");
    const other = { ...s3Source({ S3ObjectKey: "second.zip" }), name: "Other", outputArtifacts: [{ name: "Other" }], namespace: undefined };
    const outputs = (...names: string[]) => names.map((name) => ({ name }));
    const both = build({ inputArtifacts: outputs("Src", "Other"), outputArtifacts: outputs("One", "Two") }, { PrimarySource: "Src" });
    const test = build(
      { name: "Test", actionTypeId: { category: "Test", owner: "AWS", provider: "CodeBuild", version: "1" }, outputArtifacts: [] },
      { BuildspecOverride: "{version: 0.2, phases: {build: {commands: ['true']}}}" },
    );
    const deploy = (name: string) => ({
      ...s3Deploy({ BucketName: bucket, Extract: "true", ObjectKey: "several" }),
      name: `Put${name}`,
      inputArtifacts: [{ name }],
    });
    await shop.create("several", [
      [s3Source({ S3ObjectKey: "first.zip" }), other],
      [both, test],
      [deploy("One"), deploy("Two")],
    ]);
    await ended("several");
    const of = await details("several");
    assert.deepEqual(await shop.statuses("several"), ["Succeeded"], JSON.stringify([of("Make").output, of("Test").output]));
    assert.equal((await shop.read(bucket, "several/x.txt")).toString(), "other");
    assert.equal((await shop.read(bucket, "several/y.txt")).toString(), "two\n");
  });

  it("fails with what the build said, and is retried", async () => {
    const buildspec = (command: string) => ({
      "buildspec.yml": `{version: 0.2, phases: {build: {commands: ['echo so long', '${command}']}}}`,
    });
    await shop.putSource(buildspec("exit 3"), "fails.zip");
    await shop.create("fails", [[s3Source({ S3ObjectKey: "fails.zip" })], [build({ outputArtifacts: [] })], [approval("Ask")]]);
    await ended("fails");
    const { status, errorDetails } = (await shop.action("fails", "Make"))!;
    assert.equal(status, "Failed");
    assert.equal(errorDetails!.code, "JobFailed");
    assert.match(
      errorDetails!.message!,
      /^Build terminated with state: FAILED\. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, Message: .*exit 3/,
    );
    const { pipelineExecutionSummaries } = await shop.client.send(new sdk.ListPipelineExecutionsCommand({ pipelineName: "fails" }));
    const { pipelineExecutionId } = pipelineExecutionSummaries![0]!;
    await shop.client.send(
      new sdk.RetryStageExecutionCommand({ pipelineName: "fails", stageName: "Build", pipelineExecutionId, retryMode: "FAILED_ACTIONS" }),
    );
    await ended("fails");
    const { ids } = await shop.server.client(CodeBuildClient).send(new ListBuildsCommand());
    const { actionExecutionDetails } = await shop.client.send(new sdk.ListActionExecutionsCommand({ pipelineName: "fails" }));
    const made = actionExecutionDetails!
      .filter(({ actionName }) => actionName === "Make")
      .map(({ output }) => output!.executionResult!.externalExecutionId!);
    assert.equal(new Set(made).size, 2);
    assert.ok(made.every((id) => ids!.includes(id)));
  });

  it("fails by name when there is no such project", async () => {
    await shop.create("nobody", [[s3Source()], [build({ outputArtifacts: [] }, { ProjectName: "nobody" })]]);
    await ended("nobody");
    assert.match((await shop.action("nobody", "Make"))!.errorDetails!.message!, /Project cannot be found: .*nobody/);
  });

  it("checks a commit of CodeCommit out with its history", async () => {
    const commits = shop.server.client(CodeCommitClient);
    await commits.send(new CreateRepositoryCommand({ repositoryName: "app" }));
    const buildspec =
      "{version: 0.2, env: {exported-variables: [HEAD]}, phases: {build: {commands: ['export HEAD=$(git rev-parse HEAD)']}}}";
    const putFiles = [{ filePath: "buildspec.yml", fileContent: Buffer.from(buildspec) }];
    const { commitId } = await commits.send(new CreateCommitCommand({ repositoryName: "app", branchName: "main", putFiles }));
    const ask = approval("Ask", { configuration: { CustomData: "#{Make.HEAD}" } });
    await shop.create("commits", [[commitSource("app")], [build({ outputArtifacts: [], namespace: "Make" })], [ask]]);
    await waits("commits", "Ask");
    assert.equal((await details("commits"))("Ask").input!.resolvedConfiguration!.CustomData, commitId);
  });

  it("is stopped when its pipeline is deleted", async () => {
    await shop.putSource({ "buildspec.yml": "{version: 0.2, phases: {build: {commands: ['sleep 600']}}}" }, "long.zip");
    await shop.create("long", [[s3Source({ S3ObjectKey: "long.zip" })], [build({ outputArtifacts: [] })]]);
    const id = await until("the build runs", async () => (await shop.action("long", "Make"))?.externalExecutionId);
    await shop.client.send(new sdk.DeletePipelineCommand({ name: "long" }));
    const codebuild = shop.server.client(CodeBuildClient);
    const status = await until("the build ends", async () => {
      const { builds } = await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
      return builds![0]!.buildComplete && builds![0]!.buildStatus;
    });
    assert.equal(status, "STOPPED");
  });
});
