import * as sdk from "@aws-sdk/client-codecommit";
import type { Handlers } from "../../protocols/operations.ts";
import type { Call, Context } from "../service.ts";
import { findRepository, raise } from "./lookups.ts";
import { type Repository, repositories, repositoryKey } from "./records.ts";

export const checkTags = (tags: Readonly<Record<string, string>>): Record<string, string> => {
  const entries = Object.entries(tags);
  if (entries.length > 50) throw raise(sdk.TooManyTagsException, "A resource has at most 50 tags.");
  for (const [key, value] of entries) {
    if (/^aws:/i.test(key)) throw raise(sdk.InvalidSystemTagUsageException, `The tag key ${key} is reserved: it begins with aws:.`);
    if (key.length < 1 || key.length > 128 || String(value ?? "").length > 256)
      throw raise(sdk.InvalidTagsMapException, `The tag ${key} is not valid: keys have 1 to 128 characters, values at most 256.`);
  }
  return { ...tags };
};

export const tagOperations = (context: Context): Handlers<typeof sdk> => {
  const repositoryOf = (call: Call, arn: string | undefined): Promise<Repository> => {
    if (!arn) throw raise(sdk.ResourceArnRequiredException, "A resource ARN is required.");
    const match = /^arn:[\w-]+:codecommit:([\w-]*):(\d{12}):([\w.-]+)$/.exec(arn);
    if (!match || match[2] !== call.account) throw raise(sdk.InvalidResourceArnException, `${arn} is not the ARN of a repository.`);
    return findRepository(context, { ...call, region: match[1] || call.region }, match[3]);
  };
  const change = async (found: Repository, by: (tags: Readonly<Record<string, string>>) => Record<string, string>) =>
    context.store.write(async (tx) => {
      const current = await tx.get(repositories, repositoryKey(found, found.name));
      if (current?.id !== found.id) throw raise(sdk.RepositoryDoesNotExistException, `${found.name} does not exist`);
      await tx.put(repositories, repositoryKey(found, found.name), { ...current, tags: by(current.tags) });
    });
  return {
    async TagResource(input, call) {
      const found = await repositoryOf(call, input.resourceArn);
      if (!input.tags) throw raise(sdk.TagsMapRequiredException, "A map of tags is required.");
      await change(found, (tags) => checkTags({ ...tags, ...input.tags }));
      return {};
    },
    async UntagResource(input, call) {
      const found = await repositoryOf(call, input.resourceArn);
      if (!input.tagKeys) throw raise(sdk.TagKeysListRequiredException, "A list of tag keys is required.");
      const gone = new Set(input.tagKeys);
      await change(found, (tags) => Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))));
      return {};
    },
    async ListTagsForResource(input, call) {
      return { tags: { ...(await repositoryOf(call, input.resourceArn)).tags } };
    },
  };
};
