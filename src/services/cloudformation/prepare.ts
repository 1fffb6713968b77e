/** From a request to a version: template read, parameters chosen, transforms carried out, everything checked that can be checked beforehand. */
import { randomUUID } from "node:crypto";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Aws } from "../../aws/aws.ts";
import type { Store } from "../../store/store.ts";
import { dependencyGraph, type Types } from "./declared.ts";
import { type Needs, neededCapabilities } from "./iam-needs.ts";
import { type Graph, ordered } from "./plan.ts";
import { checkProperties } from "./properties.ts";
import { exports, type Stack, type Version } from "./records.ts";
import { loadTypes } from "./resources/load.ts";
import { evaluate, type Result, Unknown } from "./template/functions.ts";
import { checkParameters, chooseParameters, type GivenParameter, wantsSystemsManager } from "./template/parameters.ts";
import { readTemplate } from "./template/read.ts";
import { checkReferences } from "./template/references.ts";
import { checkRules } from "./template/rules.ts";
import { nothingKnown, stackScope, type StackPlace } from "./template/scope.ts";
import { checkTemplate, type Template, transformsOf } from "./template/template.ts";
import { transform } from "./template/transforms.ts";
import { type Places, TemplateError } from "./template/value.ts";
import { isCustom, typeTable } from "./types.ts";

export interface Wish {
  readonly body: string;
  readonly parameters: readonly GivenParameter[];
  readonly previous?: Version;
  readonly capabilities: readonly string[];
  readonly tags: Version["tags"];
  readonly notificationArns: readonly string[];
}
export interface Prepared {
  readonly version: Version;
  readonly graph: Graph;
  readonly types: Types;
  readonly needs: Needs;
  /** Values of exports that the template imports, by name. */
  readonly imports: ReadonlyMap<string, string>;
}

export const partitionOf = (region: string): string =>
  region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
export const placeOf = (stack: Pick<Stack, "account" | "region" | "id" | "name">, notificationArns: readonly string[]): StackPlace => ({
  account: stack.account,
  region: stack.region,
  partition: partitionOf(stack.region),
  stackId: stack.id,
  stackName: stack.name,
  notificationArns,
});

export const prepare = async (
  store: Store,
  aws: Aws,
  stack: Pick<Stack, "account" | "region" | "id" | "name">,
  wish: Wish,
): Promise<Prepared> => {
  const source = readTemplate(wish.body);
  const original = checkTemplate(source.value, source.places);
  const chosen = chooseParameters(original, wish.parameters, wish.previous?.parameters ?? {});
  const parameters = checkParameters(original, chosen, await fromSystemsManager(aws, original, chosen));
  const transforms = transformsOf(original);
  const place = placeOf(stack, wish.notificationArns);
  const template = transforms.length > 0 ? await transform(original, parameters, place) : original;
  const draft: Version = {
    id: randomUUID(),
    body: wish.body,
    template,
    transforms,
    parameters,
    capabilities: wish.capabilities,
    tags: wish.tags,
    notificationArns: wish.notificationArns,
    imports: [],
  };
  const checked = await checkVersion(store, stack, draft, source.places);
  return { version: { ...draft, imports: [...checked.imports.keys()] }, ...checked, needs: neededCapabilities(template.Resources) };
};

/** Types, properties, references and circles; and what the version imports. */
export const checkVersion = async (
  store: Store,
  stack: Pick<Stack, "account" | "region" | "id" | "name">,
  version: Version,
  places?: Places,
) => {
  const { template } = version;
  const types = await loadTypes(Object.values(template.Resources).map(({ Type }) => Type));
  checkReferences(template, (type, attribute) => supports(type, attribute), places);
  for (const [id, resource] of Object.entries(template.Resources)) {
    const table = typeTable(resource.Type);
    const type = types.get(resource.Type);
    if (table && type) checkProperties(resource.Type, table, type, resource.Properties ?? {}, places, ["Resources", id, "Properties"]);
  }
  const place = placeOf(stack, version.notificationArns);
  const wanted = new Set<string>();
  const importing = (name: string): Result => {
    wanted.add(name);
    return new Unknown([name]);
  };
  checkRules(template, stackScope(template, version.parameters, place, nothingKnown(), importing));
  const graph = dependencyGraph(version, place, importing, types, places);
  const order = ordered(graph);
  if ("circle" in order) throw new TemplateError(`Circular dependency between resources: [${order.circle.join(", ")}]`);
  checkOutputs(version, place, importing);
  const imports = await readImports(store, stack, wanted);
  return { graph, types, imports };
};

