/** What an update would do, before it is done: the changes of a change set. Values not known until something is made stay unknown. */
import { attributeOf, declaredResource, type Declared } from "./declared.ts";
import { forecastOutputs, isSameOutputs } from "./outputs.ts";
import { fateOf, ordered, type PropertyChange, propertyChanges, replacementOf } from "./plan.ts";
import type { Prepared } from "./prepare.ts";
import { placeOf } from "./prepare.ts";
import type { ChangeDetail, Resource, ResourceChange, Stack, Version } from "./records.ts";
import type { ResourceType } from "./resources/resource.ts";
import { type Result, Unknown, unknownCauses } from "./template/functions.ts";
import { parameterResult } from "./template/parameters.ts";
import { referencesIn } from "./template/references.ts";
import { type Known, stackScope } from "./template/scope.ts";
import { same, type Value } from "./template/value.ts";
import { isCustom, typeTable } from "./types.ts";

export interface Forecast {
  readonly changes: readonly ResourceChange[];
  /** Nothing at all is to be done: neither resources nor outputs, tags or topics change. */
  readonly idle: boolean;
}

export const forecast = (
  stack: Stack,
  records: ReadonlyMap<string, Resource>,
  before: Version | undefined,
  prepared: Prepared,
): Forecast => {
  const { version, graph, types, imports } = prepared;
  const fates = new Map<string, "same" | "new" | "modify" | "True" | "False" | "Conditional">();
  const known: Known = {
    ref(id) {
      const stands = records.get(id)?.stands;
      const fate = fates.get(id);
      return stands && fate !== "new" && fate !== "True" && fate !== "Conditional" ? stands.physicalId : new Unknown([id]);
    },
    attribute(id, name) {
      const record = records.get(id);
      const fate = fates.get(id);
      const changing = types.get(version.template.Resources[id]?.Type ?? "")?.changing;
      const moves = changing === "all" || changing?.includes(name);
      if (!record?.stands || fate === "new" || fate === "True" || fate === "Conditional" || (fate === "False" && moves))
        return new Unknown([`${id}.${name}`]);
      return (attributeOf(record.stands, name) as Result | undefined) ?? new Unknown([`${id}.${name}`]);
    },
  };
  const scope = stackScope(
    version.template,
    version.parameters,
    placeOf(stack, version.notificationArns),
    known,
    (name) => imports.get(name) ?? new Unknown([name]),
  );
  const mask = masker(version, before);
  const changes = new Map<string, ResourceChange>();
  const order = ordered(graph);
  for (const id of "order" in order ? order.order : []) {
    const declared = declaredResource(version, id, scope, [...(graph.get(id) ?? [])], types);
    const type = types.get(declared.type) as ResourceType;
    const record = records.get(id);
    const change = changeOf(id, record, declared, type, before, version, mask);
    fates.set(id, change === undefined ? "same" : change.action === "Add" ? "new" : (change.replacement ?? "False"));
    if (change) changes.set(id, change);
  }
  const listed = [...graph.keys()].flatMap((id) => changes.get(id) ?? []);
  for (const record of records.values()) {
    if (graph.has(record.logicalId) || record.status === "DELETE_COMPLETE") continue;
    const { stands, logicalId, type } = record;
    const fate = fateOf("removed", { ...(stands?.deletionPolicy && { deletion: stands.deletionPolicy }) });
    listed.push({
      action: "Remove",
      logicalId,
      type,
      ...(stands && { physicalId: stands.physicalId, before: contextOf(stands.properties, mask) }),
      policyAction: fate === "retain" ? "Retain" : "Delete",
      scope: [],
      details: [],
    });
  }
  const tagsSame = before !== undefined && same(before.tags, version.tags) && same(before.notificationArns, version.notificationArns);
  return { changes: listed, idle: listed.length === 0 && tagsSame && isSameOutputs(stack.outputs, forecastOutputs(version, scope)) };
};

