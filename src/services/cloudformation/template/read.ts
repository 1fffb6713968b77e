import { readJson } from "./json.ts";
import { isMap, type Places, TemplateError, type ValueMap } from "./value.ts";
import { readYaml } from "./yaml.ts";

export interface SourceText {
  readonly value: ValueMap;
  readonly places: Places;
}

/** Text in JSON or YAML → its data, functions in their long form. */
export const readTemplate = (text: string): SourceText => {
  const json = /^\s*\{/.test(text);
  const { value, places } = json ? readJson(text) : readYaml(text);
  if (!isMap(value)) throw new TemplateError("Template format error: unsupported structure.");
  return { value, places };
};
