/** A function's Events: each becomes what sends them, and the permission to do so. */
import { isMap, type Value, type ValueMap } from "../template/value.ts";
import { InvalidResource } from "./errors.ts";
import { getAtt, given, noValue, passedOn, ref, type Resource, type Resources, tagList } from "./resources.ts";

/** What an event is expanded with. */
interface Occasion {
  /** Logical id of what the event makes: the function's and the event's. */
  readonly id: string;
  readonly properties: ValueMap;
  readonly attributes: Pick<Resource, "Condition" | "DeletionPolicy" | "UpdateReplacePolicy">;
  /** Of the function, or of its alias: what is invoked. */
  readonly arn: Value;
  readonly name: Value;
  readonly partition: string;
  /** The template's resources, as they are so far: an S3 event changes its bucket. */
  readonly resources: Readonly<Resources>;
  fail(why: string): never;
}
type Expand = (on: Occasion) => Resources;

const permission = (on: Occasion, principal: string, source: ValueMap): Resources => ({
  [`${on.id}Permission`]: {
    Type: "AWS::Lambda::Permission",
    ...on.attributes,
    Properties: { Action: "lambda:InvokeFunction", FunctionName: on.name, Principal: principal, ...source },
  },
});
const targetId = (id: string, suffix = "LambdaTarget") =>
  id.length + suffix.length <= 64 ? id + suffix : id.slice(0, 64 - suffix.length) + suffix;

const stateOf = ({ properties: { State, Enabled }, fail }: Occasion): Value | undefined => {
  if (State !== undefined && Enabled !== undefined) fail("State and Enabled Properties cannot both be specified.");
  return Enabled === undefined ? State : Enabled === true || Enabled === "true" ? "ENABLED" : "DISABLED";
};
const deadLetters = ({ properties: { DeadLetterConfig: config }, fail }: Occasion): Value | undefined => {
  if (config === undefined) return undefined;
  if (!isMap(config) || (config.Arn === undefined && config.Type === undefined))
    return fail("No 'Arn' or 'Type' property provided for DeadLetterConfig.");
  if (config.Arn !== undefined && config.Type !== undefined) fail("You can either define 'Arn' or 'Type' property of DeadLetterConfig.");
  if (config.Type !== undefined) fail(`DeadLetterConfig of Type ${config.Type} is not implemented by Mayfly; name a queue by its Arn.`);
  return { Arn: config.Arn as Value };
};
const need = (on: Occasion, ...names: string[]) => {
  for (const name of names) if (on.properties[name] === undefined) throw new InvalidResource(on.id, `Missing required property '${name}'.`);
};

const rule = (
  on: Occasion,
  properties: Readonly<Record<string, Value | undefined>>,
  target: Readonly<Record<string, Value | undefined>>,
): Resources => {
  const { Target, RetryPolicy } = on.properties;
  const id = isMap(Target) && typeof Target.Id === "string" ? Target.Id : targetId(on.id);
  return {
    [on.id]: {
      Type: "AWS::Events::Rule",
      ...on.attributes,
      Properties: given({
        ...properties,
        State: stateOf(on),
        Targets: [given({ Arn: on.arn, Id: id, ...target, DeadLetterConfig: deadLetters(on), RetryPolicy })],
      }),
    },
    ...permission(on, "events.amazonaws.com", { SourceArn: getAtt(on.id, "Arn") }),
  };
};
const eventRule: Expand = (on) => {
  const { EventBusName, Pattern, RuleName, Input, InputPath, InputTransformer } = on.properties;
  return rule(on, { EventBusName, EventPattern: Pattern, Name: RuleName }, { Input, InputPath, InputTransformer });
};

