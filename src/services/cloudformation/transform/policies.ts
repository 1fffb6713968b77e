/** The property Policies: names, ARNs, documents and policy templates, alone or in a list, also behind `Fn::If`. */
import { isMap, type Value, type ValueMap } from "../template/value.ts";
import { InvalidResource, InvalidStructure } from "./errors.ts";
import { isPolicyTemplate, policyOf } from "./policy-templates.ts";
import { ifParts, isIntrinsic, isNoValue } from "./resources.ts";

export interface RolePolicies {
  /** ARNs, without repetitions. */
  readonly managed: readonly Value[];
  /** `{PolicyName, PolicyDocument}`. */
  readonly inline: readonly Value[];
}

const serviceRole = new Set(
  (
    "AWSLambdaBasicExecutionRole AWSLambdaDynamoDBExecutionRole AWSLambdaENIManagementAccess AWSLambdaKinesisExecutionRole AWSLambdaMSKExecutionRole " +
    "AWSLambdaRole AWSLambdaSQSQueueExecutionRole AWSLambdaVPCAccessExecutionRole AWSCodeDeployRole AWSCodeDeployRoleForLambda " +
    "AWSCodeDeployRoleForLambdaLimited AWSBatchServiceRole AWSConfigRulesExecutionRole AWSGlueServiceRole AWS_ConfigRole " +
    "AmazonAPIGatewayPushToCloudWatchLogs AmazonECSTaskExecutionRolePolicy AmazonEC2ContainerServiceEventsRole AmazonSNSRole " +
    "AmazonS3ObjectLambdaExecutionRolePolicy AmazonRekognitionServiceRole AmazonTextractServiceRole CloudWatchEventsBuiltInTargetExecutionAccess " +
    "CloudWatchEventsInvocationAccess AWSIoTLogging AWSIoTRuleActions AWSAppSyncPushToCloudWatchLogs"
  ).split(" "),
);
const jobFunction = new Set(
  "Billing DataScientist DatabaseAdministrator NetworkAdministrator SupportUser SystemAdministrator ViewOnlyAccess".split(" "),
);

/** The ARN of a policy that AWS manages, by its name; an ARN is itself. */
export const managedPolicyArn = (partition: string, name: string): string => {
  if (name.startsWith("arn:")) return name;
  const path = serviceRole.has(name) ? "service-role/" : jobFunction.has(name) ? "job-function/" : "";
  return `arn:${partition}:iam::aws:policy/${path}${name}`;
};

type Kind = "managed" | "document" | "template";

/** `role` is the logical id of the role, by which its inline policies are named. */
export const rolePolicies = (functionId: string, role: string, partition: string, policies: Value | undefined): RolePolicies => {
  const managed: Value[] = [];
  const inline: Value[] = [];
  const fail = (why: string): never => {
    throw new InvalidResource(functionId, why);
  };
  const invalid = (index: number) => fail(`Policy at index ${index} in the 'Policies' property is not valid`);

  const kindOf = (policy: Value, index: number): Kind => {
    if (typeof policy === "string") return "managed";
    const choice = ifParts(policy);
    if (choice) return isNoValue(choice[1]) ? kindOf(choice[2], index) : kindOf(choice[1], index);
    if (isIntrinsic(policy)) return "managed";
    if (isMap(policy) && "Statement" in policy) return "document";
    const [name, ...others] = isMap(policy) ? Object.keys(policy) : [];
    if (name === undefined || others.length > 0) return invalid(index);
    if (isPolicyTemplate(name)) return "template";
    return fail(
      `Policy at index ${index} in the 'Policies' property is not valid. ${name} is no policy template that Mayfly has; write its statements out instead.`,
    );
  };
  const documentOf = (policy: Value, kind: Kind): Value => {
    if (kind === "document" || !isMap(policy)) return policy;
    const [[name, values] = ["", {}]] = Object.entries(policy);
    const made = policyOf(name, isMap(values) ? values : {});
    if (typeof made.missing === "string")
      return fail(`Following required parameters of template '${name}' don't have values: ['${made.missing}']`);
    return made as ValueMap;
  };
  /** Applies to both sides of an `Fn::If`, but for `AWS::NoValue`. */
  const each = (policy: Value, index: number, kind: Kind, make: (policy: Value) => Value): Value => {
    const choice = ifParts(policy);
    if (!choice) return make(policy);
    const [condition, ...sides] = choice;
    if (sides.some((side) => !isNoValue(side) && kindOf(side, index) !== kind))
      throw new InvalidStructure(
        "Different policy types within the same Fn::If statement is unsupported. Separate different policy types into different Fn::If statements",
      );
    return { "Fn::If": [condition, ...sides.map((side) => (isNoValue(side) ? side : make(side)))] };
  };

  const list = policies === undefined || policies === "" ? [] : Array.isArray(policies) ? policies : [policies];
  for (const [index, policy] of (list as readonly Value[]).entries()) {
    const kind = kindOf(policy, index);
    if (kind === "managed") {
      const arn = each(policy, index, kind, (one) => (typeof one === "string" ? managedPolicyArn(partition, one) : one));
      if (!managed.some((known) => JSON.stringify(known) === JSON.stringify(arn))) managed.push(arn);
    } else {
      const make = (one: Value): Value => ({ PolicyName: `${role}Policy${index}`, PolicyDocument: documentOf(one, kind) });
      inline.push(each(policy, index, kind, make));
    }
  }
  return { managed, inline };
};
