import type * as sdk from "@aws-sdk/client-sns";
import { invalid, tooManyTags } from "./errors.ts";

export const tagsOf = (list: readonly sdk.Tag[] | undefined, before: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const tags = { ...before };
  for (const { Key, Value } of list ?? []) {
    if (Key?.startsWith("aws:")) throw invalid("Tags Reason: tag keys that begin with aws: are reserved");
    tags[Key as string] = Value ?? "";
  }
  if (Object.keys(tags).length > 50) throw tooManyTags();
  return tags;
};
