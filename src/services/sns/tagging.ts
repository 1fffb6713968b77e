import { ResourceNotFoundException } from "@aws-sdk/client-sns";
import type * as sdk from "@aws-sdk/client-sns";
import type { Handlers } from "../../protocols/operations.ts";
import type { Call, Context } from "../service.ts";
import { type Topic, topics } from "./records.ts";
import { tagsOf } from "./tags.ts";
import { ownTopic } from "./topics.ts";

const missing = () => new ResourceNotFoundException({ message: "Resource does not exist", $metadata: {} });

export const tagOperations = ({ store }: Context): Handlers<typeof sdk> => {
  const change = (call: Call, arn: string | undefined, work: (tags: Topic["tags"]) => Topic["tags"]) =>
    store.write(async (tx) => {
      const { place, topic: name } = ownTopic(call, arn);
      const key = [place.account, place.region, name];
      const topic = await tx.get(topics, key);
      if (!topic) throw missing();
      await tx.put(topics, key, { ...topic, tags: work(topic.tags) });
      return {};
    });
  return {
    TagResource: (input, call) => change(call, input.ResourceArn, (tags) => tagsOf(input.Tags, tags)),
    UntagResource: (input, call) =>
      change(call, input.ResourceArn, (tags) => Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys?.includes(key)))),
    ListTagsForResource: (input, call) =>
      store.read(async (tx) => {
        const { place, topic: name } = ownTopic(call, input.ResourceArn);
        const topic = await tx.get(topics, [place.account, place.region, name]);
        if (!topic) throw missing();
        return { Tags: Object.entries(topic.tags).map(([Key, Value]) => ({ Key, Value })) };
      }),
  };
};
