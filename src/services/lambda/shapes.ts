/** Stored functions as AWS shows them: pure. */
import type { AliasConfiguration, FunctionConfiguration } from "@aws-sdk/client-lambda";
import { functionArn } from "./names.ts";
import type { Alias, Version } from "./records.ts";
import type { Place } from "./world.ts";

/** AWS writes `+0000` here and `Z` elsewhere. */
export const lastModified = (iso: string): string => iso.replace("Z", "+0000");

export const configurationShape = (place: Place, stored: Version, qualifier?: string): FunctionConfiguration => {
  const { name, version, configuration, code } = stored;
  const { environment, layers, deadLetter } = configuration;
  return {
    FunctionName: name,
    FunctionArn: functionArn(place, name, qualifier),
    Runtime: configuration.runtime as FunctionConfiguration["Runtime"],
    Role: configuration.role,
    Handler: configuration.handler,
    CodeSize: code.size,
    Description: configuration.description,
    Timeout: configuration.timeout,
    MemorySize: configuration.memorySize,
    LastModified: lastModified(stored.lastModified),
    CodeSha256: code.sha256,
    Version: version,
    Environment: Object.keys(environment).length > 0 ? { Variables: { ...environment } } : undefined,
    DeadLetterConfig: deadLetter === undefined ? undefined : { TargetArn: deadLetter },
    TracingConfig: { Mode: "PassThrough" },
    RevisionId: stored.revisionId,
    Layers: layers.length > 0 ? layers.map(({ arn, code: { size } }) => ({ Arn: arn, CodeSize: size })) : undefined,
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: [configuration.architecture as "x86_64" | "arm64"],
    EphemeralStorage: { Size: configuration.ephemeralStorage },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: configuration.logGroup },
  };
};

export const aliasShape = (place: Place, alias: Alias): AliasConfiguration => ({
  AliasArn: functionArn(place, alias.function, alias.name),
  Name: alias.name,
  FunctionVersion: alias.version,
  Description: alias.description,
  RoutingConfig: Object.keys(alias.weights).length > 0 ? { AdditionalVersionWeights: { ...alias.weights } } : undefined,
  RevisionId: alias.revisionId,
});
