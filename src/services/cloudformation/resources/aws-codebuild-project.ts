import { BatchGetProjectsCommand, CodeBuildClient, CreateProjectCommand, DeleteProjectCommand, UpdateProjectCommand } from "@aws-sdk/client-codebuild";
import { lowerKeys } from "./lower-keys.ts";
import { createOnce, type ResourceType, type Work } from "./resource.ts";

const NAMES = { BuildSpec: "buildspec" };
/** What a project has when the template leaves a property out that it had before. */
const NOTHING = {
  description: "",
  secondarySources: [],
  secondaryArtifacts: [],
  secondarySourceVersions: [],
  sourceVersion: "",
  cache: { type: "NO_CACHE" as const },
  timeoutInMinutes: 60,
  queuedTimeoutInMinutes: 480,
  badgeEnabled: false,
  concurrentBuildLimit: -1,
  tags: [],
};
const projectOf = (properties: Work["properties"]) => lowerKeys(properties, [], NAMES);
const made = async ({ aws }: Work, name: string) => {
  const { projects } = await aws.client(CodeBuildClient).send(new BatchGetProjectsCommand({ names: [name] }));
  return { physicalId: name, attributes: { Arn: projects?.[0]?.arn, Id: projects?.[0]?.arn } };
};

const type: ResourceType = {
  properties: [
    "Artifacts",
    "AutoRetryLimit",
    "BadgeEnabled",
    "Cache",
    "ConcurrentBuildLimit",
    "Description",
    "EncryptionKey",
    "Environment",
    "LogsConfig",
    "Name",
    "QueuedTimeoutInMinutes",
    "SecondaryArtifacts",
    "SecondarySourceVersions",
    "SecondarySources",
    "ServiceRole",
    "Source",
    "SourceVersion",
    "Tags",
    "TimeoutInMinutes",
  ],
  name: { property: "Name", most: 255 },
  async taken({ aws, name }) {
    const { projects = [] } = await aws.client(CodeBuildClient).send(new BatchGetProjectsCommand({ names: [name] }));
    return projects.length > 0;
  },
  async create(work) {
    await createOnce(work, ["ResourceAlreadyExistsException"], () =>
      work.aws.client(CodeBuildClient).send(new CreateProjectCommand({ ...projectOf(work.properties), name: work.name })),
    );
    return made(work, work.name);
  },
  async update(change) {
    const name = change.physicalId;
    const wanted = projectOf(change.properties);
    const before = projectOf(change.was);
    // Only what was there and is no longer wanted is set back.
    const back = Object.fromEntries(Object.entries(NOTHING).filter(([key]) => before[key] !== undefined && wanted[key] === undefined));
    await change.aws.client(CodeBuildClient).send(new UpdateProjectCommand({ ...back, ...wanted, name }));
    return made(change, name);
  },
  async delete({ aws, physicalId }) {
    await aws.client(CodeBuildClient).send(new DeleteProjectCommand({ name: physicalId }));
  },
};
export default type;
