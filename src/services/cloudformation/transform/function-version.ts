/** AutoPublishAlias: a version that is new whenever the code is, and an alias that points to it. */
import { isMap, type Value, type ValueMap } from "../template/value.ts";
import { InvalidResource } from "./errors.ts";
import { shortHash } from "./hash.ts";
import { getAtt, given, passedOn, ref, type Resource, type Resources } from "./resources.ts";

export interface Published {
  readonly version: string;
  readonly alias: string;
  readonly aliasName: string;
  readonly resources: Resources;
  /** What the function's description becomes, so that Lambda publishes although only the code behind the same address changed. */
  readonly description?: Value;
}

/** Undefined without AutoPublishAlias. `made`: the function's properties as they are so far; `layers`: those of the template, by logical id. */
export const publish = (
  logicalId: string,
  sam: Resource,
  properties: ValueMap,
  made: ValueMap,
  layers: Readonly<Record<string, ValueMap>>,
): Published | undefined => {
  const name = properties.AutoPublishAlias;
  const fail = (why: string): never => {
    throw new InvalidResource(logicalId, why);
  };
  if (name === undefined || name === "") {
    if (properties.ProvisionedConcurrencyConfig !== undefined)
      fail("To set ProvisionedConcurrencyConfig AutoPublishALias must be defined on the function");
    if (properties.VersionDeletionPolicy !== undefined) fail("'VersionDeletionPolicy' requires AutoPublishAlias property to be specified.");
    return undefined;
  }
  if (typeof name !== "string") return fail("'AutoPublishAlias' must be a string or a Ref to a template parameter");
  if (!/^(?!\d+$)[a-zA-Z0-9_-]+$/.test(name))
    fail(
      `AutoPublishAlias name ('${name}') must contain only alphanumeric characters, hyphens, or underscores matching (?!^[0-9]+$)([a-zA-Z0-9-_]+) pattern.`,
    );
  const sha = properties.AutoPublishCodeSha256;
  if (sha !== undefined && typeof sha !== "string") return fail("AutoPublishCodeSha256 must be a string");

  const version = `${logicalId}Version${sha ? sha.slice(0, 10) : shortHash(identity(properties, made, layers))}`;
  const alias = `${logicalId}Alias${name.replaceAll("-", "D").replaceAll("_", "U")}`;
  const attributes = passedOn(sam);
  const resources: Resources = {
    [version]: {
      Type: "AWS::Lambda::Version",
      ...attributes,
      DeletionPolicy: attributes.DeletionPolicy ?? properties.VersionDeletionPolicy ?? "Retain",
      Properties: given({ FunctionName: ref(logicalId), Description: properties.VersionDescription }),
    },
    [alias]: {
      Type: "AWS::Lambda::Alias",
      ...attributes,
      Properties: given({
        Name: name,
        FunctionName: ref(logicalId),
        FunctionVersion: getAtt(version, "Version"),
        ProvisionedConcurrencyConfig: properties.ProvisionedConcurrencyConfig,
      }),
    },
  };
  return { version, alias, aliasName: name, resources, ...(sha && { description: described(properties.Description, sha) }) };
};

const described = (description: Value | undefined, sha: string): Value => {
  if (description === undefined || description === "") return sha;
  return typeof description === "string" ? `${description} ${sha}` : { "Fn::Join": [" ", [description, sha]] };
};

/** What a version is told apart by. */
const identity = (properties: ValueMap, made: ValueMap, layers: Readonly<Record<string, ValueMap>>): ValueMap => {
  if (properties.AutoPublishAliasAllProperties === true) {
    const names = (Array.isArray(properties.Layers) ? properties.Layers : []).map((layer) =>
      isMap(layer) && typeof layer.Ref === "string" ? layer.Ref : "",
    );
    const own = names.filter((name) => layers[name]?.PublishLambdaVersion === true).map((name) => [name, layers[name] as ValueMap]);
    return { ...made, ...Object.fromEntries(own) };
  }
  const snapStart: ValueMap = isMap(made.SnapStart) && (made.SnapStart.ApplyOn ?? "None") !== "None" ? { SnapStart: made.SnapStart } : {};
  return {
    ...(made.Code as ValueMap),
    ...(isMap(made.Environment) ? made.Environment : {}),
    ...(made.MemorySize ? { MemorySize: made.MemorySize } : {}),
    ...snapStart,
  };
};
