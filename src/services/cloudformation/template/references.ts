import { substitutions } from "./functions.ts";
import type { Template } from "./template.ts";
import { functionOf, isMap, type Path, type Places, placeText, TemplateError, type Value } from "./value.ts";

export const pseudoParameters = [
  "AWS::AccountId",
  "AWS::NotificationARNs",
  "AWS::NoValue",
  "AWS::Partition",
  "AWS::Region",
  "AWS::StackId",
  "AWS::StackName",
  "AWS::URLSuffix",
];

export interface Reference {
  readonly kind: "ref" | "attribute" | "condition" | "import" | "map";
  readonly name: string;
  readonly attribute?: string;
  readonly path: Path;
}

/** Every name that a part of a template mentions, whatever its conditions say. */
export const referencesIn = (value: Value, path: Path = [], inConditions = false): Reference[] => {
  const found: Reference[] = [];
  const walk = (node: Value, at: Path): void => {
    if (Array.isArray(node)) return node.forEach((item, index) => walk(item, [...at, index]));
    if (!isMap(node)) return;
    const called = functionOf(node);
    if (called) {
      const [name, argument] = called;
      const here = [...at, name];
      if (name === "Ref" && typeof argument === "string") found.push({ kind: "ref", name: argument, path: here });
      else if (name === "Fn::GetAtt") {
        const parts =
          typeof argument === "string" ? [argument.slice(0, argument.indexOf(".")), argument.slice(argument.indexOf(".") + 1)] : argument;
        const [resource, attribute] = Array.isArray(parts) ? parts : [];
        if (typeof resource === "string") {
          found.push({ kind: "attribute", name: resource, ...(typeof attribute === "string" && { attribute }), path: here });
          if (isMap(attribute)) walk(attribute, [...here, 1]);
        }
        return;
      } else if (name === "Fn::Sub") {
        const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
        const own = isMap(variables) ? variables : {};
        for (const part of typeof text === "string" ? substitutions(text) : []) {
          if (typeof part === "string" || Object.hasOwn(own, part.name)) continue;
          const dot = part.name.indexOf(".");
          if (dot > 0) found.push({ kind: "attribute", name: part.name.slice(0, dot), attribute: part.name.slice(dot + 1), path: here });
          else found.push({ kind: "ref", name: part.name, path: here });
        }
        walk(own, [...here, 1]);
        return;
      } else if (name === "Fn::If" && Array.isArray(argument) && typeof argument[0] === "string")
        found.push({ kind: "condition", name: argument[0], path: here });
      else if (name === "Fn::ImportValue") found.push({ kind: "import", name: "", path: here });
      else if (name === "Fn::FindInMap" && Array.isArray(argument) && typeof argument[0] === "string") {
        if (!isMap(argument[3])) found.push({ kind: "map", name: argument[0], path: here });
      }
      return walk(argument, here);
    }
    for (const [key, item] of Object.entries(node)) {
      if (inConditions && key === "Condition" && typeof item === "string")
        found.push({ kind: "condition", name: item, path: [...at, key] });
      else walk(item, [...at, key]);
    }
  };
  walk(value, path);
  return found;
};

/** Complains of names that nothing in the template bears. `supports` tells whether a type has an attribute. */
export const checkReferences = (template: Template, supports: (type: string, attribute: string) => boolean, places?: Places): void => {
  const parameters = new Set([...Object.keys(template.Parameters ?? {}), ...pseudoParameters]);
  const isResource = (name: string) => Object.hasOwn(template.Resources, name);
  const at = (path: Path) => ` ${placeText(places, path)}`;
  const conditions = template.Conditions ?? {};

  const inConditions = referencesIn(conditions, ["Conditions"], true);
  const foreign = inConditions.filter(
    (reference) => (reference.kind === "ref" && !parameters.has(reference.name)) || reference.kind === "attribute",
  );
  if (foreign.length > 0) {
    throw new TemplateError(
      `Template format error: Unresolved dependencies [${unique(foreign)}]. Cannot reference resources in the Conditions block of the template${at(foreign[0]?.path ?? [])}`,
    );
  }
  const checkConditions = (block: string, references: readonly Reference[]) => {
    const lost = references.filter((reference) => reference.kind === "condition" && !Object.hasOwn(conditions, reference.name));
    if (lost.length > 0)
      throw new TemplateError(
        `Template format error: Unresolved condition dependency ${lost[0]?.name} in the ${block} block of the template${at(lost[0]?.path ?? [])}`,
      );
  };
  checkConditions("Conditions", inConditions);

  for (const block of ["Resources", "Outputs"] as const) {
    const references: Reference[] = [];
    for (const [name, member] of Object.entries(template[block] ?? {})) {
      const { Condition: condition, DependsOn: depends, ...rest } = member as { Condition?: string; DependsOn?: string | string[] };
      references.push(...referencesIn(rest as Value, [block, name]));
      if (condition !== undefined) references.push({ kind: "condition", name: condition, path: [block, name, "Condition"] });
      for (const other of depends === undefined ? [] : [depends].flat()) {
        // DependsOn names resources only.
        if (!isResource(other))
          references.push({ kind: "ref", name: parameters.has(other) ? `${other} ` : other, path: [block, name, "DependsOn"] });
      }
    }
    const lost = references.filter(
      (reference) => reference.kind === "ref" && !parameters.has(reference.name) && !isResource(reference.name),
    );
    if (lost.length > 0)
      throw new TemplateError(
        `Template format error: Unresolved resource dependencies [${unique(lost)}] in the ${block} block of the template${at(lost[0]?.path ?? [])}`,
      );
    for (const reference of references) {
      if (reference.kind === "map" && !Object.hasOwn(template.Mappings ?? {}, reference.name)) {
        throw new TemplateError(
          `Template error: Mapping named '${reference.name}' is not present in the 'Mappings' section of template.${at(reference.path)}`,
        );
      }
      if (reference.kind !== "attribute") continue;
      const target = template.Resources[reference.name];
      if (!target || !isResource(reference.name))
        throw new TemplateError(
          `Template error: instance of Fn::GetAtt references undefined resource ${reference.name}${at(reference.path)}`,
        );
      if (reference.attribute !== undefined && !supports(target.Type, reference.attribute)) {
        throw new TemplateError(
          `Template error: resource ${reference.name} does not support attribute type ${reference.attribute} in Fn::GetAtt${at(reference.path)}`,
        );
      }
    }
    checkConditions(block, references);
  }
};

const unique = (references: readonly Reference[]): string => [...new Set(references.map((reference) => reference.name.trim()))].join(", ");
