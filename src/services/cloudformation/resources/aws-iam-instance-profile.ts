import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  IAMClient,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { GONE } from "./iam-policies.ts";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";

const setRoles = async ({ aws }: Pick<Work, "aws">, InstanceProfileName: string, wanted: readonly string[]) => {
  const client = aws.client(IAMClient);
  const { InstanceProfile } = await client.send(new GetInstanceProfileCommand({ InstanceProfileName }));
  const now = (InstanceProfile?.Roles ?? []).map(({ RoleName }) => RoleName as string);
  for (const RoleName of now) if (!wanted.includes(RoleName)) await client.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
  for (const RoleName of wanted) if (!now.includes(RoleName)) await client.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
  return { physicalId: InstanceProfileName, attributes: { Arn: InstanceProfile?.Arn } };
};

const type: ResourceType = {
  properties: ["InstanceProfileName", "Path", "Roles"],
  name: { property: "InstanceProfileName", most: 128 },
  iam: true,
  async create(work) {
    const { aws, name: InstanceProfileName, properties } = work;
    await createOnce(work, ["EntityAlreadyExistsException"], () =>
      aws.client(IAMClient).send(new CreateInstanceProfileCommand({ InstanceProfileName, Path: properties.Path })),
    );
    work.exists(InstanceProfileName);
    return setRoles(work, InstanceProfileName, properties.Roles);
  },
  update: (change) => setRoles(change, change.physicalId, change.properties.Roles),
  async delete(removal) {
    await unlessGone(GONE, async () => {
      await setRoles(removal, removal.physicalId, []);
      await removal.aws.client(IAMClient).send(new DeleteInstanceProfileCommand({ InstanceProfileName: removal.physicalId }));
    });
  },
};
export default type;
