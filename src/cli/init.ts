import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from "@aws-sdk/client-cloudformation";
import { CodeCommitClient, GetRepositoryCommand } from "@aws-sdk/client-codecommit";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CommandError } from "./command.ts";
import { type Delivered, whatIsDelivered } from "./delivered.ts";
import { gitSettings } from "./git.ts";
import { clientConfig, dataFolder, findServer, parseFlags, regionOf } from "./server.ts";

export const help = `Usage: mayfly init [--name NAME] [--branch BRANCH] [--template PATH] [--data DIR] [--region REGION]

In a git repository that holds a buildspec.yml (and a CloudFormation or SAM template): creates
a repository and a pipeline for it on the running server and adds the remote "mayfly". Then

  git push mayfly HEAD

builds and deploys. The pipeline deploys the template that the build's artifact holds: --template
names it; else the file that the buildspec hands over (packaged*.yml, template.yml, sam.yml).
Templates with local code paths must be packaged by the buildspec, as for AWS:
aws cloudformation package --s3-bucket $CFN_PACKAGE_S3_BUCKET (the variable is set).
`;

const execute = promisify(execFile);

export const run = async (args: readonly string[]): Promise<number> => {
  const values = parseFlags(args, {
    name: { type: "string" },
    branch: { type: "string" },
    template: { type: "string" },
    region: { type: "string" },
  });
  const top = await git("rev-parse", "--show-toplevel").catch(() => {
    throw new CommandError("this is no git repository: run git init first");
  });
  const buildspec = ["buildspec.yml", "buildspec.yaml"].map((name) => join(top, name)).find(existsSync);
  if (!buildspec) throw new CommandError(`there is no buildspec.yml in ${top}`);
  const branch = String(values.branch ?? (await git("symbolic-ref", "--short", "HEAD")));
  const name = String(values.name ?? basename(top)).replace(/[^A-Za-z0-9-]/g, "-");
  if (!/^[A-Za-z]/.test(name)) throw new CommandError(`"${name}" cannot name a stack: it must begin with a letter; use --name`);
  const delivered = await whatIsDelivered(top, buildspec, values.template as string | undefined);

  const server = await findServer(dataFolder(values.data));
  const region = String(values.region ?? regionOf());
  const config = clientConfig(server, region);
  const stack = `${name}-delivery`;
  await createStack(config, stack, {
    RepositoryName: name,
    CreateRepository: String(!(await repositoryExists(config, name))),
    BranchName: branch,
    ApplicationStackName: name,
    TemplatePath: delivered.template ?? "",
    HandOverCode: String(delivered.takesCode),
  });
  for (const [key, value] of gitSettings(server, [region])) await git("config", key, value);
  const address = `https://git-codecommit.${region}.amazonaws.com/v1/repos/${name}`;
  await git("remote", "add", "mayfly", address).catch(() => git("remote", "set-url", "mayfly", address));
  process.stdout.write(report(stack, branch, delivered));
  return 0;
};

const report = (stack: string, branch: string, delivered: Delivered): string =>
  [
    `created the stack ${stack}: repository, build project and pipeline for the branch ${branch}`,
    delivered.template
      ? `it deploys ${delivered.template} of the build's artifact`
      : "it only builds: the buildspec hands over no template (--template names one)",
    "now: git push mayfly HEAD",
    "",
  ].join("\n");

const git = async (...args: string[]): Promise<string> => (await execute("git", args)).stdout.trim();

type Config = ReturnType<typeof clientConfig>;

const repositoryExists = async (config: Config, repositoryName: string): Promise<boolean> => {
  try {
    await new CodeCommitClient(config).send(new GetRepositoryCommand({ repositoryName }));
    return true;
  } catch (error) {
    if ((error as Error).name === "RepositoryDoesNotExistException") return false;
    throw error;
  }
};

const createStack = async (config: Config, stack: string, parameters: Record<string, string>): Promise<void> => {
  const client = new CloudFormationClient(config);
  const template = fileURLToPath(new URL("../../templates/delivery.yml", import.meta.url));
  try {
    await client.send(
      new CreateStackCommand({
        StackName: stack,
        TemplateBody: await readFile(template, "utf8"),
        Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
        Capabilities: ["CAPABILITY_IAM"],
      }),
    );
  } catch (error) {
    if ((error as Error).name === "AlreadyExistsException")
      throw new CommandError(`the stack ${stack} exists already: delete it, or use --name`);
    throw error;
  }
  try {
    await waitUntilStackCreateComplete({ client, maxWaitTime: 120, minDelay: 0.1, maxDelay: 0.5 }, { StackName: stack });
  } catch {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    throw new CommandError(`the stack ${stack} ended ${Stacks?.[0]?.StackStatus}: ${Stacks?.[0]?.StackStatusReason ?? ""}`);
  }
};
