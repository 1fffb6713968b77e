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
import type { Aws } from "../../../aws/aws.ts";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { changeTags, differ, tagMap } from "./tools.ts";

const find = async (aws: Aws, name: string) => {
  const { logGroups = [] } = await aws.client(CloudWatchLogsClient).send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
  return logGroups.find((group) => group.logGroupName === name);
};
const arnOf = ({ stack }: Pick<Work, "stack">, name: string) =>
  `arn:${stack.partition}:logs:${stack.region}:${stack.account}:log-group:${name}`;
const made = (work: Pick<Work, "stack">, name: string) => ({ physicalId: name, attributes: { Arn: `${arnOf(work, name)}:*` } });

export default {
  properties: ["LogGroupName", "RetentionInDays", "LogGroupClass", "Tags"],
  name: { property: "LogGroupName", most: 512 },

  async taken({ aws, name }) {
    return (await find(aws, name)) !== undefined;
  },
  async create(work) {
    const { RetentionInDays, LogGroupClass, Tags } = work.properties;
    const logs = work.aws.client(CloudWatchLogsClient);
    await createOnce(work, ["ResourceAlreadyExistsException"], () =>
      logs.send(new CreateLogGroupCommand({ logGroupName: work.name, logGroupClass: LogGroupClass, tags: Tags && tagMap(Tags) })),
    );
    work.exists(work.name);
    if (RetentionInDays !== undefined)
      await logs.send(new PutRetentionPolicyCommand({ logGroupName: work.name, retentionInDays: RetentionInDays }));
    return made(work, work.name);
  },
  async update(change) {
    const { aws, physicalId: logGroupName, properties, was } = change;
    const logs = aws.client(CloudWatchLogsClient);
    if (differ(was, properties, "RetentionInDays")) {
      const { RetentionInDays: retentionInDays } = properties;
      if (retentionInDays === undefined) await logs.send(new DeleteRetentionPolicyCommand({ logGroupName }));
      else await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
    }
    const resourceArn = arnOf(change, logGroupName);
    await changeTags(
      was.Tags,
      properties.Tags,
      (tags) => logs.send(new TagResourceCommand({ resourceArn, tags: tagMap(tags) })),
      (tagKeys) => logs.send(new UntagResourceCommand({ resourceArn, tagKeys })),
    );
    return made(change, logGroupName);
  },
  async delete({ aws, physicalId }) {
    await unlessGone(["ResourceNotFoundException"], () =>
      aws.client(CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName: physicalId })),
    );
  },
} satisfies ResourceType;
