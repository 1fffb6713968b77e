/** The rules of a function's configuration: defaults, complaints, what counts as a change. Pure. */
import { createHash } from "node:crypto";
import type { CreateFunctionCommandInput, UpdateFunctionConfigurationCommandInput } from "@aws-sdk/client-lambda";
import { invalid, notBuilt, validation } from "./errors.ts";
import type { Code, Configuration, LayerUse } from "./records.ts";

type Wanted = Omit<CreateFunctionCommandInput, "FunctionName" | "Role" | "Code"> & { Role?: string | undefined };
type Parts = Wanted & UpdateFunctionConfigurationCommandInput;

const maximumEnvironment = 4096;
/** Names that Lambda sets itself. */
const reserved = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_DEFAULT_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
]);

const families = /^(nodejs\d+\.x|python3\.\d+|java\d+(\.al2)?|provided(\.al\d+)?)$/;

/** Throws for the parts of AWS's Lambda that are not here, by name. */
export const refuse = (input: Partial<Parts>): void => {
  if (input.PackageType !== undefined && input.PackageType !== "Zip") throw notBuilt(`PackageType ${input.PackageType}`);
  if (Object.keys(input.ImageConfig ?? {}).length > 0) throw notBuilt("ImageConfig");
  if ((input.VpcConfig?.SubnetIds ?? []).length > 0 || (input.VpcConfig?.SecurityGroupIds ?? []).length > 0) throw notBuilt("VpcConfig");
  if ((input.FileSystemConfigs ?? []).length > 0) throw notBuilt("FileSystemConfigs");
  if (input.SnapStart?.ApplyOn !== undefined && input.SnapStart.ApplyOn !== "None")
    throw notBuilt(`SnapStart with ApplyOn ${input.SnapStart.ApplyOn}`);
  if (input.TracingConfig?.Mode === "Active") throw notBuilt("TracingConfig with Mode Active (AWS X-Ray)");
  if (input.KMSKeyArn) throw notBuilt("KMSKeyArn");
  if (input.CodeSigningConfigArn) throw notBuilt("CodeSigningConfigArn");
  if (input.LoggingConfig?.LogFormat === "JSON") throw notBuilt("LoggingConfig with LogFormat JSON");
  for (const name of ["CapacityProviderConfig", "DurableConfig", "TenancyConfig", "PublishTo"] as const)
    if (input[name] !== undefined) throw notBuilt(name);
  const target = input.DeadLetterConfig?.TargetArn;
  if (target && !/^arn:aws[a-z-]*:sns:/.test(target)) throw notBuilt(`DeadLetterConfig with the target ${target} (only SNS topics are)`);
};

/** The configuration a new function begins with. */
export const begin = (name: string, input: Wanted & { Role: string }, layers: readonly LayerUse[]): Configuration => {
  if (input.Runtime === undefined)
    throw invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.");
  if (!input.Handler) throw invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.");
  const empty: Configuration = {
    role: input.Role,
    runtime: input.Runtime,
    handler: input.Handler,
    description: "",
    timeout: 3,
    memorySize: 128,
    environment: {},
    layers: [],
    architecture: "x86_64",
    ephemeralStorage: 512,
    logGroup: `/aws/lambda/${name}`,
  };
  return change(empty, input, layers);
};

/** The configuration after an update: what the input does not say stays. */
export const change = (now: Configuration, input: Partial<Parts>, layers: readonly LayerUse[] | undefined): Configuration => {
  refuse(input);
  const architecture = input.Architectures?.[0];
  if ((input.Architectures ?? []).length > 1)
    throw validation(
      "1 validation error detected: Value at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1",
    );
  const next: Configuration = {
    role: input.Role ?? now.role,
    runtime: input.Runtime ?? now.runtime,
    handler: input.Handler ?? now.handler,
    description: input.Description ?? now.description,
    timeout: input.Timeout ?? now.timeout,
    memorySize: input.MemorySize ?? now.memorySize,
    environment: input.Environment ? { ...input.Environment.Variables } : now.environment,
    layers: layers ?? now.layers,
    architecture: architecture ?? now.architecture,
    ephemeralStorage: input.EphemeralStorage?.Size ?? now.ephemeralStorage,
    logGroup: input.LoggingConfig?.LogGroup ?? now.logGroup,
    deadLetter: input.DeadLetterConfig ? input.DeadLetterConfig.TargetArn || undefined : now.deadLetter,
  };
  complain(next);
  return next;
};

const between = (member: string, value: number, least: number, most: number) => {
  const constraint = value < least ? `greater than or equal to ${least}` : value > most ? `less than or equal to ${most}` : undefined;
  if (constraint)
    throw validation(
      `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have value ${constraint}`,
    );
};

const complain = (configuration: Configuration): void => {
  if (!families.test(configuration.runtime))
    throw notBuilt(`The runtime ${configuration.runtime} (nodejs*, python3*, java* and provided* are)`);
  between("timeout", configuration.timeout, 1, 900);
  between("memorySize", configuration.memorySize, 128, 10_240);
  between("ephemeralStorage.size", configuration.ephemeralStorage, 512, 10_240);
  if (configuration.description.length > 256)
    throw validation(
      "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 256",
    );
  if (configuration.layers.length > 5) throw invalid("The number of layers exceeds the maximum of 5");
  const names = Object.keys(configuration.environment);
  const taken = names.filter((name) => reserved.has(name));
  if (taken.length > 0)
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${taken.join(", ")}`,
    );
  const bad = names.filter((name) => !/^[a-zA-Z][a-zA-Z0-9_]+$/.test(name));
  if (bad.length > 0)
    throw validation(
      `1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]; not so: ${bad.join(", ")}`,
    );
  const size = Buffer.byteLength(JSON.stringify(configuration.environment));
  if (size > maximumEnvironment)
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the ${maximumEnvironment / 1024}KB limit. String measured: ${JSON.stringify(configuration.environment).slice(0, 100)}…`,
    );
};

/** Two deployments with the same fingerprint behave the same: no new version, the same instances. */
export const fingerprintOf = (configuration: Configuration, code: Code): string => {
  const { description: _, environment, layers, ...rest } = configuration;
  const sorted = Object.entries(environment).sort(([one], [other]) => (one < other ? -1 : 1));
  const said = JSON.stringify([
    Object.entries(rest).sort(([one], [other]) => (one < other ? -1 : 1)),
    sorted,
    layers.map(({ arn }) => arn),
    code.sha256,
  ]);
  return createHash("sha256").update(said).digest("hex").slice(0, 32);
};
