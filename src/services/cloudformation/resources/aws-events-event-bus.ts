import { CreateEventBusCommand, DeleteEventBusCommand, DescribeEventBusCommand, EventBridgeClient, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-eventbridge";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { changedTags, tagMap } from "./tags.ts";

const made = async ({ aws }: Work, Name: string) => {
  const { Arn } = await aws.client(EventBridgeClient).send(new DescribeEventBusCommand({ Name }));
  return { physicalId: Name, attributes: { Arn, Name } };
};

const type: ResourceType = {
  properties: ["Name", "Tags"],
  async create(work) {
    const { Name, Tags } = work.properties;
    await createOnce(work, ["ResourceAlreadyExistsException"], () => work.aws.client(EventBridgeClient).send(new CreateEventBusCommand({ Name, Tags })));
    return made(work, Name);
  },
  async update(change) {
    const client = change.aws.client(EventBridgeClient);
    const { set, gone } = changedTags(tagMap(change.was.Tags), tagMap(change.properties.Tags));
    const ResourceARN = change.attributes.Arn as string;
    const Tags = Object.entries(set).map(([Key, Value]) => ({ Key, Value }));
    if (Tags.length > 0) await client.send(new TagResourceCommand({ ResourceARN, Tags }));
    if (gone.length > 0) await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: gone }));
    return made(change, change.physicalId);
  },
  async delete({ aws, physicalId }) {
    await unlessGone(["ResourceNotFoundException"], () => aws.client(EventBridgeClient).send(new DeleteEventBusCommand({ Name: physicalId })));
  },
};
export default type;
