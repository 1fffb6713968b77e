/** The role a function gets when it names none. */
import { ifParts, given, getAtt, isNoValue, passedOn, type Facts, type Resource, type Resources, tagList } from "./resources.ts";
import { isMap, type Value, type ValueMap } from "../template/value.ts";
import { InvalidResource } from "./errors.ts";
import { managedPolicyArn, rolePolicies } from "./policies.ts";

export interface FunctionRole {
  /** The function's property Role. */
  readonly role: Value;
  readonly resources: Resources;
  /** Conditions to add to the template. */
  readonly conditions: ValueMap;
}

const trust: ValueMap = {
  Version: "2012-10-17",
  Statement: [{ Action: ["sts:AssumeRole"], Effect: "Allow", Principal: { Service: ["lambda.amazonaws.com"] } }],
};
/** The tags of the function and of its role. With PropagateTags the mark of SAM gives way, as it does at AWS. */
export const samTags = ({ Tags, PropagateTags }: ValueMap): Value[] => {
  const own = tagList(isMap(Tags) ? Tags : {});
  return PropagateTags === true && own.length > 0 ? own : [...tagList({ "lambda:createdBy": "SAM" }), ...own];
};
const deadLetterActions: ValueMap = { SQS: "sqs:SendMessage", SNS: "sns:Publish" };

export const functionRole = (
  logicalId: string,
  sam: Resource,
  properties: ValueMap,
  destinations: readonly Value[],
  { partition }: Facts,
): FunctionRole => {
  const roleId = `${logicalId}Role`;
  const own = properties.Role;
  const choice = ifParts(own);
  if (own !== undefined && !choice) return { role: own, resources: {}, conditions: {} };
  const arn = getAtt(roleId, "Arn");
  const resource = made(logicalId, roleId, sam, properties, destinations, partition);
  if (!choice) return { role: arn, resources: { [roleId]: resource }, conditions: {} };
  const [condition, then, otherwise] = choice;
  if (isNoValue(then) && isNoValue(otherwise)) return { role: arn, resources: { [roleId]: resource }, conditions: {} };
  if (isNoValue(then))
    return {
      role: { "Fn::If": [condition, arn, otherwise] },
      resources: { [roleId]: { ...resource, Condition: condition } },
      conditions: {},
    };
  if (!isNoValue(otherwise)) return { role: own as Value, resources: {}, conditions: {} };
  const not = `NOT${condition}`;
  return {
    role: { "Fn::If": [condition, then, arn] },
    resources: { [roleId]: { ...resource, Condition: not } },
    conditions: { [not]: { "Fn::Not": [{ Condition: condition }] } },
  };
};

const made = (
  logicalId: string,
  roleId: string,
  sam: Resource,
  properties: ValueMap,
  destinations: readonly Value[],
  partition: string,
): Resource => {
  const { managed, inline } = rolePolicies(logicalId, roleId, partition, properties.Policies);
  const usual = [
    properties.DurableConfig === undefined ? "AWSLambdaBasicExecutionRole" : "service-role/AWSLambdaBasicDurableExecutionRolePolicy",
    ...(properties.Tracing !== undefined && properties.Tracing !== "Disabled" ? ["AWSXrayWriteOnlyAccess"] : []),
    ...(properties.VpcConfig !== undefined ? ["AWSLambdaVPCAccessExecutionRole"] : []),
  ].map((name) => managedPolicyArn(partition, name));
  const arns: Value[] = [...usual, ...managed.filter((arn) => typeof arn !== "string" || !usual.includes(arn))];
  const documents = [...deadLetterPolicy(logicalId, properties.DeadLetterQueue), ...destinations, ...inline];
  return {
    Type: "AWS::IAM::Role",
    ...passedOn(sam),
    Properties: given({
      AssumeRolePolicyDocument: properties.AssumeRolePolicyDocument ?? trust,
      ManagedPolicyArns: arns,
      Policies: documents.length > 0 ? documents : undefined,
      Path: properties.RolePath,
      PermissionsBoundary: properties.PermissionsBoundary,
      Tags: samTags(properties),
    }),
  };
};

const deadLetterPolicy = (logicalId: string, queue: Value | undefined): Value[] => {
  if (!isMap(queue)) return [];
  const action = typeof queue.Type === "string" && Object.hasOwn(deadLetterActions, queue.Type) ? deadLetterActions[queue.Type] : undefined;
  if (!queue.Type || !queue.TargetArn)
    throw new InvalidResource(logicalId, "'DeadLetterQueue' requires Type and TargetArn properties to be specified.");
  if (action === undefined) throw new InvalidResource(logicalId, "'DeadLetterQueue' requires Type of ['SQS', 'SNS']");
  return [
    {
      PolicyName: "DeadLetterQueuePolicy",
      PolicyDocument: { Version: "2012-10-17", Statement: [{ Action: action, Resource: queue.TargetArn, Effect: "Allow" }] },
    },
  ];
};
