/** The rules of a project, and of what a build overrides: pure. */
import * as sdk from "@aws-sdk/client-codebuild";
import type { Declaration } from "./records.ts";

export const invalid = (message: string) => new sdk.InvalidInputException({ message, $metadata: {} });
export const notFound = (message: string) => new sdk.ResourceNotFoundException({ message, $metadata: {} });
export const exists = (message: string) => new sdk.ResourceAlreadyExistsException({ message, $metadata: {} });

const gitTypes = ["GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED", "BITBUCKET"];
/** Memory and processors of AWS's compute types. */
const computeTypes: Record<string, { memoryMb: number; cpus: number }> = {
  BUILD_GENERAL1_SMALL: { memoryMb: 4096, cpus: 2 },
  BUILD_GENERAL1_MEDIUM: { memoryMb: 8192, cpus: 4 },
  BUILD_GENERAL1_LARGE: { memoryMb: 16384, cpus: 8 },
  BUILD_GENERAL1_XLARGE: { memoryMb: 73728, cpus: 36 },
  BUILD_GENERAL1_2XLARGE: { memoryMb: 147456, cpus: 72 },
  BUILD_LAMBDA_1GB: { memoryMb: 1024, cpus: 1 },
  BUILD_LAMBDA_2GB: { memoryMb: 2048, cpus: 2 },
  BUILD_LAMBDA_4GB: { memoryMb: 4096, cpus: 2 },
  BUILD_LAMBDA_8GB: { memoryMb: 8192, cpus: 4 },
  BUILD_LAMBDA_10GB: { memoryMb: 10240, cpus: 6 },
};
export const limitsOf = (computeType: string | undefined) => computeTypes[computeType ?? ""] ?? { memoryMb: 4096, cpus: 2 };

const checkSource = (source: sdk.ProjectSource, secondary: boolean) => {
  const { type, location } = source;
  const fail = (message: string): never => {
    throw invalid(`Invalid project source: ${message}`);
  };
  if (secondary && !source.sourceIdentifier) fail("each secondary source must have a sourceIdentifier");
  if (source.sourceIdentifier && !/^[A-Za-z0-9_]{1,128}$/.test(source.sourceIdentifier) && type !== "CODEPIPELINE")
    fail(`sourceIdentifier ${source.sourceIdentifier} may have letters, digits and underscores only`);
  if (type === "NO_SOURCE" && location) fail("location must not be specified with source type NO_SOURCE");
  if (type === "CODECOMMIT" && !location) fail("location must be a valid repository source");
  if (type === "CODECOMMIT" && location && !codeCommitRepository(location)) fail("location must be a valid CODECOMMIT repository url");
  if (type === "S3" && !/^(arn:aws[\w-]*:s3:::)?[a-z0-9][a-z0-9.-]+\/.+$/.test(location ?? "")) fail("location must be a valid S3 source");
  if (gitTypes.includes(type ?? "") && !/^https?:\/\/[^/\s]+\/\S+$/.test(location ?? ""))
    fail(`location must be a valid ${type} repository url (https://…)`);
  if (type === "NO_SOURCE" && !secondary && !source.buildspec) fail("buildspec must be specified with source type NO_SOURCE");
};

