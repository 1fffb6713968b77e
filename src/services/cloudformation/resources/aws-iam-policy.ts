import type { Aws } from "../../../aws/aws.ts";
import { type Kind, put, take } from "./iam-policies.ts";
import { ResourceFailure, type ResourceType } from "./resource.ts";

interface Properties {
  readonly PolicyName: string;
  readonly PolicyDocument: unknown;
  readonly Roles?: readonly string[];
  readonly Users?: readonly string[];
  readonly Groups?: readonly string[];
}
const holders = (properties: Properties): [Kind, string][] => [
  ...(properties.Roles ?? []).map((name): [Kind, string] => ["Role", name]),
  ...(properties.Users ?? []).map((name): [Kind, string] => ["User", name]),
  ...(properties.Groups ?? []).map((name): [Kind, string] => ["Group", name]),
];
const place = async (aws: Aws, properties: Properties): Promise<void> => {
  const list = holders(properties);
  if (list.length === 0) throw new ResourceFailure("At least one of [Groups,Roles,Users] must be non-empty.");
  for (const [kind, name] of list) await put(aws, kind, name, properties);
};

export default {
  properties: ["PolicyName", "PolicyDocument", "Roles", "Users", "Groups"],
  iam: true,

  async create(work) {
    work.exists(work.name);
    await place(work.aws, work.properties);
    return { physicalId: work.name, attributes: { Id: work.name } };
  },
  async update({ aws, physicalId, properties, was }) {
    await place(aws, properties);
    const kept = new Set(holders(properties).map(([kind, name]) => `${kind} ${name} ${properties.PolicyName}`));
    for (const [kind, name] of holders(was))
      if (!kept.has(`${kind} ${name} ${was.PolicyName}`)) await take(aws, kind, name, was.PolicyName);
    return { physicalId, attributes: { Id: physicalId } };
  },
  async delete({ aws, properties }) {
    for (const [kind, name] of holders(properties)) await take(aws, kind, name, properties.PolicyName);
  },
} satisfies ResourceType;
