/** The section `Globals`: what it may hold, and how it joins a resource's own properties. */
import { isMap, type Value, type ValueMap } from "../template/value.ts";
import { InvalidResource, TransformError } from "./errors.ts";
import { isIntrinsic } from "./resources.ts";

const words = (text: string) => text.split(" ");
/** By the part of the type after `AWS::Serverless::`. */
const supported: Readonly<Record<string, readonly string[]>> = {
  Api: words(
    "Auth Name DefinitionUri CacheClusterEnabled CacheClusterSize MergeDefinitions Variables EndpointConfiguration MethodSettings BinaryMediaTypes MinimumCompressionSize Cors GatewayResponses AccessLogSetting CanarySetting TracingEnabled OpenApiVersion Domain AlwaysDeploy PropagateTags SecurityPolicy EndpointAccessMode",
  ),
  CapacityProvider: words("VpcConfig OperatorRole Tags InstanceRequirements ScalingConfig KmsKeyArn PropagateTags"),
  Function: words(
    "Handler Runtime CodeUri DeadLetterQueue Description MemorySize Timeout VpcConfig Environment Tags PropagateTags Tracing KmsKeyArn AutoPublishAlias AutoPublishAliasAllProperties Layers DeploymentPreference RolePath PermissionsBoundary ReservedConcurrentExecutions ProvisionedConcurrencyConfig AssumeRolePolicyDocument EventInvokeConfig FileSystemConfigs CodeSigningConfigArn Architectures SnapStart EphemeralStorage FunctionUrlConfig RuntimeManagementConfig LoggingConfig RecursiveLoop SourceKMSKeyArn TenancyConfig DurableConfig CapacityProviderConfig FunctionScalingConfig PublishToLatestPublished VersionDeletionPolicy",
  ),
  HttpApi: words(
    "Auth AccessLogSettings StageVariables Tags CorsConfiguration DefaultRouteSettings Domain RouteSettings FailOnWarnings PropagateTags",
  ),
  LayerVersion: words("PublishLambdaVersion"),
  SimpleTable: words("SSESpecification"),
  StateMachine: words("PropagateTags"),
  WebSocketApi: words(
    "AccessLogSettings ApiKeySelectionExpression DefaultRouteSettings DisableExecuteApiEndpoint DisableSchemaValidation Domain FailOnWarnings IpAddressType PropagateTags RouteSelectionExpression RouteSettings StageVariables Tags",
  ),
};
const quoted = (names: readonly string[]) => `[${names.map((name) => `'${name}'`).join(", ")}]`;

/** Throws what AWS says of a section it does not accept. */
export const checkGlobals = (globals: ValueMap | undefined): void => {
  for (const [section, properties] of Object.entries(globals ?? {})) {
    const why = complaint(section, properties);
    if (why !== undefined) throw new TransformError([`'Globals' section is invalid. ${why}`]);
  }
};
const complaint = (section: string, properties: Value): string | undefined => {
  const known = Object.hasOwn(supported, section) ? supported[section] : undefined;
  if (!known) return `'${section}' is not supported. Must be one of the following values - ${quoted(Object.keys(supported))}`;
  if (!isMap(properties)) return "Value of ${section} must be a dictionary";
  const odd = Object.keys(properties).find((key) => !known.includes(key));
  return odd && `'${odd}' is not a supported property of '${section}'. Must be one of the following values - ${quoted(known)}`;
};

/** A resource's properties with what `Globals` says for its type. `ignored`: the resource's attribute IgnoreGlobals. */
export const withGlobals = (logicalId: string, section: ValueMap | undefined, own: ValueMap, ignored: Value | undefined): ValueMap => {
  if (section === undefined || ignored === "*") return own;
  if (ignored !== undefined && !Array.isArray(ignored))
    throw new InvalidResource(logicalId, `Resource ${logicalId} has invalid resource attribute 'IgnoreGlobals'.`);
  const out = (ignored ?? []) as readonly Value[];
  const unknown = out.find((name) => typeof name !== "string" || !Object.hasOwn(section, name));
  if (unknown !== undefined)
    throw new InvalidResource(logicalId, `Resource ${logicalId} has invalid resource attribute 'IgnoreGlobals' on item '${unknown}'.`);
  return merged(Object.fromEntries(Object.entries(section).filter(([key]) => !out.includes(key))), own) as ValueMap;
};

/** Maps join member by member, lists one after the other; of anything else the resource's own counts. */
export const merged = (global: Value, own: Value): Value => {
  if (Array.isArray(global) && Array.isArray(own)) return [...global, ...own];
  if (!isMap(global) || !isMap(own) || isIntrinsic(global) || isIntrinsic(own)) return own;
  const result: Record<string, Value> = { ...global };
  for (const [key, value] of Object.entries(own)) result[key] = Object.hasOwn(global, key) ? merged(global[key], value) : value;
  return result;
};
