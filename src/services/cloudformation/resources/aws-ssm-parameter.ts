import { AddTagsToResourceCommand, DeleteParameterCommand, GetParameterCommand, PutParameterCommand, RemoveTagsFromResourceCommand, SSMClient } from "@aws-sdk/client-ssm";
import { ResourceFailure, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { changedTags } from "./tags.ts";

const GONE = ["ParameterNotFound"];
const put = async (work: Work, Name: string, Overwrite: boolean) => {
  const { AllowedPattern, DataType, Description, Tier, Type, Value } = work.properties;
  if (Type === "SecureString") throw new ResourceFailure("CloudFormation cannot create a parameter of type SecureString");
  await work.aws.client(SSMClient).send(new PutParameterCommand({ Name, AllowedPattern, DataType, Description, Tier, Type, Value, Overwrite }));
};
const listOf = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
const made = ({ properties }: Work, Name: string) => ({ physicalId: Name, attributes: { Type: properties.Type, Value: properties.Value } });

const type: ResourceType = {
  properties: ["AllowedPattern", "DataType", "Description", "Name", "Tags", "Tier", "Type", "Value"],
  name: { property: "Name", most: 1011 },
  changing: ["Value", "Type"],
  taken: async ({ aws, name }) => (await unlessGone(GONE, () => aws.client(SSMClient).send(new GetParameterCommand({ Name: name })))) !== undefined,
  async create(work) {
    await put(work, work.name, work.again);
    work.exists(work.name);
    const tags = listOf(work.properties.Tags ?? {});
    if (tags.length > 0) await work.aws.client(SSMClient).send(new AddTagsToResourceCommand({ ResourceType: "Parameter", ResourceId: work.name, Tags: tags }));
    return made(work, work.name);
  },
  async update(change) {
    const { physicalId, was, properties, aws } = change;
    await put(change, physicalId, true);
    const { set, gone } = changedTags(was.Tags ?? {}, properties.Tags ?? {});
    const whose = { ResourceType: "Parameter" as const, ResourceId: physicalId };
    if (Object.keys(set).length > 0) await aws.client(SSMClient).send(new AddTagsToResourceCommand({ ...whose, Tags: listOf(set) }));
    if (gone.length > 0) await aws.client(SSMClient).send(new RemoveTagsFromResourceCommand({ ...whose, TagKeys: gone }));
    return made(change, physicalId);
  },
  async delete({ aws, physicalId }) {
    await unlessGone(GONE, () => aws.client(SSMClient).send(new DeleteParameterCommand({ Name: physicalId })));
  },
};
export default type;
