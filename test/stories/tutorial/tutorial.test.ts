/**
 * The six phases of the tutorial and its teardown, with its templates unchanged:
 * each step by the aws CLI and git, as a person takes it.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { launcher, type ServerProcess, startProcess } from "../../harness/process.ts";
import { processes } from "../../harness/processes.ts";
import { awsCli, mustRun, withoutAws } from "../../harness/programs.ts";
import { until } from "../../harness/until.ts";

const tutorial = fileURLToPath(new URL("../../../../shared/tutorial/", import.meta.url));
const application = fileURLToPath(new URL("application/", import.meta.url));
const template = (path: string) => `file://${join(tutorial, path)}`;

const skip =
  withoutAws ||
  (!existsSync(tutorial) && "the tutorial's templates are not beside this checkout") ||
  (!existsSync("/usr/bin/mvn") && "Debian's maven is not installed") ||
  false;

describe("the tutorial", { skip, timeout: 600_000 }, () => {
  let server: ServerProcess;
  let aws: ReturnType<typeof awsCli>;
  let work: string;
  let project: string;
  let pipeline: string;
  const repository = "serverless-application";
  const app = "serverless-application";

  before(async () => {
    server = await startProcess();
    aws = awsCli(server.endpoint, server.environment);
    work = await mkdtemp(join(tmpdir(), "mayfly-tutorial-"));
  });
  after(async () => {
    await server?.end();
    await rm(work, { recursive: true, force: true });
  });

  const git = async (...args: string[]) =>
    (
      await mustRun("git", args, { cwd: join(work, repository), env: { ...server.environment, HOME: work, GIT_TERMINAL_PROMPT: "0" } })
    ).trim();

  const stackEnds = async (name: string, wanted: string) => {
    const stack = await until(
      `the stack ${name} ends`,
      async () => {
        const { Stacks } = await aws("cloudformation", "describe-stacks", "--stack-name", name);
        return !Stacks[0].StackStatus.endsWith("_IN_PROGRESS") && Stacks[0];
      },
      120,
    );
    const events =
      stack.StackStatus === wanted ? [] : (await aws("cloudformation", "describe-stack-events", "--stack-name", name)).StackEvents;
    assert.equal(stack.StackStatus, wanted, JSON.stringify(events, null, 1));
    return stack;
  };
  const resource = async (stack: string, logicalId: string): Promise<string> =>
    (await aws("cloudformation", "describe-stack-resource", "--stack-name", stack, "--logical-resource-id", logicalId)).StackResourceDetail
      .PhysicalResourceId;

  const buildLog = async (buildId: string): Promise<string> => {
    const { builds } = await aws("codebuild", "batch-get-builds", "--ids", buildId);
    const { groupName, streamName } = builds[0].logs;
    const { events } = await aws(
      "logs",
      "get-log-events",
      "--log-group-name",
      groupName,
      "--log-stream-name",
      streamName,
      "--start-from-head",
    );
    return events.map(({ message }: { message: string }) => message).join("");
  };
  const actionsOf = async (executionId: string) =>
    (await aws("codepipeline", "list-action-executions", "--pipeline-name", pipeline, "--filter", `pipelineExecutionId=${executionId}`))
      .actionExecutionDetails;
  /** Follows the execution of a commit to its end; tells everything when that is not the wanted one. */
  const executionEnds = async (
    commit: string,
    wanted: string,
    ended = (status: string) => !["InProgress", "Stopping"].includes(status),
  ) => {
    const execution = await until(
      `the pipeline ends with ${commit}`,
      async () => {
        const { pipelineExecutionSummaries } = await aws("codepipeline", "list-pipeline-executions", "--pipeline-name", pipeline);
        // biome-ignore lint/suspicious/noExplicitAny: what the CLI prints
        const found = pipelineExecutionSummaries.find(({ sourceRevisions = [] }: any) =>
          sourceRevisions.some((one: any) => one.revisionId === commit),
        );
        return found && ended(found.status) && found;
      },
      180,
    );
    if (execution.status !== wanted) {
      const actions = await actionsOf(execution.pipelineExecutionId);
      // biome-ignore lint/suspicious/noExplicitAny: what the CLI prints
      const build = actions.find(({ actionName }: any) => actionName === "Build")?.output?.executionResult?.externalExecutionId;
      assert.equal(execution.status, wanted, `${JSON.stringify(actions, null, 1)}\n${build ? await buildLog(build) : ""}`);
    }
    return execution;
  };
  const push = async (message: string): Promise<string> => {
    await git("add", "-A");
    await git("commit", "-q", "-m", message);
    await git("push", "-q", "origin", "HEAD:master");
    return git("rev-parse", "HEAD");
  };
  const use = async (from: string, to: string) => writeFile(join(work, repository, to), await readFile(join(tutorial, from)));
  const invoke = async (logicalId: string): Promise<unknown> => {
    const out = join(work, "answer.json");
    const name = await resource(app, logicalId);
    const answer = await aws(
      "lambda",
      "invoke",
      "--function-name",
      `${name}:live`,
      "--cli-binary-format",
      "raw-in-base64-out",
      "--payload",
      '"you"',
      out,
    );
    assert.equal(answer.FunctionError, undefined, await readFile(out, "utf8"));
    return JSON.parse(await readFile(out, "utf8"));
  };
  const mails = async (): Promise<{ kind: string; subject: string; text: string; link?: string }[]> =>
    JSON.parse(await mustRun(launcher, ["mail", "--json", "--to", "you@example.com", "--data", server.data]));
  const updatePipelineStack = async (phase: string, ...more: string[]) => {
    await aws(
      "cloudformation",
      "update-stack",
      "--stack-name",
      "build-pipeline",
      "--template-body",
      template(`${phase}/build-pipeline-cfn.yml`),
      "--capabilities",
      "CAPABILITY_IAM",
      ...more,
    );
    await stackEnds("build-pipeline", "UPDATE_COMPLETE");
    project = await resource("build-pipeline", "CodeBuildProject");
    pipeline = await resource("build-pipeline", "CodePipeline");
  };

  it("phase 1: a repository, and a push to it", async () => {
    await aws("cloudformation", "create-stack", "--stack-name", "repository", "--template-body", template("phase1/repository-cfn.yml"));
    await stackEnds("repository", "CREATE_COMPLETE");
    const { repositoryMetadata } = await aws("codecommit", "get-repository", "--repository-name", repository);
    await cp(application, join(work, repository), { recursive: true });
    await use("application-buildspec.yml", "buildspec.yml");
    await use("application-sam.yml", "sam.yml");
    await git("init", "-q", "-b", "master");
    await git("config", "user.email", "you@example.com");
    await git("config", "user.name", "You");
    await git("remote", "add", "origin", repositoryMetadata.cloneUrlHttp);
    const commit = await push("The application");
    const { branch } = await aws("codecommit", "get-branch", "--repository-name", repository, "--branch-name", "master");
    assert.equal(branch.commitId, commit);
  });

  it("phase 2: a build that clones from CodeCommit", async () => {
    await aws(
      "cloudformation",
      "create-stack",
      "--stack-name",
      "build-pipeline",
      "--template-body",
      template("phase2/build-pipeline-cfn.yml"),
      "--capabilities",
      "CAPABILITY_IAM",
    );
    await stackEnds("build-pipeline", "CREATE_COMPLETE");
    project = await resource("build-pipeline", "CodeBuildProject");
    const { build } = await aws("codebuild", "start-build", "--project-name", project);
    const ended = await until(
      "the build ends",
      async () => {
        const { builds } = await aws("codebuild", "batch-get-builds", "--ids", build.id);
        return builds[0].buildComplete && builds[0];
      },
      120,
    );
    assert.equal(ended.buildStatus, "SUCCEEDED", await buildLog(build.id));
    assert.equal(ended.resolvedSourceVersion, await git("rev-parse", "HEAD"));
    // biome-ignore lint/suspicious/noExplicitAny: what the CLI prints
    assert.ok(ended.phases.some(({ phaseType, phaseStatus }: any) => phaseType === "BUILD" && phaseStatus === "SUCCEEDED"));
  });

  it("phase 3: a pipeline that starts by itself when it is made", async () => {
    await updatePipelineStack("phase3");
    const execution = await executionEnds(await git("rev-parse", "HEAD"), "Succeeded");
    assert.equal(execution.trigger.triggerType, "CreatePipeline");
  });

  it("phase 4: a push is packaged and deployed", async () => {
    await updatePipelineStack("phase4");
    await use("phase4/buildspec.yml", "buildspec.yml");
    await executionEnds(await push("Package and deploy"), "Succeeded");
    await stackEnds(app, "CREATE_COMPLETE");
    assert.equal(await invoke("Lambda1"), "Lambda1 greets you");
    assert.equal(await invoke("Lambda2"), "Lambda2 greets you");
  });

  it("phase 5: the cache outlives a build, and a change goes live", async () => {
    await updatePipelineStack("phase5");
    await use("phase5/buildspec.yml", "buildspec.yml");
    await executionEnds(await push("With a cache"), "Succeeded");
    const cache = await resource("build-pipeline", "CacheBucket");
    const { Contents } = await aws("s3api", "list-objects-v2", "--bucket", cache);
    assert.ok(Contents?.length > 0, "the cache bucket holds the cache");
    const source = join(work, repository, "lambda1/src/main/java/io/symphonia/Lambda1.java");
    await writeFile(source, (await readFile(source, "utf8")).replace("greets", "salutes"));
    const execution = await executionEnds(await push("Another greeting"), "Succeeded");
    assert.equal(await invoke("Lambda1"), "Lambda1 salutes you");
    const name = await resource(app, "Lambda1");
    const alias = await aws("lambda", "get-alias", "--function-name", name, "--name", "live");
    assert.ok(Number(alias.FunctionVersion) >= 2, `live is version ${alias.FunctionVersion}`);
    // biome-ignore lint/suspicious/noExplicitAny: what the CLI prints
    const build = (await actionsOf(execution.pipelineExecutionId)).find(({ actionName }: any) => actionName === "Build").output
      .executionResult.externalExecutionId;
    assert.match(await buildLog(build), /cache/i);
  });

  it("phase 6: a person approves", async () => {
    await updatePipelineStack("phase6", "--parameters", "ParameterKey=Email,ParameterValue=you@example.com");
    const topic = await resource("build-pipeline", "CodePipelineTopic");
    const { Subscriptions } = await aws("sns", "list-subscriptions-by-topic", "--topic-arn", topic);
    assert.deepEqual([Subscriptions[0].Protocol, Subscriptions[0].Endpoint], ["email", "you@example.com"]);
    const confirmation = await until("the confirmation arrives", async () => (await mails()).find(({ kind }) => kind === "confirmation"));
    assert.equal((await fetch(confirmation.link as string)).status, 200, "a person follows the link");
    const source = join(work, repository, "lambda2/src/main/java/io/symphonia/Lambda2.java");
    await writeFile(source, (await readFile(source, "utf8")).replace("greets", "welcomes"));
    const commit = await push("A change that wants approval");
    const token = await until(
      "the approval of that commit waits",
      async () => {
        const { stageStates } = await aws("codepipeline", "get-pipeline-state", "--name", pipeline);
        const [source, , deploy] = stageStates;
        // biome-ignore lint/suspicious/noExplicitAny: what the CLI prints
        const waiting = deploy.actionStates.find(({ actionName }: any) => actionName === "Approve")?.latestExecution;
        const mine = source.latestExecution.pipelineExecutionId === deploy.latestExecution?.pipelineExecutionId;
        if (!waiting?.token) return false;
        const { pipelineExecution } = await aws(
          "codepipeline",
          "get-pipeline-execution",
          "--pipeline-name",
          pipeline,
          "--pipeline-execution-id",
          deploy.latestExecution.pipelineExecutionId,
        );
        // Another execution (of the pipeline's own update) may wait before ours: it is let through.
        if (!mine || pipelineExecution.artifactRevisions?.[0]?.revisionId !== commit) {
          await aws(
            "codepipeline",
            "put-approval-result",
            "--pipeline-name",
            pipeline,
            "--stage-name",
            "Deploy",
            "--action-name",
            "Approve",
            "--token",
            waiting.token,
            "--result",
            "summary=not this one,status=Rejected",
          ).catch(() => {});
          return false;
        }
        return waiting.token;
      },
      120,
    );
    assert.equal(await invoke("Lambda2"), "Lambda2 greets you", "nothing is live before the approval");
    const letter = await until("the approval's mail arrives", async () =>
      (await mails()).findLast(({ subject }) => subject.startsWith("APPROVAL NEEDED")),
    );
    assert.match(letter.text, /Do you want to deploy\?/);
    await aws(
      "codepipeline",
      "put-approval-result",
      "--pipeline-name",
      pipeline,
      "--stage-name",
      "Deploy",
      "--action-name",
      "Approve",
      "--token",
      token,
      "--result",
      "summary=looks good,status=Approved",
    );
    await executionEnds(commit, "Succeeded");
    assert.equal(await invoke("Lambda2"), "Lambda2 welcomes you");
  });

  it("teardown: buckets, repository, stacks, and nothing is left", async () => {
    const functions = await Promise.all([resource(app, "Lambda1"), resource(app, "Lambda2")]);
    for (const logicalId of ["ArtifactBucket", "CfnBucket", "CacheBucket"]) {
      const bucket = await resource("build-pipeline", logicalId);
      await aws("s3", "rm", `s3://${bucket}`, "--recursive", "--quiet");
      const listed = await aws("s3api", "list-object-versions", "--bucket", bucket);
      const left = [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({ Key, VersionId }));
      if (left.length > 0) {
        await writeFile(join(work, "delete.json"), JSON.stringify({ Objects: left, Quiet: true }));
        await aws("s3api", "delete-objects", "--bucket", bucket, "--delete", `file://${join(work, "delete.json")}`);
      }
      await aws("s3", "rb", `s3://${bucket}`);
    }
    await aws("codecommit", "delete-repository", "--repository-name", repository);
    for (const stack of [app, "build-pipeline", "repository"]) {
      const { StackId } = (await aws("cloudformation", "describe-stacks", "--stack-name", stack)).Stacks[0];
      await aws("cloudformation", "delete-stack", "--stack-name", stack);
      await stackEnds(StackId, "DELETE_COMPLETE");
    }
    const { Stacks } = await aws("cloudformation", "describe-stacks");
    assert.deepEqual(Stacks, []);
    assert.deepEqual((await aws("s3api", "list-buckets")).Buckets, []);
    assert.deepEqual((await aws("lambda", "list-functions")).Functions, []);
    assert.deepEqual((await aws("codecommit", "list-repositories")).repositories, []);
    assert.deepEqual((await aws("codepipeline", "list-pipelines")).pipelines, []);
    assert.deepEqual((await aws("codebuild", "list-projects")).projects, []);
    assert.deepEqual((await aws("sns", "list-topics")).Topics, []);
    assert.deepEqual((await aws("iam", "list-roles")).Roles, []);
    assert.equal(functions.length, 2);
    await until("no environment is left", async () => environments(server.data).length === 0, 20);
    const left = (await processes(server.data)).filter((line) => line.includes("bwrap"));
    assert.deepEqual(left, [], "no process of an environment is left");
  });
});

/** Each environment has a folder of its own beside the `etc` that all share. */
const environments = (data: string): string[] =>
  existsSync(join(data, "containers")) ? readdirSync(join(data, "containers")).filter((name) => name !== "etc") : [];
