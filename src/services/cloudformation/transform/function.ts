/** AWS::Serverless::Function: the function, its role, versions, address and events. */
import { isMap, type Value, type ValueMap } from "../template/value.ts";
import { functionCode } from "./code-location.ts";
import { InvalidResource } from "./errors.ts";
import { eventInvoke } from "./event-invoke.ts";
import { functionEvents } from "./function-events.ts";
import { functionRole, samTags } from "./function-role.ts";
import { functionUrl } from "./function-url.ts";
import { publish } from "./function-version.ts";
import { type Facts, given, type Resource, type Resources, tagList } from "./resources.ts";

export interface Expansion {
  readonly resources: Resources;
  /** Conditions to add to the template. */
  readonly conditions: ValueMap;
  /** `Fn.Version` and the like → the logical id it stands for. */
  readonly names: Readonly<Record<string, string>>;
}

const words = (text: string) => text.split(" ");
/** Properties that AWS::Lambda::Function has under the same name. */
const same = words(
  "FunctionName Handler Runtime Description MemorySize Timeout VpcConfig Environment KmsKeyArn ReservedConcurrentExecutions Layers FileSystemConfigs ImageConfig PackageType Architectures SnapStart EphemeralStorage CodeSigningConfigArn RuntimeManagementConfig LoggingConfig TenancyConfig RecursiveLoop DurableConfig",
);
const known = new Set([
  ...same,
  ...words(
    "CodeUri ImageUri InlineCode DeadLetterQueue Role AssumeRolePolicyDocument Policies RolePath PermissionsBoundary Events Tags PropagateTags Tracing EventInvokeConfig AutoPublishAlias AutoPublishCodeSha256 AutoPublishAliasAllProperties VersionDescription ProvisionedConcurrencyConfig FunctionUrlConfig SourceKMSKeyArn VersionDeletionPolicy DeploymentPreference CapacityProviderConfig FunctionScalingConfig PublishToLatestPublished",
  ),
]);
const notImplemented = ["CapacityProviderConfig", "FunctionScalingConfig", "PublishToLatestPublished"];
const maps = words("DeadLetterQueue AssumeRolePolicyDocument Tags EventInvokeConfig FunctionUrlConfig DeploymentPreference SnapStart");
const reservedTags = ["lambda:createdBy", "serverlessrepo:applicationId", "serverlessrepo:semanticVersion"];

/** `properties`: the resource's own, joined with Globals. `template`: the resources as they are so far. */
export const expandFunction = (
  logicalId: string,
  sam: Resource,
  properties: ValueMap,
  template: Readonly<Resources>,
  facts: Facts,
): Expansion => {
  check(logicalId, properties);
  const { Tracing, DeadLetterQueue } = properties;
  const mapIn = (name: string): ValueMap | undefined => {
    const value = properties[name];
    return isMap(value) && Object.keys(value).length > 0 ? value : undefined;
  };
  const made = given({
    ...Object.fromEntries(same.map((name) => [name, properties[name]])),
    Code: functionCode(logicalId, properties),
    Tags: samTags(properties),
    TracingConfig: Tracing !== undefined && Tracing !== "Disabled" ? { Mode: Tracing } : undefined,
    DeadLetterConfig: isMap(DeadLetterQueue) && DeadLetterQueue.TargetArn ? { TargetArn: DeadLetterQueue.TargetArn } : undefined,
    Role: properties.Role,
  });
  const published = publish(logicalId, sam, properties, made, layersIn(template));
  const target = published?.alias ?? logicalId;
  const urlConfig = mapIn("FunctionUrlConfig");
  const url = urlConfig ? functionUrl(logicalId, sam, urlConfig, target) : {};
  const invokeConfig = mapIn("EventInvokeConfig");
  const invoke = invokeConfig
    ? eventInvoke(logicalId, sam, invokeConfig, published && { id: published.alias, name: published.aliasName })
    : { resources: {}, policies: [], topic: undefined };
  const role = functionRole(logicalId, sam, properties, invoke.policies, facts);
  const events = functionEvents(logicalId, sam, mapIn("Events") ?? {}, published?.alias, template, facts.partition);
  return {
    resources: {
      [logicalId]: {
        ...attributesOf(sam),
        Type: "AWS::Lambda::Function",
        Properties: { ...made, Role: role.role, ...(published?.description !== undefined && { Description: published.description }) },
      },
      ...published?.resources,
      ...url,
      ...tagged(invoke.resources, properties),
      ...role.resources,
      ...events,
    },
    conditions: role.conditions,
    names: {
      ...(published && { [`${logicalId}.Version`]: published.version, [`${logicalId}.Alias`]: published.alias }),
      ...(invoke.topic !== undefined && { [`${logicalId}.DestinationTopic`]: invoke.topic }),
    },
  };
};

/** PropagateTags, for what can carry tags. */
const tagged = (made: Resources, { PropagateTags, Tags }: ValueMap): Resources =>
  PropagateTags !== true || !isMap(Tags)
    ? made
    : Object.fromEntries(
        Object.entries(made).map(([id, one]) => [
          id,
          carrying.has(one.Type) ? { ...one, Properties: { ...one.Properties, Tags: tagList(Tags) } } : one,
        ]),
      );
const carrying = new Set(["AWS::SNS::Topic", "AWS::SQS::Queue"]);

/** The function itself keeps all that stands beside its properties. */
const attributesOf = ({ Type: _, Properties: __, ...attributes }: Resource): Omit<Resource, "Type" | "Properties"> => {
  const {
    Connectors: ___,
    IgnoreGlobals: ____,
    ...kept
  } = attributes as Omit<Resource, "Type" | "Properties"> & { Connectors?: Value; IgnoreGlobals?: Value };
  return kept;
};

const layersIn = (template: Readonly<Resources>): Record<string, ValueMap> =>
  Object.fromEntries(
    Object.entries(template)
      .filter(([, { Type }]) => Type === "AWS::Serverless::LayerVersion")
      .map(([id, { Properties }]) => [id, Properties ?? {}]),
  );

const check = (logicalId: string, properties: ValueMap) => {
  const fail = (why: string): never => {
    throw new InvalidResource(logicalId, why);
  };
  const odd = Object.keys(properties).find((name) => !known.has(name));
  if (odd !== undefined) fail(`property ${odd} not defined for resource of type AWS::Serverless::Function`);
  const missing = notImplemented.find((name) => properties[name] !== undefined);
  if (missing !== undefined) fail(`The property ${missing} is not implemented by Mayfly.`);
  for (const name of maps) if (properties[name] !== undefined && !isMap(properties[name])) fail(`Property '${name}' should be a map.`);
  for (const name of ["Environment", "Events"])
    if (properties[name] !== undefined && !isMap(properties[name])) fail(`Type of property '${name}' is invalid.`);
  if (properties.Layers !== undefined && !Array.isArray(properties.Layers)) fail("Type of property 'Layers' is invalid.");
  const preference = properties.DeploymentPreference;
  if (isMap(preference) && preference.Enabled !== false && preference.Enabled !== "false")
    fail("DeploymentPreference is not implemented by Mayfly: there is no CodeDeploy. Without it the alias moves at once.");
  const reserved = reservedTags.find((tag) => isMap(properties.Tags) && Object.hasOwn(properties.Tags, tag));
  if (reserved !== undefined)
    fail(`${reserved} is a reserved Tag key name and cannot be set on your resource. Please change the tag key in the input.`);
};
