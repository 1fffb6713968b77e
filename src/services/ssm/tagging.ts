import * as sdk from "@aws-sdk/client-ssm";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { notImplemented } from "./errors.ts";
import { find } from "./lookups.ts";
import { keyOf, type Parameter, parameters } from "./records.ts";
import { tagsOf } from "./tags.ts";

export const tagOperations = ({ store }: Context): Handlers<typeof sdk> => {
  const named = async (tx: Reading, call: Call, input: { ResourceType?: string; ResourceId?: string }): Promise<Parameter> => {
    if (input.ResourceType !== "Parameter") throw notImplemented(`Tags of the resource type ${input.ResourceType}`);
    const found = await find(tx, call, input.ResourceId as string);
    if (!found) throw new sdk.InvalidResourceId({ message: `The resource ID is not valid: ${input.ResourceId}.`, $metadata: {} });
    return { name: found.name, tags: found.tags, latest: found.latest };
  };
  return {
    AddTagsToResource: (input, call) =>
      store.write(async (tx) => {
        const found = await named(tx, call, input);
        await tx.put(parameters, keyOf(call, found.name), { ...found, tags: tagsOf(input.Tags, found.tags) });
        return {};
      }),
    RemoveTagsFromResource: (input, call) =>
      store.write(async (tx) => {
        const found = await named(tx, call, input);
        const tags = Object.fromEntries(Object.entries(found.tags).filter(([key]) => !input.TagKeys?.includes(key)));
        await tx.put(parameters, keyOf(call, found.name), { ...found, tags });
        return {};
      }),
    ListTagsForResource: (input, call) =>
      store.read(async (tx) => {
        const { tags } = await named(tx, call, input);
        return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
      }),
  };
};
