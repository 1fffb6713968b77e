import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DescribeEventBusCommand,
  EventBridgeClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEventBusCommand,
} from "@aws-sdk/client-eventbridge";
import type { Aws } from "../../../aws/aws.ts";
import { createOnce, type ResourceType, unlessGone } from "./resource.ts";
import { changeTags, differ } from "./tools.ts";

const look = (aws: Aws, name: string) => aws.client(EventBridgeClient).send(new DescribeEventBusCommand({ Name: name }));
const made = async (aws: Aws, name: string) => ({
  physicalId: name,
  attributes: { Arn: (await look(aws, name)).Arn, Name: name, Policy: "" },
});

export default {
  properties: ["Name", "Description", "Tags"],
  name: { property: "Name", most: 256 },

  async taken({ aws, name }) {
    return (await unlessGone(["ResourceNotFoundException"], () => look(aws, name))) !== undefined;
  },
  async create(work) {
    const { Name, Description, Tags } = work.properties;
    await createOnce(work, ["ResourceAlreadyExistsException"], () =>
      work.aws.client(EventBridgeClient).send(new CreateEventBusCommand({ Name, Description, Tags })),
    );
    work.exists(Name);
    return made(work.aws, Name);
  },
  async update({ aws, physicalId, properties, was }) {
    const events = aws.client(EventBridgeClient);
    if (differ(was, properties, "Description"))
      await events.send(new UpdateEventBusCommand({ Name: physicalId, Description: properties.Description ?? "" }));
    const result = await made(aws, physicalId);
    const ResourceARN = result.attributes.Arn;
    await changeTags(
      was.Tags,
      properties.Tags,
      (Tags) => events.send(new TagResourceCommand({ ResourceARN, Tags })),
      (TagKeys) => events.send(new UntagResourceCommand({ ResourceARN, TagKeys })),
    );
    return result;
  },
  async delete({ aws, physicalId }) {
    await unlessGone(["ResourceNotFoundException"], () =>
      aws.client(EventBridgeClient).send(new DeleteEventBusCommand({ Name: physicalId })),
    );
  },
} satisfies ResourceType;
