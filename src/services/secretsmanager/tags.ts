import type * as sdk from "@aws-sdk/client-secrets-manager";
import { invalid } from "./errors.ts";

export const tagsOf = (list: readonly sdk.Tag[] | undefined, before: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const tags = { ...before };
  for (const { Key, Value } of list ?? []) {
    if (Key === undefined || Key === "") throw invalid("Tag keys can't be empty.");
    if (Key.startsWith("aws:")) throw invalid("Tag keys that begin with aws: are reserved.");
    tags[Key] = Value ?? "";
  }
  if (Object.keys(tags).length > 50) throw invalid("A secret has at most 50 tags.");
  return tags;
};
export const tagList = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
