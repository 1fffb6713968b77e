import {
  BatchGetProjectsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  DeleteProjectCommand,
  UpdateProjectCommand,
} from "@aws-sdk/client-codebuild";
import type { Aws } from "../../../aws/aws.ts";
import { createOnce, type ResourceType, type Work } from "./resource.ts";
import { camelCase } from "./tools.ts";

const type = "AWS::CodeBuild::Project";
const projectOf = async (aws: Aws, name: string) =>
  (await aws.client(CodeBuildClient).send(new BatchGetProjectsCommand({ names: [name] }))).projects?.[0];
const made = async (aws: Aws, name: string) => {
  const project = await projectOf(aws, name);
  return { physicalId: name, attributes: { Arn: project?.arn, Id: project?.arn } };
};
/** A role may be named by its name alone: templates write `!Ref Role`. */
const roleArn = (role: string, { stack }: Pick<Work, "stack">): string =>
  role.startsWith("arn:") ? role : `arn:${stack.partition}:iam::${stack.account}:role/${role}`;
const input = (work: Pick<Work, "properties" | "stack">, name: string) => ({
  ...camelCase(type, work.properties, { BuildSpec: "buildspec" }),
  name,
  serviceRole: roleArn(work.properties.ServiceRole, work),
});
/** What an update must say to take something back, since what it leaves out stays. */
const nothing: Record<string, unknown> = {
  Description: "",
  SecondarySources: [],
  SecondaryArtifacts: [],
  SecondarySourceVersions: [],
  SourceVersion: "",
  TimeoutInMinutes: 60,
  QueuedTimeoutInMinutes: 480,
  EncryptionKey: "",
  Cache: { Type: "NO_CACHE" },
  LogsConfig: { CloudWatchLogs: { Status: "ENABLED" } },
  ConcurrentBuildLimit: -1,
  Tags: [],
};

export default {
  properties: [
    "Name",
    "Description",
    "Artifacts",
    "SecondaryArtifacts",
    "Source",
    "SecondarySources",
    "SourceVersion",
    "SecondarySourceVersions",
    "Environment",
    "ServiceRole",
    "Cache",
    "LogsConfig",
    "TimeoutInMinutes",
    "QueuedTimeoutInMinutes",
    "ConcurrentBuildLimit",
    "EncryptionKey",
    "Tags",
  ],
  name: { property: "Name", most: 150 },

  async taken({ aws, name }) {
    return (await projectOf(aws, name)) !== undefined;
  },
  async create(work) {
    await createOnce(work, ["ResourceAlreadyExistsException"], () =>
      work.aws.client(CodeBuildClient).send(new CreateProjectCommand(input(work, work.name))),
    );
    work.exists(work.name);
    return made(work.aws, work.name);
  },
  async update(change) {
    const cleared = Object.fromEntries(
      Object.entries(nothing).filter(([name]) => change.was[name] !== undefined && change.properties[name] === undefined),
    );
    await change.aws
      .client(CodeBuildClient)
      .send(new UpdateProjectCommand(input({ ...change, properties: { ...cleared, ...change.properties } }, change.physicalId)));
    return made(change.aws, change.physicalId);
  },
  async delete({ aws, physicalId }) {
    await aws.client(CodeBuildClient).send(new DeleteProjectCommand({ name: physicalId }));
  },
} satisfies ResourceType;
