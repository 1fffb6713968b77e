/** Our records as the API tells them: pure. */
import type * as sdk from "@aws-sdk/client-codebuild";
import { running } from "./phases.ts";
import { type Build, buildArn, complete, idOf, type Project, projectArn, type Uploaded } from "./records.ts";

const list = <T>(items: readonly T[] | undefined): T[] => [...(items ?? [])];

export const projectShape = (of: Project): sdk.Project => ({
  name: of.name,
  arn: projectArn(of, of.name),
  description: of.description,
  source: of.source,
  secondarySources: list(of.secondarySources),
  sourceVersion: of.sourceVersion,
  secondarySourceVersions: list(of.secondarySourceVersions),
  artifacts: of.artifacts,
  secondaryArtifacts: list(of.secondaryArtifacts),
  cache: of.cache,
  environment: environmentShape(of.environment),
  serviceRole: of.serviceRole,
  timeoutInMinutes: of.timeoutInMinutes,
  queuedTimeoutInMinutes: of.queuedTimeoutInMinutes,
  encryptionKey: of.encryptionKey ?? `arn:aws:kms:${of.region}:${of.account}:alias/aws/s3`,
  tags: list(of.tags),
  created: new Date(of.created),
  lastModified: new Date(of.modified),
  vpcConfig: of.vpcConfig,
  badge: { badgeEnabled: false },
  logsConfig: of.logsConfig,
  concurrentBuildLimit: of.concurrentBuildLimit,
  projectVisibility: "PRIVATE",
});

const environmentShape = (of: sdk.ProjectEnvironment): sdk.ProjectEnvironment => ({
  ...of,
  environmentVariables: list(of.environmentVariables).map((variable) => ({ ...variable, type: variable.type ?? "PLAINTEXT" })),
  privilegedMode: of.privilegedMode ?? false,
  imagePullCredentialsType: of.imagePullCredentialsType ?? "CODEBUILD",
});

export const logPlace = (of: Build): { group: string; stream: string } | undefined => {
  const config = of.logsConfig?.cloudWatchLogs;
  if (config?.status === "DISABLED") return undefined;
  return {
    group: config?.groupName ?? `/aws/codebuild/${of.project}`,
    stream: config?.streamName ? `${config.streamName}/${of.uuid}` : of.uuid,
  };
};

export const deepLink = (of: Build): string | undefined => {
  const place = logPlace(of);
  const part = (text: string) => encodeURIComponent(encodeURIComponent(text)).replaceAll("%", "$");
  return (
    place &&
    `https://console.aws.amazon.com/cloudwatch/home?region=${of.region}#logsV2:log-groups/log-group/${part(place.group)}/log-events/${part(place.stream)}`
  );
};

const logsShape = (of: Build): sdk.LogsLocation => {
  const place = logPlace(of);
  return {
    ...(place && {
      groupName: place.group,
      streamName: place.stream,
      deepLink: deepLink(of),
      cloudWatchLogsArn: `arn:aws:logs:${of.region}:${of.account}:log-group:${place.group}:log-stream:${place.stream}`,
    }),
    cloudWatchLogs: { status: place ? "ENABLED" : "DISABLED", ...of.logsConfig?.cloudWatchLogs },
    s3Logs: { status: "DISABLED", encryptionDisabled: false, ...of.logsConfig?.s3Logs },
  };
};

const artifactsShape = (declared: sdk.ProjectArtifacts, uploaded: Uploaded | undefined): sdk.BuildArtifacts => ({
  location: uploaded?.location ?? (declared.type === "NO_ARTIFACTS" ? "" : undefined),
  md5sum: uploaded?.md5,
  sha256sum: uploaded?.sha256,
  overrideArtifactName: declared.overrideArtifactName,
  encryptionDisabled: declared.encryptionDisabled ?? false,
  artifactIdentifier: declared.artifactIdentifier,
});

export const buildShape = (of: Build): sdk.Build => ({
  id: idOf(of),
  arn: buildArn(of),
  buildNumber: of.number,
  startTime: new Date(of.started),
  endTime: of.ended === undefined ? undefined : new Date(of.ended),
  currentPhase: complete(of) ? "COMPLETED" : (running(of.phases)?.type ?? of.phases.at(-1)?.type),
  buildStatus: of.status,
  sourceVersion: of.sourceVersion,
  resolvedSourceVersion: of.resolvedSourceVersion,
  projectName: of.project,
  phases: of.phases.map(({ type, status, start, end, contexts }) => ({
    phaseType: type,
    phaseStatus: status,
    startTime: new Date(start),
    endTime: end === undefined ? undefined : new Date(end),
    durationInSeconds: end === undefined ? undefined : Math.floor((end - start) / 1000),
    contexts: contexts.length > 0 ? list(contexts) : undefined,
  })),
  source: of.source,
  secondarySources: list(of.secondarySources),
  secondarySourceVersions: list(of.secondarySourceVersions),
  artifacts: artifactsShape(
    of.artifacts,
    of.uploaded?.find(({ identifier }) => identifier === undefined),
  ),
  secondaryArtifacts: of.secondaryArtifacts.map((declared) =>
    artifactsShape(
      declared,
      of.uploaded?.find(({ identifier }) => identifier !== undefined && identifier === declared.artifactIdentifier),
    ),
  ),
  cache: of.cache,
  environment: environmentShape(of.environment),
  serviceRole: of.serviceRole,
  logs: logsShape(of),
  timeoutInMinutes: of.timeoutInMinutes,
  queuedTimeoutInMinutes: of.queuedTimeoutInMinutes,
  buildComplete: complete(of),
  initiator: of.initiator,
  vpcConfig: of.vpcConfig,
  encryptionKey: of.encryptionKey ?? `arn:aws:kms:${of.region}:${of.account}:alias/aws/s3`,
  exportedEnvironmentVariables: list(of.exported),
});
