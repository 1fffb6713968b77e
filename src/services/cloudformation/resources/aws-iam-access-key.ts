import { CreateAccessKeyCommand, DeleteAccessKeyCommand, IAMClient, ListAccessKeysCommand, UpdateAccessKeyCommand } from "@aws-sdk/client-iam";
import { GONE } from "./iam-policies.ts";
import { type ResourceType, unlessGone, type Work } from "./resource.ts";

/** A key's secret is told only once: what an earlier try made, and nobody has seen, is taken away. */
const takeAwayUnseen = async ({ aws, properties, startedAt }: Work) => {
  const client = aws.client(IAMClient);
  const { AccessKeyMetadata = [] } = await client.send(new ListAccessKeysCommand({ UserName: properties.UserName }));
  for (const { AccessKeyId, CreateDate, UserName } of AccessKeyMetadata)
    if (CreateDate && CreateDate >= startedAt) await client.send(new DeleteAccessKeyCommand({ AccessKeyId, UserName }));
};

const type: ResourceType = {
  properties: ["Serial", "Status", "UserName"],
  iam: true,
  async create(work) {
    const { aws, properties, again } = work;
    if (again) await takeAwayUnseen(work);
    const { UserName, Status } = properties;
    const { AccessKey } = await aws.client(IAMClient).send(new CreateAccessKeyCommand({ UserName }));
    const id = AccessKey?.AccessKeyId as string;
    work.exists(id);
    if (Status === "Inactive") await aws.client(IAMClient).send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: id, Status }));
    return { physicalId: id, attributes: { Id: id, SecretAccessKey: AccessKey?.SecretAccessKey } };
  },
  async update({ aws, physicalId, properties, attributes }) {
    const { UserName, Status = "Active" } = properties;
    await aws.client(IAMClient).send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: physicalId, Status }));
    return { physicalId, attributes };
  },
  async delete({ aws, physicalId, properties }) {
    await unlessGone(GONE, () => aws.client(IAMClient).send(new DeleteAccessKeyCommand({ UserName: properties.UserName, AccessKeyId: physicalId })));
  },
};
export default type;
