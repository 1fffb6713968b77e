import { parameterResult, type ParameterValues } from "./parameters.ts";
import { checkTemplate, type Template, transformsOf } from "./template.ts";
import { functionOf, isMap, TemplateError, type Value, type ValueMap } from "./value.ts";
import { expandLoops } from "./loops.ts";

export interface TransformPlace {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}
const serverless = "AWS::Serverless-2016-10-31";

/** Carries out a template's transforms in the order they are listed. */
export const transform = async (template: Template, parameters: ParameterValues, place: TransformPlace): Promise<Template> => {
  let current = template;
  for (const name of transformsOf(template)) {
    if (name === "AWS::LanguageExtensions") current = expandLoops(current, parameters);
    else if (name === serverless) current = await expand(current, parameters, place);
    else throw new TemplateError(`Transform ${name} is not implemented by Mayfly`);
  }
  const { Transform: _, ...processed } = current;
  // What a transform has made is a template like any other.
  return processed === current ? current : checkTemplate(processed as unknown as ValueMap);
};

/** Its code is loaded by the first template that asks for it. */
const expand = async (template: Template, parameters: ParameterValues, place: TransformPlace): Promise<Template> => {
  const { expandServerless, TransformError } = await import("../transform/serverless.ts");
  try {
    return expandServerless(withParameters(template, parameters), place);
  } catch (error) {
    if (error instanceof TransformError) throw new TemplateError(`Transform ${serverless} failed with: ${error.message}`);
    throw error;
  }
};

/** SAM looks at the values of parameters: a function's code address decides whether a new version is published. */
const withParameters = (template: Template, parameters: ParameterValues): Template => {
  const plain = (name: string): string | undefined => {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    const value = parameter && !parameter.noEcho && parameter.resolved === undefined ? parameterResult(parameter) : undefined;
    return typeof value === "string" ? value : undefined;
  };
  const replace = (node: Value): Value => {
    if (Array.isArray(node)) return node.map(replace);
    if (!isMap(node)) return node;
    const called = functionOf(node);
    if (called?.[0] === "Ref" && typeof called[1] === "string") return plain(called[1]) ?? node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, replace(value)]));
  };
  return {
    ...template,
    ...(template.Globals && { Globals: replace(template.Globals) as ValueMap }),
    Resources: Object.fromEntries(
      Object.entries(template.Resources).map(([id, resource]) => [
        id,
        resource.Type.startsWith("AWS::Serverless::") && resource.Properties
          ? { ...resource, Properties: replace(resource.Properties) as ValueMap }
          : resource,
      ]),
    ),
  };
};
