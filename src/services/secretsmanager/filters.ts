/** Which secrets a listing is asked for. */
import type { Filter } from "@aws-sdk/client-secrets-manager";
import { invalid } from "./errors.ts";
import type { Secret } from "./records.ts";

/** A value that begins with `!` must not match. */
const begins = (texts: readonly string[], value: string, exactCase: boolean): boolean => {
  const normal = (text: string) => (exactCase ? text : text.toLowerCase());
  const negative = value.startsWith("!");
  const wanted = normal(negative ? value.slice(1) : value);
  return texts.some((text) => normal(text).startsWith(wanted)) !== negative;
};

/** All filters must hold; of a filter's values, one. */
export const filterOf = (filters: readonly Filter[]): ((secret: Secret) => boolean) => {
  const tests = filters.map(({ Key, Values = [] }) => {
    const test = (textsOf: (secret: Secret) => string[], exactCase: boolean) => (secret: Secret) =>
      Values.some((value) => begins(textsOf(secret), value, exactCase));
    if (Key === "name") return test(({ name }) => [name], true);
    if (Key === "description") return test(({ description = "" }) => [description, ...description.split(/\s+/)], false);
    if (Key === "tag-key") return test(({ tags }) => Object.keys(tags), true);
    if (Key === "tag-value") return test(({ tags }) => Object.values(tags), true);
    if (Key === "all")
      return test(
        ({ name, description = "", tags }) => [
          name,
          ...name.split(/[/_+=.@-]/),
          description,
          ...description.split(/\s+/),
          ...Object.entries(tags).flat(),
        ],
        false,
      );
    if (Key === "primary-region" || Key === "owning-service") return () => false;
    throw invalid(`The filter key ${Key} is not valid.`);
  });
  return (secret) => tests.every((test) => test(secret));
};
