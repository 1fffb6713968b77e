import { CreateGroupCommand, DeleteGroupCommand, GetGroupCommand, IAMClient, UpdateGroupCommand } from "@aws-sdk/client-iam";
import type { Aws } from "../../../aws/aws.ts";
import { changePolicies, gone, taken } from "./iam-policies.ts";
import { createOnce, type ResourceType, unlessGone } from "./resource.ts";
import { differ } from "./tools.ts";

const made = async (aws: Aws, name: string) => {
  const { Group } = await aws.client(IAMClient).send(new GetGroupCommand({ GroupName: name }));
  return { physicalId: name, attributes: { Arn: Group?.Arn } };
};

export default {
  properties: ["GroupName", "Path", "ManagedPolicyArns", "Policies"],
  name: { property: "GroupName", most: 128 },
  iam: true,

  async taken({ aws, name }) {
    return (await unlessGone(gone, () => aws.client(IAMClient).send(new GetGroupCommand({ GroupName: name })))) !== undefined;
  },
  async create(work) {
    await createOnce(work, taken, () =>
      work.aws.client(IAMClient).send(new CreateGroupCommand({ GroupName: work.name, Path: work.properties.Path })),
    );
    work.exists(work.name);
    await changePolicies(work.aws, "Group", work.name, {}, work.properties);
    return made(work.aws, work.name);
  },
  async update({ aws, physicalId: GroupName, properties, was }) {
    if (differ(was, properties, "Path"))
      await aws.client(IAMClient).send(new UpdateGroupCommand({ GroupName, NewPath: properties.Path ?? "/" }));
    await changePolicies(aws, "Group", GroupName, was, properties);
    return made(aws, GroupName);
  },
  async delete({ aws, physicalId: GroupName, properties }) {
    await changePolicies(aws, "Group", GroupName, properties, {});
    await unlessGone(gone, () => aws.client(IAMClient).send(new DeleteGroupCommand({ GroupName })));
  },
} satisfies ResourceType;
