/** `Fn::ForEach` of the transform AWS::LanguageExtensions: loops are written out before anything else looks at the template. */
import { parameterResult, type ParameterValues } from "./parameters.ts";
import type { Template } from "./template.ts";
import { functionOf, isMap, TemplateError, type Value, type ValueMap } from "./value.ts";

const prefix = "Fn::ForEach::";

export const expandLoops = (template: Template, parameters: ParameterValues): Template => {
  const items = (node: Value, loop: string): readonly string[] => {
    const called = functionOf(node);
    if (called?.[0] === "Ref" && typeof called[1] === "string") {
      const parameter = parameters[called[1]];
      const value = parameter && parameterResult(parameter);
      if (Array.isArray(value)) return value as string[];
    }
    if (
      Array.isArray(node) &&
      node.every((item) => typeof item === "string" || typeof item === "number" || functionOf(item)?.[0] === "Ref")
    ) {
      return node.flatMap((item) => {
        const called = functionOf(item);
        if (!called) return [String(item)];
        const parameter = parameters[called[1] as string];
        if (!parameter) throw new TemplateError(`Fn::ForEach::${loop} may loop over texts and parameters only`);
        return [parameterResult(parameter)].flat() as string[];
      });
    }
    throw new TemplateError(`Fn::ForEach::${loop} may loop over a list of texts or a list parameter only`);
  };
  const fill = (text: string, name: string, value: string): string =>
    text.replaceAll(`\${${name}}`, value).replaceAll(`&{${name}}`, value.replace(/[^A-Za-z0-9]/g, ""));
  const bind = (node: Value, name: string, value: string): Value => {
    if (typeof node === "string") return fill(node, name, value);
    if (Array.isArray(node)) return node.map((item) => bind(item, name, value));
    if (!isMap(node)) return node;
    const called = functionOf(node);
    if (called?.[0] === "Ref" && called[1] === name) return value;
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [fill(key, name, value), bind(item, name, value)]));
  };
  const open = (node: Value): Value => {
    if (Array.isArray(node)) return node.map(open);
    if (!isMap(node)) return node;
    const result: Record<string, Value> = {};
    for (const [key, value] of Object.entries(node)) {
      if (!key.startsWith(prefix)) {
        result[key] = open(value);
        continue;
      }
      const loop = key.slice(prefix.length);
      const [name, over, body] = Array.isArray(value) ? value : [];
      if (typeof name !== "string" || over === undefined || !isMap(body))
        throw new TemplateError(`${key} wants an identifier, a collection and an object`);
      for (const item of items(over, loop)) {
        for (const [made, content] of Object.entries(open(bind(body, name, item)) as ValueMap)) {
          if (Object.hasOwn(result, made)) throw new TemplateError(`${key} makes ${made} twice`);
          result[made] = content;
        }
      }
    }
    return result;
  };
  const sections = ["Conditions", "Resources", "Outputs"] as const;
  return {
    ...template,
    ...Object.fromEntries(
      sections.filter((section) => template[section]).map((section) => [section, open(template[section] as unknown as Value)]),
    ),
  } as Template;
};
