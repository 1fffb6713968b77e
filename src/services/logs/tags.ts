import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { groupNamed, mustFindGroup } from "./errors.ts";
import { groupKey, groups, type Place } from "./records.ts";

export const tagOperations = ({ store }: Context): Handlers<typeof sdk> => {
  const change = (place: Place, name: string, to: (tags: Readonly<Record<string, string>>) => Record<string, string>) =>
    store.write(async (tx) => {
      const group = await mustFindGroup(tx, place, name);
      await tx.put(groups, groupKey(place, name), { ...group, tags: to(group.tags) });
      return {};
    });
  const without = (tags: Readonly<Record<string, string>>, keys: readonly string[]) =>
    Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
  const read = async (place: Place, name: string) => ({ tags: { ...(await store.read((tx) => mustFindGroup(tx, place, name))).tags } });
  const named = (arn = "") => groupNamed({ logGroupIdentifier: arn });
  return {
    TagResource: async ({ resourceArn, tags = {} }, call) => change(call, named(resourceArn), (old) => ({ ...old, ...tags })),
    UntagResource: async ({ resourceArn, tagKeys = [] }, call) => change(call, named(resourceArn), (old) => without(old, tagKeys)),
    ListTagsForResource: async ({ resourceArn }, call) => read(call, named(resourceArn)),
    TagLogGroup: async ({ logGroupName = "", tags = {} }, call) => change(call, logGroupName, (old) => ({ ...old, ...tags })),
    UntagLogGroup: async ({ logGroupName = "", tags = [] }, call) => change(call, logGroupName, (old) => without(old, tags)),
    ListTagsLogGroup: async ({ logGroupName = "" }, call) => read(call, logGroupName),
  };
};
