import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  RemoveTagsFromResourceCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { changeTags } from "./tools.ts";

const tagList = (tags: Record<string, string> | undefined) => Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
const members = ["Type", "Value", "Description", "AllowedPattern", "DataType", "Tier", "Policies"];
const inputOf = (properties: Record<string, unknown>) =>
  Object.fromEntries(members.flatMap((name) => (properties[name] === undefined ? [] : [[name, properties[name]]])));
const made = ({ stack, properties }: Pick<Work, "stack" | "properties">, name: string) => ({
  physicalId: name,
  attributes: {
    Type: properties.Type,
    Value: properties.Value,
    Arn: `arn:${stack.partition}:ssm:${stack.region}:${stack.account}:parameter${name.startsWith("/") ? "" : "/"}${name}`,
  },
});

export default {
  properties: ["Name", ...members, "Tags"],
  name: { property: "Name", most: 1011 },
  changing: ["Value", "Type"],

  async taken({ aws, name }) {
    return (
      (await unlessGone(["ParameterNotFound"], () => aws.client(SSMClient).send(new GetParameterCommand({ Name: name })))) !== undefined
    );
  },
  async create(work) {
    const { Value, Tags, ...rest } = work.properties;
    await createOnce(work, ["ParameterAlreadyExists"], () =>
      work.aws.client(SSMClient).send(new PutParameterCommand({ ...inputOf(rest), Name: work.name, Value, Tags: Tags && tagList(Tags) })),
    );
    return made(work, work.name);
  },
  async update(change) {
    const { aws, physicalId, properties, was } = change;
    const ssm = aws.client(SSMClient);
    await ssm.send(new PutParameterCommand({ ...inputOf(properties), Name: physicalId, Value: properties.Value, Overwrite: true }));
    const place = { ResourceType: "Parameter", ResourceId: physicalId } as const;
    await changeTags(
      tagList(was.Tags),
      tagList(properties.Tags),
      (Tags) => ssm.send(new AddTagsToResourceCommand({ ...place, Tags })),
      (TagKeys) => ssm.send(new RemoveTagsFromResourceCommand({ ...place, TagKeys })),
    );
    return made(change, physicalId);
  },
  async delete({ aws, physicalId }) {
    await unlessGone(["ParameterNotFound"], () => aws.client(SSMClient).send(new DeleteParameterCommand({ Name: physicalId })));
  },
} satisfies ResourceType;
