import { TemplateError } from "../template/value.ts";
import { isAwsType } from "../types.ts";
import { resourceTypes } from "./index.ts";
import type { ResourceType } from "./resource.ts";

/** The types of these names. One that we do not have fails by name; one that AWS has is said to be ours to build. */
export const loadTypes = async (names: Iterable<string>): Promise<Map<string, ResourceType>> => {
  const wanted = [...new Set(names)];
  const key = (name: string) => (name.startsWith("Custom::") ? "AWS::CloudFormation::CustomResource" : name);
  const missing = wanted.filter((name) => !Object.hasOwn(resourceTypes, key(name)));
  if (missing.length > 0) {
    const known = missing.filter(isAwsType);
    throw new TemplateError(
      `Template format error: Unrecognized resource types: [${missing.join(", ")}]${known.length > 0 ? ` (not implemented by Mayfly: ${known.join(", ")})` : ""}`,
    );
  }
  const long = wanted.filter((name) => name.startsWith("Custom::") && !/^Custom::[A-Za-z0-9_@-]{1,52}$/.test(name));
  if (long.length > 0) throw new TemplateError(`Template format error: the custom type ${long[0]} is no valid name`);
  return new Map(
    await Promise.all(
      wanted.map(async (name) => [name, (await (resourceTypes[key(name)] as () => Promise<{ default: ResourceType }>)()).default] as const),
    ),
  );
};