/** Region and name out of `https://git-codecommit.<region>.amazonaws.com/v1/repos/<name>`. */
export const codeCommitRepository = (location: string): { region: string; name: string } | undefined => {
  const match =
    /^https?:\/\/git-codecommit(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/v1\/repos\/([\w.-]{1,100}?)(?:\.git)?\/?$/.exec(location);
  return match ? { region: match[1] as string, name: match[2] as string } : undefined;
};

const checkArtifacts = (artifacts: sdk.ProjectArtifacts, source: string | undefined, secondary: boolean) => {
  const fail = (message: string): never => {
    throw invalid(`Invalid artifacts: ${message}`);
  };
  if (secondary && !artifacts.artifactIdentifier) fail("each secondary artifact must have an artifactIdentifier");
  if (artifacts.type === "S3" && !artifacts.location) fail("location must be specified with artifact type S3");
  if ((artifacts.type === "CODEPIPELINE") !== (source === "CODEPIPELINE") && !secondary)
    throw invalid(
      artifacts.type === "CODEPIPELINE"
        ? "Invalid project source: artifact type CODEPIPELINE requires source type CODEPIPELINE"
        : "Invalid artifacts: source type CODEPIPELINE requires artifact type CODEPIPELINE",
    );
};

const checkEnvironment = (environment: sdk.ProjectEnvironment) => {
  const type = environment.type as string;
  if (/^(WINDOWS|MAC)/.test(type)) throw invalid(`not implemented: environment type ${type}`);
  if (environment.fleet?.fleetArn) throw invalid("not implemented: fleets");
  if (environment.computeType === "ATTRIBUTE_BASED_COMPUTE" || environment.computeType === "CUSTOM_INSTANCE_TYPE")
    throw invalid(`not implemented: compute type ${environment.computeType}`);
  if (!environment.image) throw invalid("Invalid environment: image must be specified");
  for (const name of ["certificate", "registryCredential", "dockerServer"] as const)
    if (environment[name]) throw invalid(`not implemented: environment.${name}`);
  checkVariables(environment.environmentVariables);
};

export const checkVariables = (variables: readonly sdk.EnvironmentVariable[] = []) => {
  const seen = new Set<string>();
  for (const { name = "", value } of variables) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw invalid(`Invalid environment variable name: ${name}`);
    if (name.startsWith("CODEBUILD_")) throw invalid(`Environment variable names starting with CODEBUILD_ are reserved: ${name}`);
    if (seen.has(name)) throw invalid(`Duplicate environment variable name: ${name}`);
    if (value === undefined) throw invalid(`Environment variable ${name} has no value`);
    seen.add(name);
  }
};

const unique = (what: string, names: readonly (string | undefined)[]) => {
  for (const [index, name] of names.entries()) if (names.indexOf(name) !== index) throw invalid(`Duplicate ${what}: ${name}`);
};

/** Throws InvalidInputException for what cannot be built. */
export const checkDeclaration = (of: Declaration): void => {
  checkSource(of.source, false);
  for (const source of of.secondarySources) checkSource(source, true);
  unique(
    "sourceIdentifier",
    of.secondarySources.map(({ sourceIdentifier }) => sourceIdentifier),
  );
  checkArtifacts(of.artifacts, of.source.type, false);
  for (const artifacts of of.secondaryArtifacts) checkArtifacts(artifacts, of.source.type, true);
  unique(
    "artifactIdentifier",
    of.secondaryArtifacts.map(({ artifactIdentifier }) => artifactIdentifier),
  );
  checkEnvironment(of.environment);
  if (of.cache.type === "S3" && !of.cache.location) throw invalid("Invalid cache: location must be specified with cache type S3");
  if (of.cache.type === "LOCAL" && !of.cache.modes?.length) throw invalid("Invalid cache: modes must be specified with cache type LOCAL");
  if (!/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(of.serviceRole))
    throw invalid(`Invalid service role: ${of.serviceRole} is not the ARN of a role`);
  if (of.logsConfig?.s3Logs?.status === "ENABLED") throw invalid("not implemented: logsConfig.s3Logs");
  if (of.vpcConfig?.vpcId) throw invalid("not implemented: vpcConfig");
  if (of.fileSystemLocations?.length) throw invalid("not implemented: fileSystemLocations (EFS)");
};

/** Members of a project that are not built: refused rather than ignored. */
const refuseMembers = (input: sdk.CreateProjectInput | sdk.UpdateProjectInput) => {
  if (input.badgeEnabled) throw invalid("not implemented: badgeEnabled");
  if (input.buildBatchConfig?.serviceRole) throw invalid("not implemented: buildBatchConfig");
  if (input.autoRetryLimit) throw invalid("not implemented: autoRetryLimit");
};

/** A declaration as CreateProject and UpdateProject give it; what an update does not name stays. */
export const declarationOf = (input: sdk.CreateProjectInput | sdk.UpdateProjectInput, before?: Declaration): Declaration => {
  refuseMembers(input);
  const declaration: Declaration = {
    source: input.source ?? (before?.source as sdk.ProjectSource),
    secondarySources: input.secondarySources ?? before?.secondarySources ?? [],
    sourceVersion: input.sourceVersion ?? before?.sourceVersion,
    secondarySourceVersions: input.secondarySourceVersions ?? before?.secondarySourceVersions ?? [],
    artifacts: input.artifacts ?? (before?.artifacts as sdk.ProjectArtifacts),
    secondaryArtifacts: input.secondaryArtifacts ?? before?.secondaryArtifacts ?? [],
    cache: input.cache ?? before?.cache ?? { type: "NO_CACHE" },
    environment: input.environment ?? (before?.environment as sdk.ProjectEnvironment),
    serviceRole: input.serviceRole ?? before?.serviceRole ?? "",
    timeoutInMinutes: input.timeoutInMinutes ?? before?.timeoutInMinutes ?? 60,
    queuedTimeoutInMinutes: input.queuedTimeoutInMinutes ?? before?.queuedTimeoutInMinutes ?? 480,
    encryptionKey: input.encryptionKey ?? before?.encryptionKey,
    logsConfig: input.logsConfig ?? before?.logsConfig,
    vpcConfig: input.vpcConfig ?? before?.vpcConfig,
    fileSystemLocations: input.fileSystemLocations ?? before?.fileSystemLocations,
  };
  checkDeclaration(declaration);
  return declaration;
};

