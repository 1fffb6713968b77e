import { CreateGroupCommand, DeleteGroupCommand, GetGroupCommand, IAMClient, UpdateGroupCommand } from "@aws-sdk/client-iam";
import { GONE, setPolicies } from "./iam-policies.ts";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";

const made = async ({ aws }: Pick<Work, "aws">, GroupName: string) => {
  const { Group } = await aws.client(IAMClient).send(new GetGroupCommand({ GroupName }));
  return { physicalId: GroupName, attributes: { Arn: Group?.Arn } };
};

const type: ResourceType = {
  properties: ["GroupName", "ManagedPolicyArns", "Path", "Policies"],
  name: { property: "GroupName", most: 128 },
  iam: true,
  async create(work) {
    const { aws, name: GroupName, properties } = work;
    await createOnce(work, ["EntityAlreadyExistsException"], () => aws.client(IAMClient).send(new CreateGroupCommand({ GroupName, Path: properties.Path })));
    work.exists(GroupName);
    await setPolicies(aws, "group", GroupName, {}, properties);
    return made(work, GroupName);
  },
  async update(change) {
    const { aws, physicalId: GroupName, properties, was } = change;
    if (properties.Path !== was.Path) await aws.client(IAMClient).send(new UpdateGroupCommand({ GroupName, NewPath: properties.Path ?? "/" }));
    await setPolicies(aws, "group", GroupName, was, properties);
    return made(change, GroupName);
  },
  async delete({ aws, physicalId: GroupName, properties }) {
    await setPolicies(aws, "group", GroupName, properties, {});
    await unlessGone(GONE, () => aws.client(IAMClient).send(new DeleteGroupCommand({ GroupName })));
  },
};
export default type;
