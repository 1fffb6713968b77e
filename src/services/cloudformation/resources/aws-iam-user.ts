import {
  AddUserToGroupCommand,
  CreateUserCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  GetUserCommand,
  IAMClient,
  PutUserPermissionsBoundaryCommand,
  RemoveUserFromGroupCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import type { Aws } from "../../../aws/aws.ts";
import { changePolicies, gone, taken } from "./iam-policies.ts";
import { createOnce, type ResourceType, unlessGone } from "./resource.ts";
import { changeTags, differ, listChanges } from "./tools.ts";

const made = async (aws: Aws, name: string) => {
  const { User } = await aws.client(IAMClient).send(new GetUserCommand({ UserName: name }));
  return { physicalId: name, attributes: { Arn: User?.Arn } };
};
const changeGroups = async (aws: Aws, UserName: string, before: string[] | undefined, after: string[] | undefined): Promise<void> => {
  const iam = aws.client(IAMClient);
  const groups = listChanges(before, after);
  for (const GroupName of groups.come) await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
  for (const GroupName of groups.gone) await unlessGone(gone, () => iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName })));
};

export default {
  properties: ["UserName", "Path", "PermissionsBoundary", "Groups", "ManagedPolicyArns", "Policies", "Tags"],
  name: { property: "UserName", most: 64 },
  iam: true,

  async taken({ aws, name }) {
    return (await unlessGone(gone, () => aws.client(IAMClient).send(new GetUserCommand({ UserName: name })))) !== undefined;
  },
  async create(work) {
    const { Path, PermissionsBoundary, Tags, Groups } = work.properties;
    await createOnce(work, taken, () =>
      work.aws.client(IAMClient).send(new CreateUserCommand({ UserName: work.name, Path, PermissionsBoundary, Tags })),
    );
    work.exists(work.name);
    await changePolicies(work.aws, "User", work.name, {}, work.properties);
    await changeGroups(work.aws, work.name, [], Groups);
    return made(work.aws, work.name);
  },
  async update({ aws, physicalId: UserName, properties, was }) {
    const iam = aws.client(IAMClient);
    if (differ(was, properties, "Path")) await iam.send(new UpdateUserCommand({ UserName, NewPath: properties.Path ?? "/" }));
    if (differ(was, properties, "PermissionsBoundary")) {
      if (properties.PermissionsBoundary)
        await iam.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: properties.PermissionsBoundary }));
      else await unlessGone(gone, () => iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName })));
    }
    await changePolicies(aws, "User", UserName, was, properties);
    await changeGroups(aws, UserName, was.Groups, properties.Groups);
    await changeTags(
      was.Tags,
      properties.Tags,
      (Tags) => iam.send(new TagUserCommand({ UserName, Tags })),
      (TagKeys) => iam.send(new UntagUserCommand({ UserName, TagKeys })),
    );
    return made(aws, UserName);
  },
  async delete({ aws, physicalId: UserName, properties }) {
    await changePolicies(aws, "User", UserName, properties, {});
    await changeGroups(aws, UserName, properties.Groups, []);
    await unlessGone(gone, () => aws.client(IAMClient).send(new DeleteUserCommand({ UserName })));
  },
} satisfies ResourceType;
