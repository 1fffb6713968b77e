import { AddUserToGroupCommand, IAMClient, RemoveUserFromGroupCommand } from "@aws-sdk/client-iam";
import { GONE } from "./iam-policies.ts";
import { type ResourceType, unlessGone, type Work } from "./resource.ts";

const add = async ({ aws, properties }: Work) => {
  for (const UserName of properties.Users) await aws.client(IAMClient).send(new AddUserToGroupCommand({ GroupName: properties.GroupName, UserName }));
};
const remove = async ({ aws }: Pick<Work, "aws">, GroupName: string, users: readonly string[]) => {
  for (const UserName of users) await unlessGone(GONE, () => aws.client(IAMClient).send(new RemoveUserFromGroupCommand({ GroupName, UserName })));
};

const type: ResourceType = {
  properties: ["GroupName", "Users"],
  iam: true,
  async create(work) {
    await add(work);
    return { physicalId: work.name, attributes: { Id: work.name } };
  },
  async update(change) {
    const { was, properties, physicalId } = change;
    await add(change);
    const moved = was.GroupName !== properties.GroupName;
    await remove(
      change,
      was.GroupName,
      was.Users.filter((user: string) => moved || !properties.Users.includes(user)),
    );
    return { physicalId, attributes: { Id: physicalId } };
  },
  delete: (removal) => remove(removal, removal.properties.GroupName, removal.properties.Users),
};
export default type;
