/** A version's resources, once some of them are known: what each wants to be, and what it needs first. */
import { addTags, checkRequired, coerceProperties } from "./properties.ts";
import type { Graph } from "./plan.ts";
import type { Standing, Step, Version } from "./records.ts";
import type { ResourceType } from "./resources/resource.ts";
import { evaluate, type Result, type Scope, Unknown } from "./template/functions.ts";
import { isActive, type Known, nothingKnown, stackScope, type StackPlace } from "./template/scope.ts";
import type { Template } from "./template/template.ts";
import { type Places, placeText, TemplateError, type Value } from "./template/value.ts";
import { typeTable } from "./types.ts";

export type Types = ReadonlyMap<string, ResourceType>;
export interface Declared {
  readonly type: string;
  readonly properties: Readonly<Record<string, Result>>;
  readonly rest: Step["declared"];
}

/** Adds to a complaint the place it is about: the deepest part of the template that alone gives the same complaint. */
const located = <T>(node: Value, path: (string | number)[], places: Places | undefined, run: (node: Value) => T): T => {
  try {
    return run(node);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    let at: Value = node;
    const place = [...path];
    for (let deeper = true; deeper && typeof at === "object"; ) {
      deeper = false;
      for (const [key, child] of Object.entries(at) as [string, Value][]) {
        try {
          run(child);
        } catch (inner) {
          if ((inner as Error).message !== error.message) continue;
          at = child;
          place.push(key);
          deeper = true;
          break;
        }
      }
    }
    throw new TemplateError(`${error.message} ${placeText(places, place)}`);
  }
};

const policies: Readonly<Record<string, readonly string[]>> = {
  DeletionPolicy: ["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"],
  UpdateReplacePolicy: ["Delete", "Retain", "Snapshot"],
};
const policyOf = (
  template: Template,
  id: string,
  name: "DeletionPolicy" | "UpdateReplacePolicy",
  scope: Scope,
  places?: Places,
): string | undefined => {
  const declared = template.Resources[id]?.[name];
  if (declared === undefined) return undefined;
  const at = placeText(places, ["Resources", id, name]);
  const value = evaluate(declared, scope);
  if (typeof value !== "string" || !policies[name]?.includes(value))
    throw new TemplateError(`Template format error: Unrecognized ${name} ${String(value)} for resource ${id} ${at}`);
  if (value === "Snapshot")
    throw new TemplateError(
      `Template error: resource type ${template.Resources[id]?.Type} does not support ${name === "DeletionPolicy" ? "deletion" : "update replace"} policy Snapshot ${at}`,
    );
  return value;
};

/** What the resource wants to be. Throws `TemplateError`. */
export const declaredResource = (
  version: Version,
  id: string,
  scope: Scope,
  needs: readonly string[],
  types: Types,
  places?: Places,
): Declared => {
  const { template } = version;
  const resource = template.Resources[id];
  const type = resource && types.get(resource.Type);
  if (!resource || !type) throw new TemplateError(`there is no resource ${id}`);
  const table = typeTable(resource.Type);
  const base = ["Resources", id, "Properties"];
  const evaluated: Record<string, Result> = {};
  for (const [name, value] of Object.entries(resource.Properties ?? {})) {
    const result = located(value, [...base, name], places, (node) => evaluate(node, scope));
    if (typeof result !== "symbol") evaluated[name] = result;
  }
  let coerced: Record<string, Result>;
  try {
    coerced = coerceProperties(resource.Type, table, evaluated);
    checkRequired(table, coerced);
  } catch (error) {
    if (error instanceof TemplateError && places) throw new TemplateError(`${error.message} ${placeText(places, base)}`);
    throw error;
  }
  const deletionPolicy = policyOf(template, id, "DeletionPolicy", scope, places);
  const updateReplacePolicy = policyOf(template, id, "UpdateReplacePolicy", scope, places);
  const metadata = resource.Metadata === undefined ? undefined : evaluate(resource.Metadata, scope);
  return {
    type: resource.Type,
    properties: addTags(table, type, coerced, version.tags),
    rest: {
      needs,
      ...(deletionPolicy && { deletionPolicy }),
      ...(updateReplacePolicy && { updateReplacePolicy }),
      ...(metadata !== undefined && { metadata }),
    },
  };
};

/** Which resources the version has, each with those it needs first. Throws `TemplateError` for what cannot be evaluated. */
export const dependencyGraph = (
  version: Version,
  place: StackPlace,
  importValue: (name: string) => Result,
  types: Types,
  places?: Places,
): Graph => {
  const graph = new Map<string, Set<string>>();
  let needs = new Set<string>();
  const scope = stackScope(
    version.template,
    version.parameters,
    place,
    nothingKnown((id) => needs.add(id)),
    importValue,
  );
  for (const [id, resource] of Object.entries(version.template.Resources)) {
    if (!isActive(version.template, id, scope)) continue;
    needs = new Set();
    declaredResource(version, id, scope, [], types, places);
    for (const other of resource.DependsOn === undefined ? [] : [resource.DependsOn].flat())
      if (isActive(version.template, other, scope)) needs.add(other);
    graph.set(id, needs);
  }
  return graph;
};

/** `Ref` and `Fn::GetAtt` of resources that stand. */
export const knownFrom = (standing: (id: string) => Standing | undefined): Known => ({
  ref: (id) => standing(id)?.physicalId ?? new Unknown([id]),
  attribute(id, name) {
    const stands = standing(id);
    if (!stands) return new Unknown([`${id}.${name}`]);
    const value = attributeOf(stands, name);
    if (value === undefined) throw new TemplateError(`Resource ${id} has no attribute ${name}`);
    return value as Result;
  },
});
export const attributeOf = (stands: Pick<Standing, "attributes">, name: string): unknown => {
  if (Object.hasOwn(stands.attributes, name)) return stands.attributes[name];
  let at: unknown = stands.attributes;
  for (const part of name.split(".")) at = typeof at === "object" && at !== null ? (at as Record<string, unknown>)[part] : undefined;
  return at;
};
