import { AddUserToGroupCommand, IAMClient, RemoveUserFromGroupCommand } from "@aws-sdk/client-iam";
import type { Aws } from "../../../aws/aws.ts";
import { gone } from "./iam-policies.ts";
import { type ResourceType, unlessGone } from "./resource.ts";

const add = async (aws: Aws, GroupName: string, users: readonly string[]): Promise<void> => {
  for (const UserName of users) await aws.client(IAMClient).send(new AddUserToGroupCommand({ GroupName, UserName }));
};
const remove = async (aws: Aws, GroupName: string, users: readonly string[]): Promise<void> => {
  for (const UserName of users)
    await unlessGone(gone, () => aws.client(IAMClient).send(new RemoveUserFromGroupCommand({ GroupName, UserName })));
};

export default {
  properties: ["GroupName", "Users"],
  iam: true,

  async create(work) {
    work.exists(work.name);
    await add(work.aws, work.properties.GroupName, work.properties.Users);
    return { physicalId: work.name, attributes: { Id: work.name } };
  },
  async update({ aws, physicalId, properties, was }) {
    await add(aws, properties.GroupName, properties.Users);
    await remove(
      aws,
      was.GroupName,
      was.GroupName === properties.GroupName ? was.Users.filter((user: string) => !properties.Users.includes(user)) : was.Users,
    );
    return { physicalId, attributes: { Id: physicalId } };
  },
  async delete({ aws, properties }) {
    await remove(aws, properties.GroupName, properties.Users);
  },
} satisfies ResourceType;
