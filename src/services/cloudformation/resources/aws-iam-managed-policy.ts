import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListPolicyVersionsCommand,
} from "@aws-sdk/client-iam";
import type { Aws } from "../../../aws/aws.ts";
import { same } from "../template/value.ts";
import { attach, detach, gone, type Kind, taken } from "./iam-policies.ts";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { differ, documentText, listChanges } from "./tools.ts";

const kinds: [Kind, string][] = [
  ["Role", "Roles"],
  ["User", "Users"],
  ["Group", "Groups"],
];
const arnOf = ({ stack, properties, name }: Pick<Work, "stack" | "properties" | "name">): string =>
  `arn:${stack.partition}:iam::${stack.account}:policy${properties.Path ?? "/"}${name}`;
const made = async (aws: Aws, arn: string) => {
  const { Policy } = await aws.client(IAMClient).send(new GetPolicyCommand({ PolicyArn: arn }));
  return {
    physicalId: arn,
    attributes: {
      PolicyArn: arn,
      PolicyId: Policy?.PolicyId,
      DefaultVersionId: Policy?.DefaultVersionId,
      AttachmentCount: Policy?.AttachmentCount ?? 0,
      PermissionsBoundaryUsageCount: Policy?.PermissionsBoundaryUsageCount ?? 0,
      IsAttachable: Policy?.IsAttachable ?? true,
      CreateDate: Policy?.CreateDate?.toISOString(),
      UpdateDate: Policy?.UpdateDate?.toISOString(),
    },
  };
};
const changeHolders = async (aws: Aws, arn: string, before: Record<string, string[]>, after: Record<string, string[]>): Promise<void> => {
  for (const [kind, property] of kinds) {
    const holders = listChanges(before[property], after[property]);
    for (const name of holders.come) await attach(aws, kind, name, arn);
    for (const name of holders.gone) await detach(aws, kind, name, arn);
  }
};
const otherVersions = async (aws: Aws, PolicyArn: string) => {
  const { Versions = [] } = await aws.client(IAMClient).send(new ListPolicyVersionsCommand({ PolicyArn }));
  return Versions.filter((one) => !one.IsDefaultVersion).sort((a, b) => Number(a.CreateDate) - Number(b.CreateDate));
};

export default {
  properties: ["ManagedPolicyName", "PolicyDocument", "Path", "Description", "Roles", "Users", "Groups"],
  name: { property: "ManagedPolicyName", most: 128 },
  iam: true,
  changing: ["DefaultVersionId", "AttachmentCount", "UpdateDate"],

  async taken(work) {
    return (await unlessGone(gone, () => work.aws.client(IAMClient).send(new GetPolicyCommand({ PolicyArn: arnOf(work) })))) !== undefined;
  },
  async create(work) {
    const { PolicyDocument, Path, Description } = work.properties;
    const arn = arnOf(work);
    await createOnce(work, taken, () =>
      work.aws
        .client(IAMClient)
        .send(new CreatePolicyCommand({ PolicyName: work.name, PolicyDocument: documentText(PolicyDocument), Path, Description })),
    );
    work.exists(arn);
    await changeHolders(work.aws, arn, {}, work.properties);
    return made(work.aws, arn);
  },
  async update({ aws, physicalId: PolicyArn, properties, was }) {
    const iam = aws.client(IAMClient);
    if (differ(was, properties, "PolicyDocument")) {
      const wanted = documentText(properties.PolicyDocument);
      const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
      const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId }));
      if (!same(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? "null")), JSON.parse(wanted))) {
        const others = await otherVersions(aws, PolicyArn);
        // IAM keeps five versions at most.
        if (others.length >= 4) await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: others[0]?.VersionId }));
        await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: wanted, SetAsDefault: true }));
      }
    }
    await changeHolders(aws, PolicyArn, was, properties);
    return made(aws, PolicyArn);
  },
  async delete({ aws, physicalId: PolicyArn, properties }) {
    const iam = aws.client(IAMClient);
    await changeHolders(aws, PolicyArn, properties, {});
    await unlessGone(gone, async () => {
      for (const { VersionId } of await otherVersions(aws, PolicyArn))
        await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
      await iam.send(new DeletePolicyCommand({ PolicyArn }));
    });
  },
} satisfies ResourceType;
