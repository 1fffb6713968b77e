/** Tags of pipelines. */
import type * as sdk from "@aws-sdk/client-codepipeline";
import {
  InvalidArnException,
  InvalidTagsException,
  ResourceNotFoundException,
  type Tag,
  TooManyTagsException,
} from "@aws-sdk/client-codepipeline";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { problem } from "./errors.ts";
import { partsOf, tokenFor } from "./lookups.ts";
import { keyOf, type Pipeline, type Place, pipelines } from "./records.ts";

const most = 50;

/** The tags after these are added. Throws AWS's exceptions. */
export const checkTags = (before: Readonly<Record<string, string>>, added: readonly Tag[]): Record<string, string> => {
  const all: Record<string, string> = { ...before };
  for (const { key = "", value = "" } of added) {
    if (key.toLowerCase().startsWith("aws:"))
      throw problem(
        InvalidTagsException,
        "Not allowed to modify system tags. System tags start with 'aws:'. msg=[Caller is an end user and not allowed to mutate system tags]",
      );
    all[key] = value;
  }
  if (new Set(added.map(({ key }) => key)).size < added.length) throw problem(InvalidTagsException, "Duplicate tag keys found");
  if (Object.keys(all).length > most) throw problem(TooManyTagsException, `The tag limit for a resource (${most}) would be exceeded`);
  return all;
};

export const tagList = (tags: Readonly<Record<string, string>>): Tag[] => Object.entries(tags).map(([key, value]) => ({ key, value }));

const pattern = /^arn:aws[\w-]*:codepipeline:([a-z0-9-]+):(\d{12}):([A-Za-z0-9.@\-_]+)$/;

const tagged = async (tx: Reading, arn: string, call: Call): Promise<{ place: Place; pipeline: Pipeline }> => {
  const [, region, account, name] = pattern.exec(arn) ?? [];
  if (region === undefined || account === undefined || name === undefined)
    throw problem(InvalidArnException, `${arn} is not a valid ARN of a pipeline`);
  const place = { account, region, pipeline: name };
  const pipeline = account === call.account ? await tx.get(pipelines, keyOf(place)) : undefined;
  if (!pipeline)
    throw problem(ResourceNotFoundException, `The account with id '${account}' does not include a pipeline with the name '${name}'`);
  return { place, pipeline };
};

export const tagOperations = (context: Context): Handlers<typeof sdk> => ({
  async TagResource(input, call) {
    await context.store.write(async (tx) => {
      const { place, pipeline } = await tagged(tx, input.resourceArn!, call);
      await tx.put(pipelines, keyOf(place), { ...pipeline, tags: checkTags(pipeline.tags, input.tags!) });
    });
    return {};
  },
  async UntagResource(input, call) {
    await context.store.write(async (tx) => {
      const { place, pipeline } = await tagged(tx, input.resourceArn!, call);
      const tags = Object.fromEntries(Object.entries(pipeline.tags).filter(([key]) => !input.tagKeys!.includes(key)));
      await tx.put(pipelines, keyOf(place), { ...pipeline, tags });
    });
    return {};
  },
  async ListTagsForResource(input, call) {
    const { pipeline } = await context.store.read((tx) => tagged(tx, input.resourceArn!, call));
    const all = tagList(pipeline.tags).sort((one, other) => (one.key! < other.key! ? -1 : 1));
    const after = input.nextToken === undefined ? 0 : Number(partsOf(input.nextToken, 1)[0]);
    const until = after + (input.maxResults ?? 100);
    return { tags: all.slice(after, until), nextToken: until < all.length ? tokenFor(String(until)) : undefined };
  },
});
