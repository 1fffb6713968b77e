import {
  AddUserToGroupCommand,
  CreateUserCommand,
  DeleteUserCommand,
  GetUserCommand,
  IAMClient,
  RemoveUserFromGroupCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import { GONE, setPolicies } from "./iam-policies.ts";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { changedTags, tagMap } from "./tags.ts";

const setGroups = async ({ aws }: Pick<Work, "aws">, UserName: string, was: readonly string[] = [], wanted: readonly string[] = []) => {
  const client = aws.client(IAMClient);
  for (const GroupName of wanted) await client.send(new AddUserToGroupCommand({ GroupName, UserName }));
  for (const GroupName of was)
    if (!wanted.includes(GroupName)) await unlessGone(GONE, () => client.send(new RemoveUserFromGroupCommand({ GroupName, UserName })));
};
const made = async ({ aws }: Pick<Work, "aws">, UserName: string) => {
  const { User } = await aws.client(IAMClient).send(new GetUserCommand({ UserName }));
  return { physicalId: UserName, attributes: { Arn: User?.Arn } };
};

const type: ResourceType = {
  properties: ["Groups", "ManagedPolicyArns", "Path", "Policies", "Tags", "UserName"],
  name: { property: "UserName", most: 64 },
  iam: true,
  taken: async ({ aws, name }) => (await unlessGone(GONE, () => aws.client(IAMClient).send(new GetUserCommand({ UserName: name })))) !== undefined,
  async create(work) {
    const { aws, name: UserName, properties } = work;
    await createOnce(work, ["EntityAlreadyExistsException"], () =>
      aws.client(IAMClient).send(new CreateUserCommand({ UserName, Path: properties.Path, Tags: properties.Tags })),
    );
    work.exists(UserName);
    await setPolicies(aws, "user", UserName, {}, properties);
    await setGroups(work, UserName, [], properties.Groups);
    return made(work, UserName);
  },
  async update(change) {
    const { aws, physicalId: UserName, properties, was } = change;
    const client = aws.client(IAMClient);
    if (properties.Path !== was.Path) await client.send(new UpdateUserCommand({ UserName, NewPath: properties.Path ?? "/" }));
    const { set, gone } = changedTags(tagMap(was.Tags), tagMap(properties.Tags));
    const Tags = Object.entries(set).map(([Key, Value]) => ({ Key, Value }));
    if (Tags.length > 0) await client.send(new TagUserCommand({ UserName, Tags }));
    if (gone.length > 0) await client.send(new UntagUserCommand({ UserName, TagKeys: gone }));
    await setPolicies(aws, "user", UserName, was, properties);
    await setGroups(change, UserName, was.Groups, properties.Groups);
    return made(change, UserName);
  },
  async delete(removal) {
    const { aws, physicalId: UserName, properties } = removal;
    await setGroups(removal, UserName, properties.Groups, []);
    await setPolicies(aws, "user", UserName, properties, {});
    await unlessGone(GONE, () => aws.client(IAMClient).send(new DeleteUserCommand({ UserName })));
  },
};
export default type;
