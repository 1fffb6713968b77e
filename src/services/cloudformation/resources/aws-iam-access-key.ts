import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  IAMClient,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { gone } from "./iam-policies.ts";
import { type ResourceType, unlessGone } from "./resource.ts";

export default {
  properties: ["UserName", "Status", "Serial"],
  iam: true,

  async create(work) {
    const iam = work.aws.client(IAMClient);
    const { UserName, Status } = work.properties;
    if (work.again) {
      // A key of an earlier try is useless: its secret was told once, to nobody.
      const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }));
      for (const { AccessKeyId, CreateDate } of AccessKeyMetadata) {
        if (CreateDate && CreateDate.getTime() >= Math.floor(work.startedAt.getTime() / 1000) * 1000)
          await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
      }
    }
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const AccessKeyId = AccessKey?.AccessKeyId ?? "";
    work.exists(AccessKeyId);
    if (Status && Status !== "Active") await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }));
    return { physicalId: AccessKeyId, attributes: { SecretAccessKey: AccessKey?.SecretAccessKey, Id: AccessKeyId } };
  },
  async update({ aws, physicalId, properties, attributes }) {
    const { UserName, Status = "Active" } = properties;
    await aws.client(IAMClient).send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: physicalId, Status }));
    return { physicalId, attributes };
  },
  async delete({ aws, physicalId, properties }) {
    await unlessGone(gone, () =>
      aws.client(IAMClient).send(new DeleteAccessKeyCommand({ UserName: properties.UserName, AccessKeyId: physicalId })),
    );
  },
} satisfies ResourceType;
