import type * as sdk from "@aws-sdk/client-lambda";
import type { Handlers } from "../../protocols/operations.ts";
import { invalid, notBuilt } from "./errors.ts";
import { functionOf, target } from "./lookups.ts";
import { functions, type StoredFunction } from "./records.ts";
import type { Place, World } from "./world.ts";

export const tagOperations = ({ context: { store } }: World): Handlers<typeof sdk> => {
  const functionName = (place: Place, arn: string | undefined) => {
    if (!/^arn:[^:]*:lambda:[^:]*:[^:]*:function:/.test(arn ?? "")) throw notBuilt(`Tagging ${arn} (only functions are tagged)`);
    const { name, qualifier } = target(place, arn);
    if (qualifier !== undefined) throw invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.");
    return name;
  };
  const change = (place: Place, arn: string | undefined, to: (tags: StoredFunction["tags"]) => StoredFunction["tags"]) => {
    const name = functionName(place, arn);
    return store.write(async (tx) => {
      const stored = await functionOf(tx, place, { name });
      const tags = to(stored.tags);
      if (Object.keys(tags).length > 50) throw invalid("A function can have at most 50 tags.");
      await tx.put(functions, [place.account, place.region, name], { ...stored, tags });
    });
  };
  return {
    async TagResource(input, call) {
      await change(call, input.Resource, (tags) => ({ ...tags, ...input.Tags }));
      return { $metadata: { httpStatusCode: 204 } };
    },
    async UntagResource(input, call) {
      const gone = new Set(input.TagKeys);
      await change(call, input.Resource, (tags) => Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))));
      return { $metadata: { httpStatusCode: 204 } };
    },
    async ListTags(input, call) {
      const name = functionName(call, input.Resource);
      return { Tags: { ...(await store.read((tx) => functionOf(tx, call, { name }))).tags } };
    },
  };
};
