/**
 * The server is killed at moments spread over a run. After each restart the run goes on or ends honestly,
 * an acknowledged push is there, and no deploy is done twice.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { BatchGetBuildsCommand, CodeBuildClient, ListBuildsCommand } from "@aws-sdk/client-codebuild";
import { CodeCommitClient, GetBranchCommand } from "@aws-sdk/client-codecommit";
import { CodePipelineClient, ListActionExecutionsCommand, ListPipelineExecutionsCommand } from "@aws-sdk/client-codepipeline";
import { CloudFormationClient, DescribeStackEventsCommand } from "@aws-sdk/client-cloudformation";
import { LambdaClient, ListVersionsByFunctionCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { APPLICATION, ask, createDelivery, type Git, outputsOf, sampleIn } from "../../../src/cli/sample.ts";
import { clientConfig, readCredentials } from "../../../src/cli/server.ts";
import { type ServerProcess, startProcess } from "../../harness/process.ts";
import { until } from "../../harness/until.ts";

const skip = existsSync("/usr/bin/bwrap") ? false : "bubblewrap is not installed";
/** Milliseconds after the push; a run takes about half a second, so these fall into every part of it. */
const KILLS = [5, 40, 90, 160, 240, 330, 450];

describe("kill -9 in the middle of a run", { skip, timeout: 240_000 }, () => {
  let server: ServerProcess;
  let git: Git;
  let folder: string;
  let pipeline: string;
  let pushes = 0;
  const config = () => ({ ...clientConfig({ endpoint: server.endpoint, credentials: readCredentials(server.data) }, "us-east-1"), maxAttempts: 5 });

  before(async () => {
    server = await startProcess();
    pipeline = await createDelivery(config());
    folder = join(server.data, "work");
    git = await sampleIn(folder, { data: server.data, endpoint: server.endpoint });
  });
  after(() => server?.end());

  const commit = async (n: number): Promise<string> => {
    const file = join(folder, "src/index.mjs");
    await writeFile(file, readFileSync(file, "utf8").replace(/const greeting = ".*";/, `const greeting = "Hello, world ${n}";`));
    await git("add", "-A");
    await git("commit", "-q", "-m", `Change ${n}`);
    return git("rev-parse", "HEAD");
  };
  const executionOf = async (revision: string) => {
    const { pipelineExecutionSummaries = [] } = await new CodePipelineClient(config()).send(new ListPipelineExecutionsCommand({ pipelineName: pipeline }));
    return pipelineExecutionSummaries.filter(({ sourceRevisions }) => sourceRevisions?.some(({ revisionId }) => revisionId === revision));
  };

  it("delivers once without any kill", async () => {
    const revision = await commit(-1);
    await git("push", "-q", "-u", "origin", "main");
    pushes++;
    await until("the first delivery", async () => (await executionOf(revision))[0]?.status === "Succeeded");
  });

  for (const [n, ms] of KILLS.entries())
    it(`${ms} ms after a push was acknowledged`, async () => {
      const revision = await commit(n);
      await git("push", "-q", "origin", "main");
      pushes++;
      await pause(ms);
      await server.kill();
      await server.restart();
      const { branch } = await new CodeCommitClient(config()).send(new GetBranchCommand({ repositoryName: APPLICATION, branchName: "main" }));
      assert.equal(branch?.commitId, revision, "the push is there");
      await until("the run ends", async () => (await executionOf(revision))[0]?.status === "Succeeded");
      assert.equal((await executionOf(revision)).length, 1, "one push is one execution");
      const [execution] = await executionOf(revision);
      const { actionExecutionDetails = [] } = await new CodePipelineClient(config()).send(
        new ListActionExecutionsCommand({ pipelineName: pipeline, filter: { pipelineExecutionId: execution?.pipelineExecutionId as string } }),
      );
      assert.deepEqual(actionExecutionDetails.map(({ actionName }) => actionName).sort(), ["Build", "CreateChangeSet", "ExecuteChangeSet", "Source"]);
      const { Url = "" } = await outputsOf(config(), APPLICATION);
      assert.ok((await ask(Url)).body.includes(revision), "the commit is live");
    });

  it("did no build and no deploy twice", async () => {
    const codebuild = new CodeBuildClient(config());
    const { ids = [] } = await codebuild.send(new ListBuildsCommand({}));
    const { builds = [] } = await codebuild.send(new BatchGetBuildsCommand({ ids }));
    assert.equal(builds.length, pushes, "a build for each push");
    assert.ok(builds.every(({ buildStatus }) => buildStatus === "SUCCEEDED"));
    const lambda = new LambdaClient(config());
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    const { Versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: Functions[0]?.FunctionName }));
    assert.deepEqual(
      Versions.map(({ Version }) => Version),
      ["$LATEST", ...Array.from({ length: pushes }, (_, i) => String(i + 1))],
      "a version for each push",
    );
    const { StackEvents = [] } = await new CloudFormationClient(config()).send(new DescribeStackEventsCommand({ StackName: APPLICATION }));
    const updates = StackEvents.filter(({ ResourceType, ResourceStatus }) => ResourceType === "AWS::CloudFormation::Stack" && ResourceStatus === "UPDATE_COMPLETE");
    assert.equal(updates.length, pushes - 1, "a stack update for each push after the first");
  });
});
