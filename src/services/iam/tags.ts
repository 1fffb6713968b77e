import { invalidInput, limitExceeded } from "./errors.ts";
import type { Tags } from "./records.ts";

type Tag = { Key: string | undefined; Value: string | undefined };

export const tagsOf = (list: readonly Tag[] | undefined): Tags => withTags({}, list ?? []);
export const tagList = (tags: Tags) =>
  Object.keys(tags)
    .sort()
    .map((Key) => ({ Key, Value: tags[Key] }));

export const withTags = (tags: Tags, list: readonly Tag[]): Tags => {
  const keys = list.map((tag) => tag.Key?.toLowerCase());
  if (new Set(keys).size < keys.length) throw invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  const next: Tags = { ...tags };
  for (const tag of list) {
    if (tag.Key?.startsWith("aws:")) throw invalidInput("Tag keys that begin with 'aws:' are reserved for system use.");
    next[tag.Key as string] = tag.Value ?? "";
  }
  if (Object.keys(next).length > 50) throw limitExceeded("The number of tags has reached the maximum limit.");
  return next;
};
export const withoutTags = (tags: Tags, keys: readonly string[]): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
