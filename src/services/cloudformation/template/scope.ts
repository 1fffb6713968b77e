import { absent, type Result, type Scope, truth, Unknown } from "./functions.ts";
import { parameterResult, type ParameterValues } from "./parameters.ts";
import type { Template } from "./template.ts";
import { TemplateError, type Value } from "./value.ts";

export interface StackPlace {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly notificationArns: readonly string[];
}
/** What the resources of a stack are known by, now. */
export interface Known {
  ref(logicalId: string): Result;
  attribute(logicalId: string, attribute: string): Result;
}

/** The scope in which a stack's template is evaluated. With `masked`, parameters with NoEcho are `****`. */
export const stackScope = (
  template: Template,
  parameters: ParameterValues,
  place: StackPlace,
  known: Known,
  importValue: (name: string) => Result,
  masked = false,
): Scope => {
  const pseudo: Record<string, Result> = {
    "AWS::AccountId": place.account,
    "AWS::Region": place.region,
    "AWS::Partition": place.partition,
    "AWS::StackId": place.stackId,
    "AWS::StackName": place.stackName,
    "AWS::URLSuffix": place.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com",
    "AWS::NotificationARNs": place.notificationArns,
    "AWS::NoValue": absent,
  };
  const conditions = new Map<string, boolean | "open">();
  const scope: Scope = {
    region: place.region,
    mappings: template.Mappings ?? {},
    parameter(name) {
      const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
      if (value) return masked && value.noEcho ? "****" : parameterResult(value);
      return Object.hasOwn(pseudo, name) ? pseudo[name] : undefined;
    },
    ref(logicalId) {
      if (!isActive(template, logicalId, scope))
        throw new TemplateError(
          `Template format error: Unresolved resource dependencies [${logicalId}] in the Resources block of the template`,
        );
      return known.ref(logicalId);
    },
    attribute(logicalId, attribute) {
      if (!isActive(template, logicalId, scope))
        throw new TemplateError(`Template error: instance of Fn::GetAtt references undefined resource ${logicalId}`);
      return known.attribute(logicalId, attribute);
    },
    condition(name) {
      const before = conditions.get(name);
      if (before === "open") throw new TemplateError(`Template format error: Circular dependency between conditions: [${name}]`);
      if (before !== undefined) return before;
      const declared = template.Conditions?.[name];
      if (declared === undefined)
        throw new TemplateError(`Template format error: Unresolved condition dependency ${name} in the Resources block of the template`);
      conditions.set(name, "open");
      const value = truth(declared as Value, scope);
      conditions.set(name, value);
      return value;
    },
    importValue,
  };
  return scope;
};

/** Whether the resource is part of the stack: it is declared, and its condition holds. */
export const isActive = (template: Template, logicalId: string, scope: Scope): boolean => {
  if (!Object.hasOwn(template.Resources, logicalId)) return false;
  const condition = template.Resources[logicalId]?.Condition;
  return condition === undefined || scope.condition(condition);
};

/** For looking at a template before anything exists: every resource is unknown; what is asked for is told to `heard`. */
export const nothingKnown = (heard: (logicalId: string) => void = () => {}): Known => ({
  ref(logicalId) {
    heard(logicalId);
    return new Unknown([logicalId]);
  },
  attribute(logicalId, attribute) {
    heard(logicalId);
    return new Unknown([`${logicalId}.${attribute}`]);
  },
});
