import {
  CodePipelineClient,
  CreatePipelineCommand,
  DeletePipelineCommand,
  DisableStageTransitionCommand,
  EnableStageTransitionCommand,
  GetPipelineCommand,
  StartPipelineExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePipelineCommand,
} from "@aws-sdk/client-codepipeline";
import { createHash } from "node:crypto";
import { lowerKeys } from "./lower-keys.ts";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { changedTags, tagMap } from "./tags.ts";

const GONE = ["PipelineNotFoundException"];
// biome-ignore lint/suspicious/noExplicitAny: the properties of this type
type Properties = any;

const pipelineOf = (properties: Properties, name: string) => {
  const { ArtifactStore, ArtifactStores, ExecutionMode, PipelineType, RoleArn, Stages, Triggers, Variables } = properties;
  const { artifactStore, stages, ...rest } = lowerKeys(
    { artifactStore: ArtifactStore, ExecutionMode, PipelineType, RoleArn, Stages, Triggers, Variables },
    ["Configuration"],
  );
  const stores = (ArtifactStores ?? []).map((one: Properties) => [one.Region, lowerKeys(one.ArtifactStore)]);
  // A configuration's values are texts, whatever the template wrote.
  const texts = (configuration: Properties) =>
    configuration && Object.fromEntries(Object.entries(configuration).map(([key, value]) => [key, typeof value === "object" ? JSON.stringify(value) : String(value)]));
  return {
    name,
    ...rest,
    ...(artifactStore && { artifactStore }),
    ...(stores.length > 0 && { artifactStores: Object.fromEntries(stores) }),
    stages: stages.map((stage: Properties) => ({
      ...stage,
      actions: stage.actions.map((action: Properties) => ({ ...action, ...(action.configuration && { configuration: texts(action.configuration) }) })),
    })),
  };
};
const setTransitions = async ({ aws }: Work, pipelineName: string, was: Properties[] = [], wanted: Properties[] = []) => {
  const client = aws.client(CodePipelineClient);
  const transitionType = "Inbound" as const;
  for (const { StageName: stageName, Reason: reason } of wanted)
    await client.send(new DisableStageTransitionCommand({ pipelineName, stageName, transitionType, reason }));
  for (const { StageName: stageName } of was)
    if (!wanted.some((one) => one.StageName === stageName))
      await unlessGone(["StageNotFoundException"], () => client.send(new EnableStageTransitionCommand({ pipelineName, stageName, transitionType })));
};
const arnOf = ({ stack }: Pick<Work, "stack">, name: string) => `arn:${stack.partition}:codepipeline:${stack.region}:${stack.account}:${name}`;
const made = async (work: Work, name: string) => {
  const { pipeline } = await work.aws.client(CodePipelineClient).send(new GetPipelineCommand({ name }));
  return { physicalId: name, attributes: { Arn: arnOf(work, name), Version: String(pipeline?.version) } };
};

const type: ResourceType = {
  properties: [
    "ArtifactStore",
    "ArtifactStores",
    "DisableInboundStageTransitions",
    "ExecutionMode",
    "Name",
    "PipelineType",
    "RestartExecutionOnUpdate",
    "RoleArn",
    "Stages",
    "Tags",
    "Triggers",
    "Variables",
  ],
  name: { property: "Name", most: 100 },
  changing: ["Version"],
  taken: async ({ aws, name }) => (await unlessGone(GONE, () => aws.client(CodePipelineClient).send(new GetPipelineCommand({ name })))) !== undefined,
  async create(work) {
    const { aws, name, properties } = work;
    const tags = Object.entries(tagMap(properties.Tags)).map(([key, value]) => ({ key, value }));
    await createOnce(work, ["PipelineNameInUseException"], () =>
      aws.client(CodePipelineClient).send(new CreatePipelineCommand({ pipeline: pipelineOf(properties, name), tags })),
    );
    work.exists(name);
    await setTransitions(work, name, [], properties.DisableInboundStageTransitions);
    return made(work, name);
  },
  async update(change) {
    const { aws, physicalId: name, properties, was, token } = change;
    const client = aws.client(CodePipelineClient);
    await client.send(new UpdatePipelineCommand({ pipeline: pipelineOf(properties, name) }));
    await setTransitions(change, name, was.DisableInboundStageTransitions, properties.DisableInboundStageTransitions);
    const { set, gone } = changedTags(tagMap(was.Tags), tagMap(properties.Tags));
    const resourceArn = arnOf(change, name);
    if (Object.keys(set).length > 0) await client.send(new TagResourceCommand({ resourceArn, tags: Object.entries(set).map(([key, value]) => ({ key, value })) }));
    if (gone.length > 0) await client.send(new UntagResourceCommand({ resourceArn, tagKeys: gone }));
    if (properties.RestartExecutionOnUpdate) {
      const clientRequestToken = createHash("sha256").update(token).digest("hex").slice(0, 32);
      await client.send(new StartPipelineExecutionCommand({ name, clientRequestToken }));
    }
    return made(change, name);
  },
  async delete({ aws, physicalId }) {
    await unlessGone(GONE, () => aws.client(CodePipelineClient).send(new DeletePipelineCommand({ name: physicalId })));
  },
};
export default type;
