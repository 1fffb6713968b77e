import { invalid, limitExceeded } from "./errors.ts";
import type { Tags } from "./records.ts";

type Tag = { Key: string | undefined; Value: string | undefined };
export const tagsOf = (list: readonly Tag[] | undefined, before: Tags = {}): Tags => {
  const tags = { ...before };
  for (const { Key, Value } of list ?? []) {
    if (Key?.startsWith("aws:")) throw invalid("aws: prefixed tag key names are not allowed for external use.");
    tags[Key as string] = Value ?? "";
  }
  if (Object.keys(tags).length > 50) throw limitExceeded("A resource has at most 50 tags.");
  return tags;
};
