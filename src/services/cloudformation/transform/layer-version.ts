/** AWS::Serverless::LayerVersion: a layer's version whose logical id changes with it, so that older ones can stay. */
import type { Value, ValueMap } from "../template/value.ts";
import { s3Location } from "./code-location.ts";
import { InvalidResource } from "./errors.ts";
import { shortHash } from "./hash.ts";
import { given, isIntrinsic, type Resource } from "./resources.ts";

const known = [
  "LayerName",
  "Description",
  "PublishLambdaVersion",
  "ContentUri",
  "CompatibleArchitectures",
  "CompatibleRuntimes",
  "LicenseInfo",
  "RetentionPolicy",
];

export const expandLayerVersion = (logicalId: string, sam: Resource, properties: ValueMap): { id: string; resource: Resource } => {
  const fail = (why: string): never => {
    throw new InvalidResource(logicalId, why);
  };
  const odd = Object.keys(properties).find((name) => !known.includes(name));
  if (odd !== undefined) fail(`property ${odd} not defined for resource of type AWS::Serverless::LayerVersion`);
  if (properties.ContentUri === undefined) fail("Missing required property 'ContentUri'.");
  const { Type, Properties: _, DeletionPolicy, UpdateReplacePolicy, Metadata: __, ...attributes } = sam as Resource & ValueMap;
  const hashed: Record<string, Value> = { Type, ...attributes, Properties: properties };
  const id = logicalId + shortHash({ [logicalId]: hashed });
  const architectures = properties.CompatibleArchitectures;
  if (Array.isArray(architectures) && architectures.some((one) => !isIntrinsic(one) && one !== "arm64" && one !== "x86_64"))
    throw new InvalidResource(id, "CompatibleArchitectures needs to be a list of 'x86_64' or 'arm64'");
  return {
    id,
    resource: {
      Type: "AWS::Lambda::LayerVersion",
      ...attributes,
      ...(UpdateReplacePolicy !== undefined && { UpdateReplacePolicy }),
      DeletionPolicy: retention(logicalId, properties.RetentionPolicy) ?? DeletionPolicy ?? "Retain",
      Properties: given({
        LayerName: properties.LayerName || logicalId,
        Description: properties.Description,
        Content: s3Location(id, "ContentUri", properties.ContentUri as Value),
        CompatibleArchitectures: architectures,
        CompatibleRuntimes: properties.CompatibleRuntimes,
        LicenseInfo: properties.LicenseInfo,
      }),
    },
  };
};

const retention = (logicalId: string, policy: Value | undefined): string | undefined => {
  if (policy === undefined) return undefined;
  if (isIntrinsic(policy))
    throw new InvalidResource(
      logicalId,
      "'RetentionPolicy' does not accept intrinsic functions, please use one of the following options: ['Retain', 'Delete']",
    );
  const option = ["Retain", "Delete"].find((one) => typeof policy === "string" && policy.toLowerCase() === one.toLowerCase());
  if (option === undefined)
    throw new InvalidResource(logicalId, "'RetentionPolicy' must be one of the following options: ['Retain', 'Delete'].");
  return option;
};
