import * as sdk from "@aws-sdk/client-ssm";
import { invalid } from "./errors.ts";

type Tag = { Key: string | undefined; Value: string | undefined };
export const tagsOf = (list: readonly Tag[] | undefined, before: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const tags = { ...before };
  for (const { Key, Value } of list ?? []) {
    if (Key?.toLowerCase().startsWith("aws:")) throw invalid("Tag keys that begin with aws: are reserved.");
    tags[Key as string] = Value ?? "";
  }
  if (Object.keys(tags).length > 50) throw new sdk.TooManyTagsError({ message: "A resource has at most 50 tags.", $metadata: {} });
  return tags;
};
