import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  IAMClient,
  ListPolicyVersionsCommand,
} from "@aws-sdk/client-iam";
import { attach, detach, GONE, type Holder, policyText } from "./iam-policies.ts";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";

const HOLDERS: readonly (readonly [Holder, string])[] = [
  ["role", "Roles"],
  ["user", "Users"],
  ["group", "Groups"],
];
// biome-ignore lint/suspicious/noExplicitAny: the properties of this type
const holdersOf = (properties: any): [Holder, string][] => HOLDERS.flatMap(([holder, list]) => (properties[list] ?? []).map((name: string): [Holder, string] => [holder, name]));
const made = async ({ aws }: Pick<Work, "aws">, PolicyArn: string) => {
  const { Policy } = await aws.client(IAMClient).send(new GetPolicyCommand({ PolicyArn }));
  const { PolicyId, AttachmentCount, DefaultVersionId, IsAttachable } = Policy ?? {};
  return { physicalId: PolicyArn, attributes: { PolicyArn, PolicyId, AttachmentCount, DefaultVersionId, IsAttachable } };
};
/** A policy keeps five versions: the oldest makes room. */
const makeRoom = async ({ aws }: Pick<Work, "aws">, PolicyArn: string, most: number) => {
  const client = aws.client(IAMClient);
  const { Versions = [] } = await client.send(new ListPolicyVersionsCommand({ PolicyArn }));
  const old = Versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion).sort((a, b) => Number(a.VersionId?.slice(1)) - Number(b.VersionId?.slice(1)));
  for (const { VersionId } of old.slice(0, Math.max(0, Versions.length - most))) await client.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
};

const type: ResourceType = {
  properties: ["Description", "Groups", "ManagedPolicyName", "Path", "PolicyDocument", "Roles", "Users"],
  name: { property: "ManagedPolicyName", most: 128 },
  iam: true,
  changing: ["AttachmentCount", "DefaultVersionId"],
  async create(work) {
    const { aws, name, properties, stack } = work;
    const { Description, Path = "/", PolicyDocument } = properties;
    const arn = `arn:${stack.partition}:iam::${stack.account}:policy${Path}${name}`;
    await createOnce(work, ["EntityAlreadyExistsException"], () =>
      aws.client(IAMClient).send(new CreatePolicyCommand({ PolicyName: name, Description, Path, PolicyDocument: policyText(PolicyDocument) })),
    );
    work.exists(arn);
    for (const [holder, who] of holdersOf(properties)) await attach(aws, holder, who, arn);
    return made(work, arn);
  },
  async update(change) {
    const { aws, physicalId: PolicyArn, properties, was } = change;
    if (policyText(was.PolicyDocument) !== policyText(properties.PolicyDocument)) {
      await makeRoom(change, PolicyArn, 4);
      await aws.client(IAMClient).send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policyText(properties.PolicyDocument), SetAsDefault: true }));
    }
    const wanted = holdersOf(properties);
    for (const [holder, who] of wanted) await attach(aws, holder, who, PolicyArn);
    for (const [holder, who] of holdersOf(was)) if (!wanted.some((one) => one[0] === holder && one[1] === who)) await detach(aws, holder, who, PolicyArn);
    return made(change, PolicyArn);
  },
  async delete(removal) {
    const { aws, physicalId: PolicyArn, properties } = removal;
    for (const [holder, who] of holdersOf(properties)) await detach(aws, holder, who, PolicyArn);
    await unlessGone(GONE, async () => {
      await makeRoom(removal, PolicyArn, 1);
      await aws.client(IAMClient).send(new DeletePolicyCommand({ PolicyArn }));
    });
  },
};
export default type;
