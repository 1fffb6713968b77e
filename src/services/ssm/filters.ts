/** Which parameters a listing is asked for. */
import * as sdk from "@aws-sdk/client-ssm";
import { isBelow } from "./names.ts";
import type { Parameter, Version } from "./records.ts";

type Filter = { Key: string | undefined; Option?: string; Values?: string[] };
type Test = (parameter: Parameter, version: Version) => boolean;
const $metadata = {};

const textTest = (option: string | undefined, values: readonly string[]): ((text: string | undefined) => boolean) => {
  if (option === undefined || option === "Equals") return (text) => text !== undefined && values.includes(text);
  if (option === "BeginsWith") return (text) => values.some((value) => text?.startsWith(value));
  if (option === "Contains") return (text) => values.some((value) => text?.includes(value));
  throw new sdk.InvalidFilterOption({ message: `The following filter option is not valid: ${option}.`, $metadata });
};

const keys = {
  GetParametersByPath: ["Type", "KeyId", "Label"],
  DescribeParameters: ["Name", "Type", "KeyId", "Path", "Label", "Tier", "DataType"],
};

/** All of them must hold. Throws InvalidFilterKey and the like. */
export const filterOf = (filters: readonly Filter[], operation: keyof typeof keys): Test => {
  const tests = filters.map(({ Key = "", Option, Values = [] }): Test => {
    if (Key.startsWith("tag:") && operation === "DescribeParameters") {
      const tag = Key.slice("tag:".length);
      return ({ tags }) => Object.hasOwn(tags, tag) && (Values.length === 0 || Values.includes(tags[tag]));
    }
    if (!keys[operation].includes(Key))
      throw new sdk.InvalidFilterKey({ message: `The following filter key is not valid: ${Key}.`, $metadata });
    if (Values.length === 0) throw new sdk.InvalidFilterValue({ message: `The filter ${Key} has no values.`, $metadata });
    if (Key === "Path") {
      if (Option !== undefined && Option !== "Recursive" && Option !== "OneLevel")
        throw new sdk.InvalidFilterOption({
          message: `The following filter option is not valid: ${Option}. Valid options include: [OneLevel, Recursive].`,
          $metadata,
        });
      return ({ name }) => Values.some((path) => isBelow(name, path, Option === "Recursive"));
    }
    if (Key === "Name") {
      // A name is the same with and without its first slash.
      const bare = (text: string) => text.replace(/^\//, "");
      const test = textTest(Option, Values.map(bare));
      return ({ name }) => test(bare(name));
    }
    const test = textTest(Option, Values);
    if (Key === "Label") return (_parameter, { labels }) => labels.some(test);
    const member = { Type: "type", KeyId: "keyId", Tier: "tier", DataType: "dataType" }[Key] as "type" | "keyId" | "tier" | "dataType";
    return (_parameter, version) => test(version[member]);
  });
  return (parameter, version) => tests.every((test) => test(parameter, version));
};