export const readImports = async (
  store: Store,
  stack: Pick<Stack, "account" | "region">,
  names: Iterable<string>,
): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  await store.read(async (tx) => {
    for (const name of names) {
      const entry = await tx.get(exports, [stack.account, stack.region, name]);
      if (!entry) throw new TemplateError(`No export named ${name} found.`);
      found.set(name, entry.value);
    }
  });
  return found;
};

const checkOutputs = (version: Version, place: StackPlace, importing: (name: string) => Result): void => {
  const { template, parameters } = version;
  const scope = stackScope(template, parameters, place, nothingKnown(), importing);
  const names = new Set<string>();
  for (const [key, output] of Object.entries(template.Outputs ?? {})) {
    if (output.Condition !== undefined && !scope.condition(output.Condition)) continue;
    const value = evaluate(output.Value, scope);
    if (Array.isArray(value) || (typeof value === "object" && !(value instanceof Unknown)) || typeof value === "symbol") {
      throw new TemplateError(`Template format error: The Value field of every Outputs member must evaluate to a String. (Outputs.${key})`);
    }
    if (!output.Export) continue;
    const name = evaluate(output.Export.Name, scope);
    if (name instanceof Unknown)
      throw new TemplateError(
        `Template format error: Output ${key} is malformed! The Name of an Export must not depend on any resources, imported values, or Fn::GetAZs.`,
      );
    if (names.has(String(name))) throw new TemplateError(`Template format error: the export name ${String(name)} is given twice`);
    names.add(String(name));
  }
};

const supports = (type: string, attribute: string): boolean => {
  if (isCustom(type)) return true;
  if (type === "AWS::CloudFormation::Stack") return /^Outputs\./.test(attribute);
  const table = typeTable(type);
  return !table || table.attributes.includes(attribute);
};

const fromSystemsManager = async (
  aws: Aws,
  template: Template,
  chosen: Readonly<Record<string, string>>,
): Promise<Record<string, string>> => {
  const wanted = Object.entries(template.Parameters ?? {}).filter(([, declaration]) => wantsSystemsManager(declaration));
  const resolved: Record<string, string> = {};
  if (wanted.length === 0) return resolved;
  const names = [...new Set(wanted.map(([name]) => chosen[name] as string))];
  const found = new Map<string, { value: string; type: string }>();
  for (let from = 0; from < names.length; from += 10) {
    const answer = await aws.client(SSMClient).send(new GetParametersCommand({ Names: names.slice(from, from + 10) }));
    for (const parameter of answer.Parameters ?? []) {
      const selected = `${parameter.Name}${parameter.Selector ?? ""}`;
      found.set(selected, { value: parameter.Value ?? "", type: parameter.Type ?? "String" });
      found.set(parameter.ARN ?? selected, { value: parameter.Value ?? "", type: parameter.Type ?? "String" });
    }
  }
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0)
    throw new TemplateError(`Unable to fetch parameters [${missing.join(",")}] from parameter store for this account.`);
  for (const [name] of wanted) {
    const parameter = found.get(chosen[name] as string);
    if (parameter?.type === "SecureString")
      throw new TemplateError(`Parameters [${chosen[name]}] referenced by template have types not supported by CloudFormation.`);
    resolved[name] = parameter?.value as string;
  }
  return resolved;
};