const changeOf = (
  id: string,
  record: Resource | undefined,
  declared: Declared,
  type: ResourceType,
  before: Version | undefined,
  after: Version,
  mask: (text: string) => string,
): ResourceChange | undefined => {
  const common = { logicalId: id, type: declared.type, after: contextOf(declared.properties, mask) };
  const { stands } = record ?? {};
  if (!record || !stands || record.status === "CREATE_FAILED") return { ...common, action: "Add", scope: [], details: [] };
  const base = (record.attempted ?? stands.properties) as Record<string, unknown>;
  const table = typeTable(declared.type);
  const differing = propertyChanges(base, declared.properties, table);
  const tagName = table?.tags?.[0];
  const details = differing.flatMap((change) => detailsOf(change, id, change.name === tagName, before, after, mask));
  for (const [attribute, key] of [
    ["Metadata", "metadata"],
    ["DeletionPolicy", "deletionPolicy"],
    ["UpdateReplacePolicy", "updateReplacePolicy"],
  ] as const) {
    if (!same(stands[key], declared.rest[key])) {
      details.push({
        attribute,
        requires: "Never",
        evaluation: "Static",
        source: "DirectModification",
        kind: stands[key] === undefined ? "Add" : declared.rest[key] === undefined ? "Remove" : "Modify",
      });
    }
  }
  if (differing.length === 0 && type.always)
    details.push({ attribute: "Properties", requires: "Never", evaluation: "Dynamic", source: "Automatic" });
  if (details.length === 0) return undefined;
  const replacement =
    isCustom(declared.type) && differing.length > 0 && replacementOf(differing) === "False"
      ? "Conditional"
      : replacementFor(differing, type, base, declared);
  const fate = fateOf("replaced", { ...(stands.updateReplacePolicy && { replace: stands.updateReplacePolicy }) });
  return {
    ...common,
    action: "Modify",
    physicalId: stands.physicalId,
    before: contextOf(base, mask),
    replacement,
    ...(replacement !== "False" && { policyAction: fate === "retain" ? ("ReplaceAndRetain" as const) : ("ReplaceAndDelete" as const) }),
    scope: [...new Set(details.map((detail) => detail.attribute))],
    details,
  };
};

const replacementFor = (
  differing: readonly PropertyChange[],
  type: ResourceType,
  before: Record<string, unknown>,
  declared: Declared,
): "True" | "False" | "Conditional" => {
  if (differing.length === 0) return "False";
  const certain = differing.some((change) => change.certain);
  if (type.update === undefined) return certain ? "True" : "Conditional";
  const said = replacementOf(differing);
  const decides = type.replaces && certain && unknownCauses(declared.properties).length === 0;
  if (said === "True" || !decides) return said;
  return type.replaces?.(before, declared.properties as Record<string, unknown>)
    ? "True"
    : differing.some((change) => change.requires === "Always")
      ? said
      : "False";
};

const detailsOf = (
  change: PropertyChange,
  id: string,
  isTags: boolean,
  before: Version | undefined,
  after: Version,
  mask: (text: string) => string,
): ChangeDetail[] => {
  const shown = (value: unknown): string | undefined =>
    value === undefined
      ? undefined
      : value instanceof Unknown
        ? "{{changeSet:KNOWN_AFTER_APPLY}}"
        : mask(typeof value === "string" ? value : toText(value));
  const base = {
    attribute: isTags ? ("Tags" as const) : ("Properties" as const),
    name: change.name,
    path: change.path,
    requires: change.requires,
    kind: change.kind,
    ...(change.before !== undefined && { before: shown(change.before) as string }),
    ...(change.after !== undefined && { after: shown(change.after) as string }),
  };
  const old = before?.template.Resources[id]?.Properties?.[change.name];
  const next = after.template.Resources[id]?.Properties?.[change.name];
  const direct = !same(old, next);
  const details: ChangeDetail[] = [];
  if (direct) details.push({ ...base, evaluation: change.certain ? "Static" : "Dynamic", source: "DirectModification" });
  else if (next !== undefined) {
    for (const name of changedParameters(next, before, after))
      details.push({ ...base, evaluation: "Static", source: "ParameterReference", causing: name });
  }
  for (const cause of new Set(change.causes)) {
    details.push({
      ...base,
      evaluation: "Dynamic",
      source: cause.includes(".") ? "ResourceAttribute" : "ResourceReference",
      causing: cause,
    });
  }
  return details.length > 0 ? details : [{ ...base, evaluation: change.certain ? "Static" : "Dynamic", source: "DirectModification" }];
};

const changedParameters = (value: Value, before: Version | undefined, after: Version): string[] => {
  const names = new Set(referencesIn(value).flatMap((reference) => (reference.kind === "ref" ? [reference.name] : [])));
  return [...names].filter((name) => {
    const now = Object.hasOwn(after.parameters, name) ? after.parameters[name] : undefined;
    const then = before && Object.hasOwn(before.parameters, name) ? before.parameters[name] : undefined;
    return now && !same(then && parameterResult(then), parameterResult(now));
  });
};

const toText = (value: unknown): string =>
  JSON.stringify(value, (_, item) => (item instanceof Unknown ? "{{changeSet:KNOWN_AFTER_APPLY}}" : item)) ?? "";
const contextOf = (properties: unknown, mask: (text: string) => string): string => mask(`{"Properties":${toText(properties)}}`);

/** Hides the values of parameters with NoEcho wherever they have come to stand. */
const masker = (...of: readonly (Version | undefined)[]): ((text: string) => string) => {
  const secrets = of.flatMap((version) =>
    Object.values(version?.parameters ?? {}).flatMap((parameter) =>
      parameter.noEcho && parameter.value ? [parameter.value, parameter.resolved ?? ""] : [],
    ),
  );
  const forms = [...new Set(secrets.filter(Boolean).flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))].sort(
    (a, b) => b.length - a.length,
  );
  return (text) => forms.reduce((result, secret) => result.replaceAll(secret, "****"), text);
};
