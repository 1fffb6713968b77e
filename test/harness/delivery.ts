/** The demo's delivery on a server process: pushes, and what became of them, as clients see it. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CloudFormationClient, paginateDescribeStackEvents } from "@aws-sdk/client-cloudformation";
import { BatchGetBuildsCommand, CodeBuildClient, paginateListBuilds } from "@aws-sdk/client-codebuild";
import { CodePipelineClient, paginateListActionExecutions, paginateListPipelineExecutions } from "@aws-sdk/client-codepipeline";
import { LambdaClient, ListFunctionsCommand, paginateListVersionsByFunction } from "@aws-sdk/client-lambda";
import { APPLICATION, ask, createDelivery, type Git, outputsOf, sampleIn } from "../../src/cli/sample.ts";
import { clientConfig, readCredentials } from "../../src/cli/server.ts";
import { type ServerProcess, startProcess } from "./process.ts";
import { until } from "./until.ts";

export interface Delivery {
  readonly server: ServerProcess;
  readonly git: Git;
  readonly folder: string;
  /** What a client is made with. */
  config(): ReturnType<typeof clientConfig>;
  /** Commits another answer of the function; resolves to the commit. */
  commit(): Promise<string>;
  /** `name: status` of the actions that have begun for that commit, in their order. */
  actions(revision: string): Promise<string[]>;
  /** Resolves when the run of that commit has ended well: one execution, each action once, the commit live. */
  delivered(revision: string): Promise<void>;
  /** Of that many pushes each was built once and deployed once. */
  nothingTwice(pushes: number): Promise<void>;
}

/** `args` are those of `mayfly up`. */
export const startDelivery = async (args: string[] = []): Promise<Delivery> => {
  const server = await startProcess(args);
  const config = () => ({
    ...clientConfig({ endpoint: server.endpoint, credentials: readCredentials(server.data) }, "us-east-1"),
    maxAttempts: 5,
  });
  try {
    return await deliveryOn(server, config, await createDelivery(config()));
  } catch (error) {
    await server.end();
    throw error;
  }
};

const deliveryOn = async (server: ServerProcess, config: Delivery["config"], pipelineName: string): Promise<Delivery> => {
  const folder = join(server.data, "work");
  const git = await sampleIn(folder, { data: server.data, endpoint: server.endpoint });
  let commits = 0;

  const executionsOf = async (revision: string) => {
    const all = await every(
      paginateListPipelineExecutions({ client: new CodePipelineClient(config()) }, { pipelineName }),
      (page) => page.pipelineExecutionSummaries,
    );
    return all.filter(({ sourceRevisions }) => sourceRevisions?.some(({ revisionId }) => revisionId === revision));
  };
  const actionsOf = async (pipelineExecutionId: string | undefined) => {
    const filter = { pipelineExecutionId: pipelineExecutionId as string };
    const all = await every(
      paginateListActionExecutions({ client: new CodePipelineClient(config()) }, { pipelineName, filter }),
      (page) => page.actionExecutionDetails,
    );
    return all.map(({ actionName, status }) => `${actionName}: ${status}`).reverse();
  };
  return {
    server,
    git,
    folder,
    config,
    async commit() {
      const file = join(folder, "src/index.mjs");
      const text = await readFile(file, "utf8");
      await writeFile(file, text.replace(/const greeting = ".*";/, `const greeting = "Hello, world ${++commits}";`));
      await git("add", "-A");
      await git("commit", "-q", "-m", `Change ${commits}`);
      return git("rev-parse", "HEAD");
    },
    async actions(revision) {
      const [execution] = await executionsOf(revision);
      return execution ? actionsOf(execution.pipelineExecutionId) : [];
    },
    async delivered(revision) {
      await until("the run ends", async () => (await executionsOf(revision)).some(({ status }) => status !== "InProgress"));
      const executions = await executionsOf(revision);
      assert.deepEqual(
        executions.map(({ status }) => status),
        ["Succeeded"],
        "one push is one execution",
      );
      assert.deepEqual(
        (await actionsOf(executions[0]?.pipelineExecutionId)).sort(),
        ["Build: Succeeded", "CreateChangeSet: Succeeded", "ExecuteChangeSet: Succeeded", "Source: Succeeded"],
        "each action once",
      );
      const { Url = "" } = await outputsOf(config(), APPLICATION);
      assert.match((await ask(Url)).body, new RegExp(revision), "the commit is live");
    },
    async nothingTwice(pushes) {
      const codebuild = new CodeBuildClient(config());
      const ids = await every(paginateListBuilds({ client: codebuild }, {}), (page) => page.ids);
      const { builds = [] } = await codebuild.send(new BatchGetBuildsCommand({ ids }));
      assert.deepEqual(
        builds.map(({ buildStatus }) => buildStatus),
        Array.from({ length: pushes }, () => "SUCCEEDED"),
        "a build for each push",
      );
      const lambda = new LambdaClient(config());
      const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
      assert.equal(Functions.length, 1);
      const versions = await every(
        paginateListVersionsByFunction({ client: lambda }, { FunctionName: Functions[0]?.FunctionName }),
        (page) => page.Versions,
      );
      assert.deepEqual(
        versions.map(({ Version }) => Version),
        ["$LATEST", ...Array.from({ length: pushes }, (_, i) => String(i + 1))],
        "a version for each push",
      );
      const events = await every(
        paginateDescribeStackEvents({ client: new CloudFormationClient(config()) }, { StackName: APPLICATION }),
        (page) => page.StackEvents,
      );
      const updates = events.filter(
        (event) => event.ResourceType === "AWS::CloudFormation::Stack" && event.ResourceStatus === "UPDATE_COMPLETE",
      );
      assert.equal(updates.length, pushes - 1, "a stack update for each push after the first");
    },
  };
};

const every = async <P, T>(pages: AsyncIterable<P>, items: (page: P) => T[] | undefined): Promise<T[]> => {
  const all: T[] = [];
  for await (const page of pages) all.push(...(items(page) ?? []));
  return all;
};
