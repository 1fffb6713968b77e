/** What codebuild remembers. Keys begin with account and region. */
import type {
  BuildStatusConfig,
  EnvironmentVariable,
  GitSubmodulesConfig,
  LogsConfig,
  ProjectArtifacts,
  ProjectCache,
  ProjectEnvironment,
  ProjectFileSystemLocation,
  ProjectSource,
  ProjectSourceVersion,
  Tag,
  VpcConfig,
} from "@aws-sdk/client-codebuild";
import { collection } from "../../store/store.ts";
import type { Phase, Status } from "./phases.ts";

export type { BuildStatusConfig, EnvironmentVariable, GitSubmodulesConfig };

export interface Place {
  readonly account: string;
  readonly region: string;
}

/** What a project and each of its builds are made of, as people declare it. */
export interface Declaration {
  readonly source: ProjectSource;
  readonly secondarySources: readonly ProjectSource[];
  readonly sourceVersion?: string;
  readonly secondarySourceVersions: readonly ProjectSourceVersion[];
  readonly artifacts: ProjectArtifacts;
  readonly secondaryArtifacts: readonly ProjectArtifacts[];
  readonly cache: ProjectCache;
  readonly environment: ProjectEnvironment;
  readonly serviceRole: string;
  readonly timeoutInMinutes: number;
  readonly queuedTimeoutInMinutes: number;
  readonly encryptionKey?: string;
  readonly logsConfig?: LogsConfig;
  readonly vpcConfig?: VpcConfig;
  readonly fileSystemLocations?: readonly ProjectFileSystemLocation[];
}

export interface Project extends Declaration, Place {
  readonly name: string;
  readonly description?: string;
  readonly tags: readonly Tag[];
  readonly concurrentBuildLimit?: number;
  /** Milliseconds. */
  readonly created: number;
  readonly modified: number;
  /** Changes when the cache is invalidated: caches saved before are never found again. */
  readonly cacheEpoch: number;
}

export interface Commit {
  readonly id: string;
  readonly author: string;
  readonly message: string;
}

export interface Build extends Declaration, Place {
  readonly project: string;
  readonly uuid: string;
  readonly number: number;
  readonly initiator: string;
  /** Milliseconds. */
  readonly started: number;
  readonly ended?: number;
  readonly status: Status;
  readonly phases: readonly Phase[];
  readonly cacheEpoch: number;
  /** Marks in the output begin with it. */
  readonly nonce: string;
  /** The image as asked for, and what the engine runs in its place. */
  readonly engineImage: string;
  readonly resolvedSourceVersion?: string;
  readonly exported?: readonly { readonly name: string; readonly value: string }[];
  readonly uploaded?: readonly Uploaded[];
  readonly commit?: Commit;
  /** Why it failed, for people. */
  readonly failure?: { readonly command?: string; readonly exitCode?: number; readonly phase: string; readonly reason: string };
  readonly lastLogLines?: readonly string[];
}
export interface Uploaded {
  /** Absent: the primary artifact. */
  readonly identifier?: string;
  readonly location: string;
  readonly md5?: string;
  readonly sha256?: string;
}

export interface SourceCredential extends Place {
  readonly serverType: string;
  readonly authType: string;
  readonly username?: string;
  readonly token: string;
}

/** What a build was made of, without what became of it. */
export const declarationIn = (of: Declaration): Declaration => ({
  source: of.source,
  secondarySources: of.secondarySources,
  sourceVersion: of.sourceVersion,
  secondarySourceVersions: of.secondarySourceVersions,
  artifacts: of.artifacts,
  secondaryArtifacts: of.secondaryArtifacts,
  cache: of.cache,
  environment: of.environment,
  serviceRole: of.serviceRole,
  timeoutInMinutes: of.timeoutInMinutes,
  queuedTimeoutInMinutes: of.queuedTimeoutInMinutes,
  encryptionKey: of.encryptionKey,
  logsConfig: of.logsConfig,
  vpcConfig: of.vpcConfig,
  fileSystemLocations: of.fileSystemLocations,
});

/** By `[account, region, name]`. */
export const projects = collection<Project>("codebuild.projects");
/** By `[account, region, project, uuid]`. */
export const builds = collection<Build>("codebuild.builds");
/** By `[account, region, project, uuid]`: builds that have not ended. */
export const live = collection<{ readonly at: number }>("codebuild.live");
/** By `[account, region, project, uuid]`: somebody asked for its end. */
export const stops = collection<{ readonly at: number; readonly by: string }>("codebuild.stops");
/** By `[account, region, project]`: the number of its last build; outlives the project. */
export const numbers = collection<{ readonly last: number }>("codebuild.numbers");
/** By `[account, region, project, token]`: what a StartBuild with that token was answered. */
export const requests = collection<{ readonly uuid: string; readonly at: number; readonly input: string }>("codebuild.requests");
/** By `[account, region, time, project, uuid]`. */
export const byTime = collection<{ readonly project: string; readonly uuid: string }>("codebuild.by-time");
/** By `[account, region, project, time, uuid]`. */
export const byProject = collection<{ readonly uuid: string }>("codebuild.by-project");
/** By `[account, region, server type]`. */
export const sourceCredentials = collection<SourceCredential>("codebuild.source-credentials");

export const projectKey = (at: Place, name: string) => [at.account, at.region, name];
export const buildKey = (of: Pick<Build, "account" | "region" | "project" | "uuid">) => [of.account, of.region, of.project, of.uuid];
/** Sortable as text. */
export const timeKey = (ms: number) => String(ms).padStart(15, "0");

export const idOf = (of: Pick<Build, "project" | "uuid">) => `${of.project}:${of.uuid}`;
export const projectArn = (at: Place, name: string) => `arn:aws:codebuild:${at.region}:${at.account}:project/${name}`;
export const buildArn = (of: Pick<Build, "account" | "region" | "project" | "uuid">) =>
  `arn:aws:codebuild:${of.region}:${of.account}:build/${idOf(of)}`;
export const complete = (build: Build) => build.status !== "IN_PROGRESS";

/** A build's environment bears its uuid, so that it is found again. */
export const containerId = (build: Pick<Build, "uuid">) => `build-${build.uuid}`;

/** `<project>:<uuid>` or the ARN of a build. */
export const parseBuildId = (id: string): { project: string; uuid: string } | undefined => {
  const match = /^(?:arn:[\w-]+:codebuild:[\w-]+:\d{12}:build\/)?([A-Za-z0-9][\w-]*):([\w-]+)$/.exec(id);
  return match ? { project: match[1] as string, uuid: match[2] as string } : undefined;
};
