import { deleteInline, type Holder, putInline } from "./iam-policies.ts";
import type { ResourceType, Work } from "./resource.ts";

const HOLDERS: readonly (readonly [Holder, string])[] = [
  ["role", "Roles"],
  ["user", "Users"],
  ["group", "Groups"],
];
// biome-ignore lint/suspicious/noExplicitAny: the properties of this type
const holdersOf = (properties: any): [Holder, string][] => HOLDERS.flatMap(([holder, list]) => (properties[list] ?? []).map((name: string): [Holder, string] => [holder, name]));
const put = async ({ aws, properties }: Pick<Work, "aws" | "properties">) => {
  for (const [holder, name] of holdersOf(properties)) await putInline(aws, holder, name, properties.PolicyName, properties.PolicyDocument);
};

const type: ResourceType = {
  properties: ["Groups", "PolicyDocument", "PolicyName", "Roles", "Users"],
  iam: true,
  async create(work) {
    await put(work);
    return { physicalId: work.name, attributes: { Id: work.name } };
  },
  async update(change) {
    const { aws, was, properties, physicalId } = change;
    await put(change);
    const now = new Set(holdersOf(properties).map((one) => `${one} ${properties.PolicyName}`));
    for (const [holder, name] of holdersOf(was))
      if (!now.has(`${[holder, name]} ${was.PolicyName}`)) await deleteInline(aws, holder, name, was.PolicyName);
    return { physicalId, attributes: { Id: physicalId } };
  },
  async delete({ aws, properties }) {
    for (const [holder, name] of holdersOf(properties)) await deleteInline(aws, holder, name, properties.PolicyName);
  },
};
export default type;
