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
import { GONE, policyText, setPolicies } from "./iam-policies.ts";
import { createOnce, type ResourceType, unlessGone } from "./resource.ts";
import { changedTags, tagMap } from "./tags.ts";

const type: ResourceType = {
  properties: ["AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration", "Path", "PermissionsBoundary", "Policies", "RoleName", "Tags"],
  name: { property: "RoleName", most: 64 },
  iam: true,
  taken: async ({ aws, name }) => (await unlessGone(GONE, () => aws.client(IAMClient).send(new GetRoleCommand({ RoleName: name })))) !== undefined,
  async create(work) {
    const { aws, name: RoleName, properties } = work;
    const client = aws.client(IAMClient);
    const { Description, MaxSessionDuration, Path, PermissionsBoundary, Tags } = properties;
    const AssumeRolePolicyDocument = policyText(properties.AssumeRolePolicyDocument);
    await createOnce(work, ["EntityAlreadyExistsException"], () =>
      client.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Description, MaxSessionDuration, Path, PermissionsBoundary, Tags })),
    );
    work.exists(RoleName);
    await setPolicies(aws, "role", RoleName, {}, properties);
    const { Role } = await client.send(new GetRoleCommand({ RoleName }));
    return { physicalId: RoleName, attributes: { Arn: Role?.Arn, RoleId: Role?.RoleId } };
  },
  async update({ aws, physicalId: RoleName, properties, was, attributes }) {
    const client = aws.client(IAMClient);
    const { Description = "", MaxSessionDuration = 3600, PermissionsBoundary } = properties;
    await client.send(new UpdateRoleCommand({ RoleName, Description, MaxSessionDuration }));
    await client.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: policyText(properties.AssumeRolePolicyDocument) }));
    if (PermissionsBoundary) await client.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
    else if (was.PermissionsBoundary) await client.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
    const { set, gone } = changedTags(tagMap(was.Tags), tagMap(properties.Tags));
    const Tags = Object.entries(set).map(([Key, Value]) => ({ Key, Value }));
    if (Tags.length > 0) await client.send(new TagRoleCommand({ RoleName, Tags }));
    if (gone.length > 0) await client.send(new UntagRoleCommand({ RoleName, TagKeys: gone }));
    await setPolicies(aws, "role", RoleName, was, properties);
    return { physicalId: RoleName, attributes };
  },
  async delete({ aws, physicalId: RoleName, properties }) {
    await setPolicies(aws, "role", RoleName, properties, {});
    await unlessGone(GONE, () => aws.client(IAMClient).send(new DeleteRoleCommand({ RoleName })));
  },
};
export default type;