/** Overridden variables replace those of the same name, others are added. */
const mergeVariables = (
  project: readonly sdk.EnvironmentVariable[] = [],
  overrides: readonly sdk.EnvironmentVariable[] = [],
): sdk.EnvironmentVariable[] => {
  checkVariables(overrides);
  const merged = new Map(project.map((variable) => [variable.name, variable]));
  for (const variable of overrides) merged.set(variable.name, { ...variable, type: variable.type ?? "PLAINTEXT" });
  return [...merged.values()];
};

const refuseOverrides = ["debugSessionEnabled", "fleetOverride", "registryCredentialOverride", "hostKernelOverride"] as const;

/** What a build of that project runs with, given what StartBuild overrides. */
export const buildDeclaration = (project: Declaration, input: sdk.StartBuildInput): Declaration => {
  for (const name of refuseOverrides) if (input[name]) throw invalid(`not implemented: ${name}`);
  if (input.autoRetryLimitOverride) throw invalid("not implemented: autoRetryLimitOverride");
  const source: sdk.ProjectSource = {
    ...project.source,
    ...defined({
      type: input.sourceTypeOverride,
      location: input.sourceLocationOverride,
      auth: input.sourceAuthOverride,
      gitCloneDepth: input.gitCloneDepthOverride,
      gitSubmodulesConfig: input.gitSubmodulesConfigOverride,
      buildspec: input.buildspecOverride,
      insecureSsl: input.insecureSslOverride,
      reportBuildStatus: input.reportBuildStatusOverride,
      buildStatusConfig: input.buildStatusConfigOverride,
    }),
  };
  if (input.sourceTypeOverride === "NO_SOURCE") delete source.location;
  const environment: sdk.ProjectEnvironment = {
    ...project.environment,
    environmentVariables: mergeVariables(project.environment.environmentVariables, input.environmentVariablesOverride),
    ...defined({
      type: input.environmentTypeOverride,
      image: input.imageOverride,
      computeType: input.computeTypeOverride,
      certificate: input.certificateOverride,
      privilegedMode: input.privilegedModeOverride,
      imagePullCredentialsType: input.imagePullCredentialsTypeOverride,
    }),
  };
  const declaration: Declaration = {
    source,
    secondarySources: input.secondarySourcesOverride ?? project.secondarySources,
    sourceVersion: input.sourceVersion ?? (input.sourceTypeOverride || input.sourceLocationOverride ? undefined : project.sourceVersion),
    secondarySourceVersions: input.secondarySourcesVersionOverride ?? project.secondarySourceVersions,
    artifacts: input.artifactsOverride ?? project.artifacts,
    secondaryArtifacts: input.secondaryArtifactsOverride ?? project.secondaryArtifacts,
    cache: input.cacheOverride ?? project.cache,
    environment,
    serviceRole: input.serviceRoleOverride ?? project.serviceRole,
    timeoutInMinutes: input.timeoutInMinutesOverride ?? project.timeoutInMinutes,
    queuedTimeoutInMinutes: input.queuedTimeoutInMinutesOverride ?? project.queuedTimeoutInMinutes,
    encryptionKey: input.encryptionKeyOverride ?? project.encryptionKey,
    logsConfig: input.logsConfigOverride ?? project.logsConfig,
    vpcConfig: project.vpcConfig,
    fileSystemLocations: project.fileSystemLocations,
  };
  checkDeclaration(declaration);
  if (source.type === "CODEPIPELINE" && !source.location)
    throw invalid("A build of a project with source type CODEPIPELINE is started by its pipeline (sourceLocationOverride is missing)");
  return declaration;
};

const defined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
