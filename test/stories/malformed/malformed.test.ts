/** What is broken is refused or fails with its place named, stops the way where it stands, and leaves nothing half-made behind. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import * as cloudformation from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { BatchGetBuildsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { CodeCommitClient, GetBranchCommand, GetCommitCommand } from "@aws-sdk/client-codecommit";
import * as codepipeline from "@aws-sdk/client-codepipeline";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { APPLICATION, ask, createDelivery, type Git, gitIn, outputsOf } from "../../../src/cli/sample.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";

const skip = existsSync("/usr/bin/bwrap") ? false : "bubblewrap is not installed";
const application = fileURLToPath(new URL("../../../demo/application", import.meta.url));
const logGroupName = "/aws/events/pipelines";

describe("malformed input on the way", { skip, timeout: 180_000 }, () => {
  let server: TestServer;
  let pipelines: codepipeline.CodePipelineClient;
  let stacks: cloudformation.CloudFormationClient;
  let pipelineName: string;
  let folder: string;
  let git: Git;
  let address: string;

  before(async () => {
    server = await startServer();
    pipelines = server.client(codepipeline.CodePipelineClient);
    stacks = server.client(cloudformation.CloudFormationClient);
    await server.client(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName }));
    const events = server.client(EventBridgeClient);
    await events.send(new PutRuleCommand({ Name: "all", EventPattern: JSON.stringify({ source: ["aws.codepipeline"] }) }));
    const Arn = `arn:aws:logs:${server.region}:${server.account}:log-group:${logGroupName}`;
    await events.send(new PutTargetsCommand({ Rule: "all", Targets: [{ Id: "1", Arn }] }));
    pipelineName = await createDelivery(server.config);
    folder = await mkdtemp(join(tmpdir(), "mayfly-malformed-"));
    git = gitIn(folder, {});
    const { accessKeyId, secretAccessKey } = server.credentials;
    address = `${server.endpoint.replace("://", `://${encodeURIComponent(accessKeyId)}:${encodeURIComponent(secretAccessKey)}@`)}/v1/repos/${APPLICATION}`;
    await git("init", "-q", "-b", "main");
    await git("remote", "add", "origin", address);
  });
  after(async () => {
    await server?.stop();
    if (folder) await rm(folder, { recursive: true });
  });

  /** The sample with these files in place of its own, pushed. */
  const push = async (files: Record<string, string>): Promise<string> => {
    await cp(application, folder, { recursive: true });
    for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
    await git("add", "-A");
    await git("commit", "-q", "-m", "A change");
    await git("push", "-q", "origin", "main");
    return git("rev-parse", "HEAD");
  };
  /** How the run of a commit ended. */
  const outcome = async (revision: string) => {
    const execution = await until("the run ends", async () => {
      const { pipelineExecutionSummaries = [] } = await pipelines.send(new codepipeline.ListPipelineExecutionsCommand({ pipelineName }));
      const found = pipelineExecutionSummaries.find(({ sourceRevisions }) =>
        sourceRevisions?.some(({ revisionId }) => revisionId === revision),
      );
      return found?.status !== "InProgress" && found;
    });
    const filter = { pipelineExecutionId: execution.pipelineExecutionId as string };
    const { actionExecutionDetails = [] } = await pipelines.send(new codepipeline.ListActionExecutionsCommand({ pipelineName, filter }));
    const failed = actionExecutionDetails.find(({ status }) => status === "Failed");
    return { id: filter.pipelineExecutionId, status: execution.status, failed: failed?.actionName, ...failed?.output?.executionResult };
  };
  const buildOf = async (id: string | undefined) =>
    (await server.client(CodeBuildClient).send(new BatchGetBuildsCommand({ ids: [id as string] }))).builds?.[0];
  const stackNames = async () => {
    const { Stacks = [] } = await stacks.send(new cloudformation.DescribeStacksCommand({}));
    return Stacks.map(({ StackName }) => StackName).sort();
  };
  /** Everything a stack could have made. */
  const everything = async () => {
    const [roles, buckets, functions] = await Promise.all([
      server.client(IAMClient).send(new ListRolesCommand({})),
      server.client(S3Client).send(new ListBucketsCommand({})),
      server.client(LambdaClient).send(new ListFunctionsCommand({})),
    ]);
    return [
      ...(roles.Roles ?? []).map(({ RoleName }) => `role ${RoleName}`),
      ...(buckets.Buckets ?? []).map(({ Name }) => `bucket ${Name}`),
      ...(functions.Functions ?? []).map(({ FunctionName }) => `function ${FunctionName}`),
    ].sort();
  };

  it("a buildspec that is no YAML: the build and the action say the file and the line, and nothing is deployed", async () => {
    const before = await everything();
    const { status, failed, errorDetails, externalExecutionId } = await outcome(
      await push({ "buildspec.yml": "version: 0.2\nphases:\n  build:\n    commands: [unclosed\n" }),
    );
    assert.deepEqual([status, failed, errorDetails?.code], ["Failed", "Build", "JobFailed"]);
    assert.match(errorDetails?.message ?? "", /Phase: DOWNLOAD_SOURCE, Code: YAML_FILE_ERROR, Message: buildspec\.yml: .*line [45]/);
    const build = await buildOf(externalExecutionId);
    assert.equal(build?.buildStatus, "FAILED");
    const [context] = build?.phases?.find(({ phaseType }) => phaseType === "DOWNLOAD_SOURCE")?.contexts ?? [];
    assert.equal(context?.statusCode, "YAML_FILE_ERROR");
    assert.match(context?.message ?? "", /line [45]/);
    assert.deepEqual(await stackNames(), ["delivery"]);
    assert.deepEqual(await everything(), before);
  });

  it("a command that fails: the action's error and the event tell the command, its exit code and the last lines", async () => {
    const buildspec = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo the last words\n      - sh -c 'exit 7'\n";
    const revision = await push({ "buildspec.yml": buildspec });
    const { id, status, failed, errorDetails } = await outcome(revision);
    assert.deepEqual([status, failed], ["Failed", "Build"]);
    assert.match(errorDetails?.message ?? "", /Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, Message: .*sh -c 'exit 7'.*exit status 7/);
    await server.idle();
    const { events = [] } = await server.client(CloudWatchLogsClient).send(new FilterLogEventsCommand({ logGroupName }));
    const heard = events
      .map(({ message = "" }) => JSON.parse(message))
      .filter(({ detail }) => detail["execution-id"] === id && detail.state === "FAILED");
    assert.deepEqual(
      heard.map((event) => event["detail-type"]),
      ["Action", "Stage", "Pipeline"].map((subject) => `CodePipeline ${subject} Execution State Change`),
    );
    for (const { mayfly } of heard.map(({ detail }) => detail)) {
      assert.deepEqual([mayfly.failedStage, mayfly.failedAction, mayfly.commit.id], ["Build", "Build", revision]);
      assert.match(mayfly.reason, /sh -c 'exit 7'.*exit status 7/);
      assert.match(mayfly.lastLogLines.join("\n"), /the last words/);
    }
  });

  it("a template that is no YAML: the change set's action says the line, and no stack is there", async () => {
    const { status, failed, errorDetails } = await outcome(
      await push({ "template.yml": "Resources:\n  Hello:\n    Type: AWS::S3::Bucket\n   Properties: {}\n" }),
    );
    assert.deepEqual([status, failed], ["Failed", "CreateChangeSet"]);
    assert.match(errorDetails?.message ?? "", /template.*line [345]/is);
    assert.deepEqual(await stackNames(), ["delivery"]);
  });

  it("a type nobody has: the change set's action names it", async () => {
    const template =
      "Parameters: {CodeBucket: {Type: String}, CodeKey: {Type: String}}\nResources:\n  Hello:\n    Type: AWS::Nowhere::Thing\n";
    const { status, failed, errorDetails } = await outcome(await push({ "template.yml": template }));
    assert.deepEqual([status, failed], ["Failed", "CreateChangeSet"]);
    assert.match(errorDetails?.message ?? "", /AWS::Nowhere::Thing/);
    assert.deepEqual(await stackNames(), ["delivery"]);
  });

  it("a resource that cannot be made: the stack rolls back, and nothing of it is left", async () => {
    const before = await everything();
    const template = await readFile(join(application, "template.yml"), "utf8");
    const more = "Resources:\n  Store:\n    Type: AWS::S3::Bucket\n";
    const { status, failed, errorDetails } = await outcome(
      await push({ "template.yml": template.replace("Resources:\n", more).replace("Key: !Ref CodeKey", 'Key: !Sub "${CodeKey}.nowhere"') }),
    );
    assert.deepEqual([status, failed], ["Failed", "ExecuteChangeSet"]);
    assert.match(errorDetails?.message ?? "", /Hello/, "the resource is named");
    const { Stacks = [] } = await stacks.send(new cloudformation.DescribeStacksCommand({ StackName: APPLICATION }));
    assert.equal(Stacks[0]?.StackStatus, "ROLLBACK_COMPLETE");
    assert.deepEqual(await everything(), before);
    await stacks.send(new cloudformation.DeleteStackCommand({ StackName: APPLICATION }));
    await until("it is gone", async () => !(await stackNames()).includes(APPLICATION));
  });

  it("a stack that cannot be created leaves nothing, and says the line and the key where its template is wrong", async () => {
    const before = await everything();
    const create = (TemplateBody: string) =>
      stacks.send(new cloudformation.CreateStackCommand({ StackName: "wrong", TemplateBody, Capabilities: ["CAPABILITY_IAM"] }));
    const cases: [string, RegExp][] = [
      ["Resources:\n  A: {Type: AWS::S3::Bucket\n", /line [23]/],
      ["Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Propertys: {}\n", /Propertys.*line 4/s],
      ["Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketNmae: x\n", /BucketNmae.*line 5/s],
      ["Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties: {Handler: !GetAtt Nobody.Arn}\n", /Nobody/],
      ["Resources:\n  A: {Type: AWS::Nowhere::Thing}\n", /AWS::Nowhere::Thing/],
      ["Resources:\n  A: {Type: AWS::EC2::Instance}\n", /AWS::EC2::Instance.*not implemented/s],
    ];
    for (const [text, place] of cases) await assert.rejects(create(text), { name: "ValidationError", message: place });
    await create(
      [
        "Resources:",
        "  Store: {Type: AWS::S3::Bucket}",
        "  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}}}",
        "  Code: {Type: AWS::Lambda::Function, Properties: {Runtime: nodejs22.x, Handler: index.handler, Role: !GetAtt Role.Arn, Code: {ZipFile: 'exports.handler = async () => 1'}}}",
        "  Broken: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Code, FunctionVersion: '99', Name: live}, DependsOn: Store}",
      ].join("\n"),
    );
    const stack = await until("it is rolled back", async () => {
      const { Stacks = [] } = await stacks.send(new cloudformation.DescribeStacksCommand({ StackName: "wrong" }));
      return !Stacks[0]?.StackStatus?.endsWith("IN_PROGRESS") && Stacks[0];
    });
    assert.equal(stack.StackStatus, "ROLLBACK_COMPLETE");
    const { StackEvents = [] } = await stacks.send(new cloudformation.DescribeStackEventsCommand({ StackName: "wrong" }));
    const failure = StackEvents.find(({ ResourceStatus }) => ResourceStatus === "CREATE_FAILED");
    assert.equal(failure?.LogicalResourceId, "Broken");
    assert.match(failure?.ResourceStatusReason ?? "", /99/);
    assert.deepEqual(await everything(), before);
  });

  it("a pipeline that is wrong is refused with its place, and the one that is there stays as it is", async () => {
    const { pipeline } = await pipelines.send(new codepipeline.GetPipelineCommand({ name: pipelineName }));
    const [source, ...rest] = pipeline?.stages ?? [];
    const update = (stages: unknown) =>
      pipelines.send(new codepipeline.UpdatePipelineCommand({ pipeline: { ...pipeline, stages } as codepipeline.PipelineDeclaration }));
    await assert.rejects(update([source]), { name: "InvalidStructureException", message: /stages/ });
    await assert.rejects(
      update([source, { name: "Build", actions: [{ ...rest[0]?.actions?.[0], inputArtifacts: [{ name: "Nobody" }] }] }]),
      {
        name: "InvalidActionDeclarationException",
        message: /Nobody/,
      },
    );
    await assert.rejects(update([source, { name: "Build", actions: "none" }]), /stages\.2\.member\.actions|stages.*actions/);
    // Clients cannot send what is no JSON at all.
    const broken = server.client(codepipeline.CodePipelineClient);
    broken.middlewareStack.add(
      (next) => (call) => next({ ...call, request: Object.assign(call.request as object, { body: '{"pipeline": {"name": ' }) }),
      { step: "build", priority: "high" },
    );
    await assert.rejects(
      broken.send(new codepipeline.UpdatePipelineCommand({ pipeline })),
      (error: Error & { $metadata?: { httpStatusCode?: number } }) => {
        assert.equal(error.name, "SerializationException");
        assert.equal(error.$metadata?.httpStatusCode, 400);
        return true;
      },
    );
    assert.deepEqual((await pipelines.send(new codepipeline.GetPipelineCommand({ name: pipelineName }))).pipeline, pipeline);
  });

  it("a pack that is broken is refused: no branch moves, nothing is stored, no run starts", async () => {
    const commits = server.client(CodeCommitClient);
    const head = async () =>
      (await commits.send(new GetBranchCommand({ repositoryName: APPLICATION, branchName: "main" }))).branch?.commitId as string;
    const runs = async () =>
      (await pipelines.send(new codepipeline.ListPipelineExecutionsCommand({ pipelineName }))).pipelineExecutionSummaries?.length;
    const [before, runsBefore] = [await head(), await runs()];
    await git("commit", "-q", "--allow-empty", "-m", "Never arrives");
    const wanted = await git("rev-parse", "HEAD");
    const pack = execFileSync("git", ["pack-objects", "--revs", "--stdout", "-q"], { cwd: folder, input: `${wanted}\n^${before}\n` });
    const flipped = Buffer.from(pack);
    flipped[pack.length - 25] = (flipped[pack.length - 25] as number) ^ 0xff;
    for (const bytes of [flipped, pack.subarray(0, -10)]) {
      const order = `${before} ${wanted} refs/heads/main\0report-status`;
      const line = `${(order.length + 4).toString(16).padStart(4, "0")}${order}0000`;
      const { username, password, origin, pathname } = new URL(address);
      const answer = await fetch(`${origin}${pathname}/git-receive-pack`, {
        method: "POST",
        headers: {
          authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`,
          "content-type": "application/x-git-receive-pack-request",
        },
        body: Buffer.concat([Buffer.from(line), bytes]),
      });
      assert.match(await answer.text(), /unpack (?!ok)[\s\S]*ng refs\/heads\/main/);
    }
    await server.idle();
    assert.equal(await head(), before);
    await assert.rejects(commits.send(new GetCommitCommand({ repositoryName: APPLICATION, commitId: wanted })), {
      name: "CommitIdDoesNotExistException",
    });
    assert.equal(await runs(), runsBefore);
    await git("reset", "-q", "--hard", before);
  });

  it("what is put right is delivered", async () => {
    const revision = await push({});
    const { status } = await outcome(revision);
    assert.equal(status, "Succeeded");
    const { Url = "" } = await outputsOf(server.config, APPLICATION);
    assert.match((await ask(Url)).body, new RegExp(revision));
  });
});
