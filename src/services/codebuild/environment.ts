/** The variables a build sees: pure. */
import { type Build, buildArn, idOf, projectArn } from "./records.ts";
import { deepLink, logPlace } from "./shapes.ts";
import { codeCommitUrl } from "./sources/codecommit.ts";
import { toolFolder } from "./tools.ts";

export interface EnvironmentParts {
  readonly build: Build;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string };
  /** Of the buildspec, secrets already fetched. */
  readonly buildspecVariables: Readonly<Record<string, string>>;
  /** Of project and StartBuild, secrets already fetched. */
  readonly projectVariables: Readonly<Record<string, string>>;
  readonly toolchains: { readonly environment: Readonly<Record<string, string>>; readonly path: readonly string[] };
  readonly sources: readonly SourceSeen[];
}
export interface SourceSeen {
  /** Absent: the primary one. */
  readonly identifier?: string;
  /** Where the container sees it. */
  readonly folder: string;
  readonly repositoryUrl?: string;
  readonly version?: string;
  readonly resolved?: string;
}

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** git inside knows CodeCommit by its AWS address, and signs in as the build's role. */
const gitVariables = (endpoint: string, regions: readonly string[]): Record<string, string> => {
  const settings: [string, string][] = [
    ...regions.map((region): [string, string] => [`url.${endpoint}/${region}/v1/repos/.insteadOf`, codeCommitUrl(region, "")]),
    [
      `credential.${endpoint}.helper`,
      '!f() { test "$1" = get && printf "username=%s%%%s\\npassword=%s\\n" "$AWS_ACCESS_KEY_ID" "$AWS_SESSION_TOKEN" "$AWS_SECRET_ACCESS_KEY"; }; f',
    ],
    ["safe.directory", "*"],
  ];
  return {
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
};

const present = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));

export const environmentOf = ({
  build,
  endpoint,
  credentials,
  buildspecVariables,
  projectVariables,
  toolchains,
  sources,
}: EnvironmentParts): Record<string, string> => {
  const place = logPlace(build);
  const primary = sources.find(({ identifier }) => identifier === undefined);
  const secondary = sources.filter(({ identifier }) => identifier !== undefined);
  const named = (prefix: string, of: (source: SourceSeen) => string | undefined) =>
    present(Object.fromEntries(secondary.map((source) => [`${prefix}_${source.identifier}`, of(source)])));
  const reserved = present({
    CODEBUILD_BUILD_ARN: buildArn(build),
    CODEBUILD_BUILD_ID: idOf(build),
    CODEBUILD_BUILD_IMAGE: build.environment.image,
    CODEBUILD_BUILD_NUMBER: String(build.number),
    CODEBUILD_BUILD_SUCCEEDING: "1",
    CODEBUILD_BUILD_URL: `https://${build.region}.console.aws.amazon.com/codesuite/codebuild/${build.account}/projects/${build.project}/build/${encodeURIComponent(idOf(build))}/?region=${build.region}`,
    CODEBUILD_CI: "true",
    CODEBUILD_INITIATOR: build.initiator,
    CODEBUILD_KMS_KEY_ID: build.encryptionKey ?? `arn:aws:kms:${build.region}:${build.account}:alias/aws/s3`,
    CODEBUILD_LOG_PATH: place?.stream,
    CODEBUILD_PROJECT_ARN: projectArn(build, build.project),
    CODEBUILD_PUBLIC_BUILD_URL: deepLink(build),
    CODEBUILD_RESOLVED_SOURCE_VERSION: primary?.resolved,
    CODEBUILD_SOURCE_REPO_URL: primary?.repositoryUrl ?? build.source.location,
    CODEBUILD_SOURCE_VERSION: primary?.version ?? build.sourceVersion,
    CODEBUILD_SRC_DIR: primary?.folder,
    CODEBUILD_START_TIME: String(build.started),
    ...named("CODEBUILD_SRC_DIR", ({ folder }) => folder),
    ...named("CODEBUILD_SOURCE_REPO_URL", ({ repositoryUrl }) => repositoryUrl),
    ...named("CODEBUILD_SOURCE_VERSION", ({ version }) => version),
    ...named("CODEBUILD_RESOLVED_SOURCE_VERSION", ({ resolved }) => resolved),
  });
  const variables: Record<string, string> = {
    HOME: "/root",
    LANG: "C.UTF-8",
    PATH: [...toolchains.path, systemPath].join(":"),
    AWS_DEFAULT_REGION: build.region,
    AWS_REGION: build.region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
    GIT_TERMINAL_PROMPT: "0",
    ...gitVariables(endpoint, [build.region]),
    ...toolchains.environment,
    ...buildspecVariables,
    ...projectVariables,
    ...reserved,
  };
  // Our tools come first even where somebody sets PATH.
  return { ...variables, PATH: `${toolFolder}:${variables.PATH}` };
};
