import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CodeCommitClient, CreateBranchCommand, CreateCommitCommand, CreateRepositoryCommand } from "@aws-sdk/client-codecommit";
import * as sdk from "@aws-sdk/client-codepipeline";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { fromBufferPromise } from "yauzl";
import { approval, bucket, commitSource, furnish, openWorkshop, type Workshop } from "./workshop.ts";

let shop: Workshop;
let commits: CodeCommitClient;
before(async () => {
  shop = await openWorkshop();
  await furnish(shop);
  commits = shop.server.client(CodeCommitClient);
  await commits.send(new CreateRepositoryCommand({ repositoryName: "app" }));
});
after(() => shop.server.stop());

let head: string | undefined;
const commit = async (files: Record<string, string>, commitMessage = "change") => {
  const { commitId } = await commits.send(
    new CreateCommitCommand({
      repositoryName: "app",
      branchName: "main",
      parentCommitId: head,
      authorName: "Ann",
      email: "ann@example.com",
      commitMessage,
      putFiles: Object.entries(files).map(([filePath, content]) => ({
        filePath,
        fileContent: Buffer.from(content),
        fileMode: "EXECUTABLE" as const,
      })),
    }),
  );
  head = commitId;
  await shop.server.idle();
  return commitId!;
};

const source = async (pipelineName: string) => {
  const { actionExecutionDetails } = await shop.client.send(new sdk.ListActionExecutionsCommand({ pipelineName }));
  return actionExecutionDetails!.find(({ actionName }) => actionName === "Get")!;
};

describe("CodeCommit as a source", () => {
  it("says which branch is missing", async () => {
    await shop.create("app", [[commitSource("app")], [approval("Ask")]]);
    await shop.create("none", [[commitSource("none")], [approval("Ask")]]);
    await shop.server.idle();
    const { message, code } = (await shop.action("app", "Get"))!.errorDetails!;
    assert.equal(code, "ConfigurationError");
    assert.match(message!, /no branch named main was found in the selected AWS CodeCommit repository app\./);
    assert.match((await shop.action("none", "Get"))!.errorDetails!.message!, /no repository named none/);
    assert.deepEqual(await shop.statuses("app"), ["Failed"]);
  });

  it("starts on a push, and gives its files with their modes, its variables and what it is", async () => {
    await shop.create("deaf", [[commitSource("app", { PollForSourceChanges: "false" })], [approval("Ask")]]);
    await shop.server.idle();
    const id = await commit({ "run.sh": "echo hi", "lib/a b.txt": "text" }, "first\n\nof all\n");
    await commits.send(new CreateBranchCommand({ repositoryName: "app", branchName: "other", commitId: id }));
    await shop.server.idle();
    assert.deepEqual(await shop.statuses("app"), ["InProgress", "Failed"]);
    assert.deepEqual(await shop.statuses("deaf"), ["Failed"]);

    const { output } = await source("app");
    const { AuthorDate, CommitterDate, ...variables } = output!.outputVariables!;
    assert.deepEqual(variables, { BranchName: "main", CommitId: id, CommitMessage: "first\n\nof all\n", RepositoryName: "app" });
    assert.match(`${AuthorDate} ${CommitterDate}`, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const { key } = output!.outputArtifacts![0]!.s3location!;
    const { Metadata } = await shop.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    assert.deepEqual(Metadata, { "mayfly-repository": "app", "mayfly-commit": id, "mayfly-branch": "main" });
    const modes: Record<string, string> = {};
    const archive = await fromBufferPromise(await shop.read(bucket, key!));
    for await (const entry of archive.eachEntry())
      if (!entry.fileName.endsWith("/")) modes[entry.fileName] = (entry.externalFileAttributes >>> 16).toString(8);
    assert.deepEqual(modes, { "lib/a b.txt": "100755", "run.sh": "100755" });

    const { pipelineExecutionSummaries } = await shop.client.send(new sdk.ListPipelineExecutionsCommand({ pipelineName: "app" }));
    const { trigger, sourceRevisions } = pipelineExecutionSummaries![0]!;
    assert.equal(trigger!.triggerType, "PollForSourceChanges");
    assert.deepEqual([sourceRevisions![0]!.revisionId, sourceRevisions![0]!.revisionSummary], [id, "first\n\nof all"]);
    assert.match(sourceRevisions![0]!.revisionUrl!, new RegExp(`${id}`));
  });

  it("gives the same commit again without packing it anew, and an older one on request", async () => {
    const old = head!;
    const before = (await source("app")).output!.outputArtifacts![0]!.s3location!;
    await shop.start("app");
    await shop.server.idle();
    const again = (await source("app")).output!.outputArtifacts![0]!.s3location!;
    assert.notEqual(again.key, before.key);
    assert.deepEqual(await shop.read(bucket, again.key!), await shop.read(bucket, before.key!));
    await commit({ "run.sh": "echo ho" }, "second");
    assert.notEqual((await source("app")).output!.outputVariables!.CommitId, old);
    const sourceRevisions = [{ actionName: "Get", revisionType: "COMMIT_ID" as const, revisionValue: old }];
    await shop.client.send(new sdk.StartPipelineExecutionCommand({ name: "app", sourceRevisions }));
    await shop.server.idle();
    assert.equal((await source("app")).output!.outputVariables!.CommitId, old);
  });

  it("leaves it to a rule of EventBridge when it is told so", async () => {
    await shop.create("ruled", [[commitSource("app", { PollForSourceChanges: "false" })], [approval("Ask")]]);
    const events = shop.server.client(EventBridgeClient);
    const EventPattern = JSON.stringify({ source: ["aws.codecommit"], detail: { referenceName: ["main"] } });
    await events.send(new PutRuleCommand({ Name: "pushes", EventPattern }));
    const Arn = `arn:aws:codepipeline:us-east-1:${shop.server.account}:ruled`;
    await events.send(new PutTargetsCommand({ Rule: "pushes", Targets: [{ Id: "1", Arn, RoleArn: shop.roleArn }] }));
    await shop.server.idle();
    assert.equal((await shop.statuses("ruled")).length, 1);
    const id = await commit({ z: "z" }, "by rule");
    const { pipelineExecutionSummaries } = await shop.client.send(new sdk.ListPipelineExecutionsCommand({ pipelineName: "ruled" }));
    assert.equal(pipelineExecutionSummaries!.length, 2);
    assert.equal(pipelineExecutionSummaries![0]!.trigger?.triggerType, "CloudWatchEvent");
    assert.equal((await source("ruled")).output!.outputVariables!.CommitId, id);
  });
});
