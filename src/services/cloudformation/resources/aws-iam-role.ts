import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import type { Aws } from "../../../aws/aws.ts";
import { changePolicies, gone, taken } from "./iam-policies.ts";
import { createOnce, type ResourceType, unlessGone } from "./resource.ts";
import { changeTags, differ, documentText } from "./tools.ts";

const made = async (aws: Aws, name: string) => {
  const { Role } = await aws.client(IAMClient).send(new GetRoleCommand({ RoleName: name }));
  return { physicalId: name, attributes: { Arn: Role?.Arn, RoleId: Role?.RoleId } };
};

export default {
  properties: [
    "RoleName",
    "AssumeRolePolicyDocument",
    "Path",
    "Description",
    "MaxSessionDuration",
    "PermissionsBoundary",
    "ManagedPolicyArns",
    "Policies",
    "Tags",
  ],
  name: { property: "RoleName", most: 64 },
  iam: true,

  async taken({ aws, name }) {
    return (await unlessGone(gone, () => aws.client(IAMClient).send(new GetRoleCommand({ RoleName: name })))) !== undefined;
  },

  async create(work) {
    const { AssumeRolePolicyDocument, Path, Description, MaxSessionDuration, PermissionsBoundary, Tags } = work.properties;
    await createOnce(work, taken, () =>
      work.aws.client(IAMClient).send(
        new CreateRoleCommand({
          RoleName: work.name,
          AssumeRolePolicyDocument: documentText(AssumeRolePolicyDocument),
          Path,
          Description,
          MaxSessionDuration,
          PermissionsBoundary,
          Tags,
        }),
      ),
    );
    work.exists(work.name);
    await changePolicies(work.aws, "Role", work.name, {}, work.properties);
    return made(work.aws, work.name);
  },

  async update({ aws, physicalId: RoleName, properties, was }) {
    const iam = aws.client(IAMClient);
    if (differ(was, properties, "AssumeRolePolicyDocument")) {
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: documentText(properties.AssumeRolePolicyDocument) }));
    }
    if (differ(was, properties, "Description", "MaxSessionDuration")) {
      await iam.send(
        new UpdateRoleCommand({
          RoleName,
          Description: properties.Description ?? "",
          MaxSessionDuration: properties.MaxSessionDuration ?? 3600,
        }),
      );
    }
    if (differ(was, properties, "PermissionsBoundary")) {
      if (properties.PermissionsBoundary)
        await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: properties.PermissionsBoundary }));
      else await unlessGone(gone, () => iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName })));
    }
    await changePolicies(aws, "Role", RoleName, was, properties);
    await changeTags(
      was.Tags,
      properties.Tags,
      (Tags) => iam.send(new TagRoleCommand({ RoleName, Tags })),
      (TagKeys) => iam.send(new UntagRoleCommand({ RoleName, TagKeys })),
    );
    return made(aws, RoleName);
  },

  async delete({ aws, physicalId: RoleName, properties }) {
    await changePolicies(aws, "Role", RoleName, properties, {});
    await unlessGone(gone, () => aws.client(IAMClient).send(new DeleteRoleCommand({ RoleName })));
  },
} satisfies ResourceType;
