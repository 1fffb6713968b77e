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
import type { Aws } from "../../../aws/aws.ts";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { camelCase, changeTags, differ } from "./tools.ts";

const type = "AWS::CodePipeline::Pipeline";
interface Transition {
  readonly StageName: string;
  readonly Reason: string;
}
const small = (tags: readonly { Key: string; Value: string }[] = []) => tags.map(({ Key, Value }) => ({ key: Key, value: Value }));
const pipelineOf = (aws: Aws, name: string) => aws.client(CodePipelineClient).send(new GetPipelineCommand({ name }));
const made = async ({ aws, stack }: Pick<Work, "aws" | "stack">, name: string) => {
  const { pipeline, metadata } = await pipelineOf(aws, name);
  const Arn = metadata?.pipelineArn ?? `arn:${stack.partition}:codepipeline:${stack.region}:${stack.account}:${name}`;
  return { physicalId: name, attributes: { Version: String(pipeline?.version ?? 1), Arn } };
};
/** A configuration's values are texts, whatever the template wrote: `PollForSourceChanges: false`, `ParameterOverrides` as an object. */
// biome-ignore lint/suspicious/noExplicitAny: checked against the specification before it comes here
const withTexts = (stage: any) => ({
  ...stage,
  // biome-ignore lint/suspicious/noExplicitAny: as above
  actions: (stage.actions ?? []).map((action: any) => ({
    ...action,
    ...(action.configuration && {
      configuration: Object.fromEntries(
        Object.entries(action.configuration).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
      ),
    }),
  })),
});
/** The declaration, and nothing of what only CloudFormation reads. */
const declaration = (work: Pick<Work, "properties">, name: string) => {
  const { RestartExecutionOnUpdate: _, DisableInboundStageTransitions: __, Tags: ___, ArtifactStores, ...rest } = work.properties;
  const stores = (ArtifactStores as { Region: string; ArtifactStore: object }[] | undefined)?.map(({ Region, ArtifactStore }) => [
    Region,
    camelCase(type, { ArtifactStore }).artifactStore,
  ]);
  const declared = camelCase(type, rest);
  return { ...declared, stages: declared.stages.map(withTexts), name, ...(stores && { artifactStores: Object.fromEntries(stores) }) };
};
const changeTransitions = async (
  aws: Aws,
  pipelineName: string,
  before: readonly Transition[] = [],
  after: readonly Transition[] = [],
): Promise<void> => {
  const client = aws.client(CodePipelineClient);
  for (const { StageName, Reason } of after) {
    if (before.some((one) => one.StageName === StageName && one.Reason === Reason)) continue;
    await client.send(new DisableStageTransitionCommand({ pipelineName, stageName: StageName, transitionType: "Inbound", reason: Reason }));
  }
  for (const { StageName } of before) {
    if (after.some((one) => one.StageName === StageName)) continue;
    // A stage that is gone has no transition any more.
    await unlessGone(["StageNotFoundException"], () =>
      client.send(new EnableStageTransitionCommand({ pipelineName, stageName: StageName, transitionType: "Inbound" })),
    );
  }
};

export default {
  properties: [
    "Name",
    "ArtifactStore",
    "ArtifactStores",
    "RoleArn",
    "Stages",
    "RestartExecutionOnUpdate",
    "DisableInboundStageTransitions",
    "PipelineType",
    "ExecutionMode",
    "Variables",
    "Triggers",
    "Tags",
  ],
  name: { property: "Name", most: 100 },
  changing: ["Version"],

  async taken({ aws, name }) {
    return (await unlessGone(["PipelineNotFoundException"], () => pipelineOf(aws, name))) !== undefined;
  },
  async create(work) {
    await createOnce(work, ["PipelineNameInUseException"], () =>
      work.aws
        .client(CodePipelineClient)
        .send(new CreatePipelineCommand({ pipeline: declaration(work, work.name), tags: small(work.properties.Tags) })),
    );
    work.exists(work.name);
    await changeTransitions(work.aws, work.name, [], work.properties.DisableInboundStageTransitions);
    return made(work, work.name);
  },
  async update(change) {
    const { aws, physicalId: name, properties, was } = change;
    const client = aws.client(CodePipelineClient);
    const declared = (of: Record<string, unknown>) => ({ ...of, Tags: 0, RestartExecutionOnUpdate: 0, DisableInboundStageTransitions: 0 });
    const differs = differ({ all: declared(was) }, { all: declared(properties) }, "all");
    if (differs) await client.send(new UpdatePipelineCommand({ pipeline: declaration(change, name) }));
    await changeTransitions(aws, name, was.DisableInboundStageTransitions, properties.DisableInboundStageTransitions);
    const result = await made(change, name);
    const resourceArn = result.attributes.Arn;
    await changeTags(
      was.Tags,
      properties.Tags,
      (tags) => client.send(new TagResourceCommand({ resourceArn, tags: small(tags) })),
      (tagKeys) => client.send(new UntagResourceCommand({ resourceArn, tagKeys })),
    );
    // The token makes it one execution, however often this is tried.
    if (properties.RestartExecutionOnUpdate && differs && !change.rollback)
      await client.send(new StartPipelineExecutionCommand({ name, clientRequestToken: change.token }));
    return result;
  },
  async delete({ aws, physicalId }) {
    await aws.client(CodePipelineClient).send(new DeletePipelineCommand({ name: physicalId }));
  },
} satisfies ResourceType;
