import type * as sdk from "@aws-sdk/client-eventbridge";
import type { Handlers } from "../../protocols/operations.ts";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { findBus } from "./buses.ts";
import { invalid, notFound } from "./errors.ts";
import { buses, defaultBus, type Place, rules, type Tags } from "./records.ts";
import { tagsOf } from "./tags.ts";

/** What an ARN of ours names. */
const partsOf = (arn: string): { bus: string; rule?: string } => {
  const [, kind, name] = /^arn:[^:]+:events:[^:]*:\d*:(rule|event-bus)\/(.+)$/.exec(arn) ?? [];
  if (kind === "event-bus") return { bus: name };
  if (kind === "rule") {
    const cut = name.lastIndexOf("/");
    return cut < 0 ? { bus: defaultBus, rule: name } : { bus: name.slice(0, cut), rule: name.slice(cut + 1) };
  }
  throw invalid(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
};

export const tagOperations = ({ store }: Context): Handlers<typeof sdk> => {
  const change = (place: Place, arn: string | undefined, work: (tags: Tags) => Tags) =>
    store.write(async (tx: Writing) => {
      const { bus, rule } = partsOf(arn as string);
      const at = [place.account, place.region, bus];
      if (rule !== undefined) {
        const found = await tx.get(rules, [...at, rule]);
        if (!found) throw notFound(`Rule ${rule} does not exist on EventBus ${bus}.`);
        await tx.put(rules, [...at, rule], { ...found, tags: work(found.tags) });
        return;
      }
      const found = await findBus(tx, place, bus);
      if (!found) throw notFound(`Event bus ${bus} does not exist.`);
      await tx.put(buses, at, { ...found, tags: work(found.tags) });
    });
  return {
    TagResource: async (input, place) => {
      await change(place, input.ResourceARN, (tags) => tagsOf(input.Tags, tags));
      return {};
    },
    UntagResource: async (input, place) => {
      await change(place, input.ResourceARN, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys?.includes(key))),
      );
      return {};
    },
    ListTagsForResource: (input, place) =>
      store.read(async (tx) => {
        const { bus, rule } = partsOf(input.ResourceARN as string);
        const found = rule === undefined ? await findBus(tx, place, bus) : await tx.get(rules, [place.account, place.region, bus, rule]);
        if (!found)
          throw notFound(rule === undefined ? `Event bus ${bus} does not exist.` : `Rule ${rule} does not exist on EventBus ${bus}.`);
        return { Tags: Object.entries(found.tags).map(([Key, Value]) => ({ Key, Value })) };
      }),
  };
};
