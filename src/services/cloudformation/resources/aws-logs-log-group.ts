import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { changedTags, tagMap } from "./tags.ts";

const arnOf = ({ stack }: Pick<Work, "stack">, name: string) => `arn:${stack.partition}:logs:${stack.region}:${stack.account}:log-group:${name}`;
const keep = async (work: Work, logGroupName: string, before?: number) => {
  const retentionInDays: number | undefined = work.properties.RetentionInDays;
  const client = work.aws.client(CloudWatchLogsClient);
  if (retentionInDays !== undefined) await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
  else if (before !== undefined) await client.send(new DeleteRetentionPolicyCommand({ logGroupName }));
};

const type: ResourceType = {
  properties: ["LogGroupName", "RetentionInDays", "Tags"],
  name: { property: "LogGroupName", most: 512 },
  async taken({ aws, name }) {
    const { logGroups = [] } = await aws.client(CloudWatchLogsClient).send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
    return logGroups.some(({ logGroupName }) => logGroupName === name);
  },
  async create(work) {
    const { name, properties, aws } = work;
    await createOnce(work, ["ResourceAlreadyExistsException"], () =>
      aws.client(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: name, tags: tagMap(properties.Tags) })),
    );
    work.exists(name);
    await keep(work, name);
    return { physicalId: name, attributes: { Arn: `${arnOf(work, name)}:*` } };
  },
  async update(change) {
    const { physicalId, properties, was, aws } = change;
    await keep(change, physicalId, was.RetentionInDays);
    const { set, gone } = changedTags(tagMap(was.Tags), tagMap(properties.Tags));
    const client = aws.client(CloudWatchLogsClient);
    const resourceArn = arnOf(change, physicalId);
    if (Object.keys(set).length > 0) await client.send(new TagResourceCommand({ resourceArn, tags: set }));
    if (gone.length > 0) await client.send(new UntagResourceCommand({ resourceArn, tagKeys: gone }));
    return { physicalId, attributes: change.attributes };
  },
  async delete({ aws, physicalId }) {
    await unlessGone(["ResourceNotFoundException"], () => aws.client(CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName: physicalId })));
  },
};
export default type;
