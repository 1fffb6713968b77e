import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  IAMClient,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import type { Aws } from "../../../aws/aws.ts";
import { gone, taken } from "./iam-policies.ts";
import { createOnce, type ResourceType, unlessGone } from "./resource.ts";
import { listChanges } from "./tools.ts";

const changeRoles = async (
  aws: Aws,
  InstanceProfileName: string,
  before: string[] | undefined,
  after: string[] | undefined,
): Promise<void> => {
  const iam = aws.client(IAMClient);
  const roles = listChanges(before, after);
  for (const RoleName of roles.gone)
    await unlessGone(gone, () => iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName })));
  for (const RoleName of roles.come) await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
};
const look = (aws: Aws, name: string) => aws.client(IAMClient).send(new GetInstanceProfileCommand({ InstanceProfileName: name }));
const made = async (aws: Aws, name: string) => ({ physicalId: name, attributes: { Arn: (await look(aws, name)).InstanceProfile?.Arn } });

export default {
  properties: ["InstanceProfileName", "Path", "Roles"],
  name: { property: "InstanceProfileName", most: 128 },
  iam: true,

  async taken({ aws, name }) {
    return (await unlessGone(gone, () => look(aws, name))) !== undefined;
  },
  async create(work) {
    await createOnce(work, taken, () =>
      work.aws.client(IAMClient).send(new CreateInstanceProfileCommand({ InstanceProfileName: work.name, Path: work.properties.Path })),
    );
    work.exists(work.name);
    const there = work.again ? ((await look(work.aws, work.name)).InstanceProfile?.Roles ?? []).map((role) => role.RoleName ?? "") : [];
    await changeRoles(work.aws, work.name, there, work.properties.Roles);
    return made(work.aws, work.name);
  },
  async update({ aws, physicalId, properties }) {
    const there = ((await look(aws, physicalId)).InstanceProfile?.Roles ?? []).map((role) => role.RoleName ?? "");
    await changeRoles(aws, physicalId, there, properties.Roles);
    return made(aws, physicalId);
  },
  async delete({ aws, physicalId, properties }) {
    await changeRoles(aws, physicalId, properties.Roles, []);
    await unlessGone(gone, () => aws.client(IAMClient).send(new DeleteInstanceProfileCommand({ InstanceProfileName: physicalId })));
  },
} satisfies ResourceType;