const expansions: Readonly<Record<string, Expand>> = {
  Schedule(on) {
    need(on, "Schedule");
    const { Schedule, Name, Description, Input } = on.properties;
    return rule(on, { ScheduleExpression: Schedule, Name, Description }, { Input });
  },
  CloudWatchEvent: eventRule,
  EventBridgeRule: eventRule,
  SNS(on) {
    need(on, "Topic");
    const { Topic, Region, FilterPolicy, FilterPolicyScope, RedrivePolicy, SqsSubscription } = on.properties;
    if (SqsSubscription) on.fail("SqsSubscription is not implemented by Mayfly.");
    return {
      ...permission(on, "sns.amazonaws.com", { SourceArn: Topic as Value }),
      [on.id]: {
        Type: "AWS::SNS::Subscription",
        ...on.attributes,
        Properties: given({
          Protocol: "lambda",
          Endpoint: on.arn,
          TopicArn: Topic,
          Region,
          FilterPolicy,
          FilterPolicyScope,
          RedrivePolicy,
        }),
      },
    };
  },
  S3(on) {
    need(on, "Bucket", "Events");
    const { Bucket, Events, Filter } = on.properties;
    const bucketId = isMap(Bucket) && typeof Bucket.Ref === "string" ? Bucket.Ref : "";
    const bucket = Object.hasOwn(on.resources, bucketId) ? on.resources[bucketId] : undefined;
    if (!bucket) return on.fail("S3 events must reference an S3 bucket in the same template.");
    const condition = on.attributes.Condition;
    const wanted = (Array.isArray(Events) ? Events : [Events]).map((Event: Value): Value => {
      const one = given({ Function: on.arn, Filter, Event });
      return condition === undefined ? one : { "Fn::If": [condition, one, noValue] };
    });
    return {
      ...permission(on, "s3.amazonaws.com", { SourceAccount: ref("AWS::AccountId") }),
      [bucketId]: after(notifying(bucket, wanted), `${on.id}Permission`, condition),
    };
  },
  CloudWatchLogs(on) {
    need(on, "LogGroupName", "FilterPattern");
    const { LogGroupName, FilterPattern } = on.properties as Record<string, Value>;
    const source = `arn:${on.partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:\${__LogGroupName__}:*`;
    return {
      ...permission(on, "logs.amazonaws.com", { SourceArn: { "Fn::Sub": [source, { __LogGroupName__: LogGroupName as Value }] } }),
      [on.id]: {
        Type: "AWS::Logs::SubscriptionFilter",
        DependsOn: [`${on.id}Permission`],
        ...on.attributes,
        Properties: { LogGroupName: LogGroupName as Value, FilterPattern: FilterPattern as Value, DestinationArn: on.arn },
      },
    };
  },
};

const listIn = (value: Value | undefined): readonly Value[] => (Array.isArray(value) ? value : []);

/** The bucket with these notifications besides those it has. */
const notifying = (bucket: Resource, wanted: readonly Value[]): Resource => {
  const { NotificationConfiguration: there } = bucket.Properties ?? {};
  const configuration = isMap(there) ? there : {};
  const lambdas = [...listIn(configuration.LambdaConfigurations)];
  for (const one of wanted) if (!lambdas.some((known) => JSON.stringify(known) === JSON.stringify(one))) lambdas.push(one);
  return {
    ...bucket,
    Properties: { ...bucket.Properties, NotificationConfiguration: { ...configuration, LambdaConfigurations: lambdas } },
  };
};

/** The bucket made after the permission: S3 checks it. Behind a condition only a reference can say so, and a tag can carry one. */
const after = (bucket: Resource, permissionId: string, condition: string | undefined): Resource => {
  if (condition === undefined) {
    const before = bucket.DependsOn === undefined ? [] : typeof bucket.DependsOn === "string" ? [bucket.DependsOn] : bucket.DependsOn;
    return { ...bucket, DependsOn: [...new Set([...before, permissionId])] };
  }
  const tag = tagList({ [`sam:ConditionalDependsOn:${permissionId}`]: { "Fn::If": [condition, ref(permissionId), "no dependency"] } });
  return { ...bucket, Properties: { ...bucket.Properties, Tags: [...listIn(bucket.Properties?.Tags), ...tag] } };
};

const instead: Readonly<Record<string, string>> = {
  Api: " FunctionUrlConfig gives a function an address.",
  HttpApi: " FunctionUrlConfig gives a function an address.",
  ScheduleV2: " Schedule does the same with a rule.",
};

/** `alias`: the logical id of what is to be invoked instead of the function itself. */
export const functionEvents = (
  logicalId: string,
  sam: Resource,
  events: ValueMap,
  alias: string | undefined,
  resources: Readonly<Resources>,
  partition: string,
): Resources => {
  const made: Resources = {};
  for (const [name, event] of Object.entries(events).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const fail = (why: string): never => {
      throw new InvalidResource(logicalId, `Event with id [${name}] is invalid. ${why}`);
    };
    if (!isMap(event) || typeof event.Type !== "string") return fail("Event must have a Type.");
    const expand = Object.hasOwn(expansions, event.Type) ? expansions[event.Type] : undefined;
    if (!expand) return fail(`The event type ${event.Type} is not implemented by Mayfly.${instead[event.Type] ?? ""}`);
    const properties = event.Properties ?? {};
    if (!isMap(properties)) return fail("Properties should be a map.");
    const on: Occasion = {
      id: logicalId + name,
      properties,
      attributes: passedOn(sam),
      arn: alias === undefined ? getAtt(logicalId, "Arn") : ref(alias),
      name: ref(alias ?? logicalId),
      partition,
      resources: { ...resources, ...made },
      fail,
    };
    Object.assign(made, expand(on));
  }
  return made;
};
