import { CloudWatchLogsClient, CreateLogStreamCommand, DeleteLogStreamCommand } from "@aws-sdk/client-cloudwatch-logs";
import { createOnce, type ResourceType, unlessGone } from "./resource.ts";

export default {
  properties: ["LogGroupName", "LogStreamName"],
  name: { property: "LogStreamName", most: 512, shared: true },

  async create(work) {
    const { LogGroupName: logGroupName } = work.properties;
    await createOnce(work, ["ResourceAlreadyExistsException"], () =>
      work.aws.client(CloudWatchLogsClient).send(new CreateLogStreamCommand({ logGroupName, logStreamName: work.name })),
    );
    return { physicalId: work.name };
  },
  async delete({ aws, physicalId, properties: { LogGroupName: logGroupName } }) {
    await unlessGone(["ResourceNotFoundException"], () =>
      aws.client(CloudWatchLogsClient).send(new DeleteLogStreamCommand({ logGroupName, logStreamName: physicalId })),
    );
  },
} satisfies ResourceType;
