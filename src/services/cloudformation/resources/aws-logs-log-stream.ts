import { CloudWatchLogsClient, CreateLogStreamCommand, DeleteLogStreamCommand } from "@aws-sdk/client-cloudwatch-logs";
import { createOnce, type ResourceType, unlessGone } from "./resource.ts";

const type: ResourceType = {
  properties: ["LogGroupName", "LogStreamName"],
  name: { property: "LogStreamName", most: 512 },
  async create(work) {
    const { LogGroupName } = work.properties;
    await createOnce(work, ["ResourceAlreadyExistsException"], () =>
      work.aws.client(CloudWatchLogsClient).send(new CreateLogStreamCommand({ logGroupName: LogGroupName, logStreamName: work.name })),
    );
    return { physicalId: work.name };
  },
  async delete({ aws, physicalId, properties }) {
    await unlessGone(["ResourceNotFoundException"], () =>
      aws.client(CloudWatchLogsClient).send(new DeleteLogStreamCommand({ logGroupName: properties.LogGroupName, logStreamName: physicalId })),
    );
  },
};
export default type;
