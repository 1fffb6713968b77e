/** The sample application and its delivery, as the demo and the benchmark set them up. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from "@aws-sdk/client-cloudformation";
import { execFile } from "node:child_process";
import { cp, readFile } from "node:fs/promises";
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CommandError } from "./command.ts";
import { failedResources } from "./follow.ts";
import { gitSettings, gitVariables } from "./git.ts";
import type { clientConfig, RunningServer } from "./server.ts";

export const REGION = "us-east-1";
export const APPLICATION = "hello";
const STACK = "delivery";
const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const execute = promisify(execFile);

export type Git = (...args: string[]) => Promise<string>;
/** git in a folder, as the demo's author. */
export const gitIn = (folder: string, variables: Record<string, string>): Git => {
  const person = {
    GIT_AUTHOR_NAME: "Mayfly",
    GIT_AUTHOR_EMAIL: "demo@mayfly.invalid",
    GIT_COMMITTER_NAME: "Mayfly",
    GIT_COMMITTER_EMAIL: "demo@mayfly.invalid",
  };
  const env = { ...process.env, ...person, ...variables, GIT_TERMINAL_PROMPT: "0" };
  return async (...args) => (await execute("git", args, { cwd: folder, env })).stdout.trim();
};

type Config = ReturnType<typeof clientConfig>;

/** Creates the stack of the repository, the build project and the pipeline; resolves to the pipeline's name. */
export const createDelivery = async (config: Config): Promise<string> => {
  const client = new CloudFormationClient(config);
  const parameters = {
    RepositoryName: APPLICATION,
    BranchName: "main",
    ApplicationStackName: APPLICATION,
    TemplatePath: "template.yml",
    HandOverCode: "true",
  };
  await client.send(
    new CreateStackCommand({
      StackName: STACK,
      TemplateBody: await readFile(root("templates/delivery.yml"), "utf8"),
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
      Capabilities: ["CAPABILITY_IAM"],
    }),
  );
  try {
    await waitUntilStackCreateComplete({ client, maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.1 }, { StackName: STACK });
  } catch {
    throw new CommandError(`the stack ${STACK} was not created: ${(await failedResources(config, STACK)).join("; ")}`);
  }
  return (await outputsOf(config, STACK)).PipelineName as string;
};

/** A stack's outputs by key. */
export const outputsOf = async (config: Config, stack: string): Promise<Record<string, string>> => {
  const { Stacks } = await new CloudFormationClient(config).send(new DescribeStacksCommand({ StackName: stack }));
  return Object.fromEntries((Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
};

/** Not every resolver knows that *.localhost is this machine: the name goes into the Host header, the call to the loopback address. */
export const ask = (url: string): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const { hostname, port, pathname } = new URL(url);
    request({ host: "127.0.0.1", port, path: pathname, headers: { host: `${hostname}:${port}` } }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on("error", reject)
      .end();
  });

/** A work tree of the sample application in that folder, whose origin is the server's repository. */
export const sampleIn = async (folder: string, server: Pick<RunningServer, "data" | "endpoint">): Promise<Git> => {
  await cp(root("demo/application"), folder, { recursive: true });
  const git = gitIn(folder, gitVariables(gitSettings(server, [REGION])));
  await git("init", "-q", "-b", "main");
  await git("remote", "add", "origin", `https://git-codecommit.${REGION}.amazonaws.com/v1/repos/${APPLICATION}`);
  return git;
};
