/** All that comes before a build's commands: role, source, buildspec, variables, program. */
import { writeFile } from "node:fs/promises";
import { uptime } from "node:os";
import { join } from "node:path";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { Aws } from "../../aws/aws.ts";
import type { ContainerSpec, Mount } from "../../engines/engine.ts";
import type { Context } from "../service.ts";
import { type Buildspec, BuildspecError, parseBuildspec } from "./buildspec.ts";
import { readBuildspec } from "./buildspec-text.ts";
import type { BuildLog } from "./log.ts";
import { limitsOf } from "./declaration.ts";
import { environmentOf, type SourceSeen } from "./environment.ts";
import { containerLine } from "./log-lines.ts";
import type { Phase } from "./phases.ts";
import { runScript, stepsScript } from "./program.ts";
import type { Progress } from "./progress.ts";
import { type Build, type Commit, containerId, sourceCredentials } from "./records.ts";
import { resolveVariables, VariableError } from "./secrets.ts";
import { sources } from "./sources/index.ts";
import { type RoleCredentials, SourceError } from "./sources/source.ts";
import { chooseToolchains, findJdks, RuntimeMissing } from "./toolchains.ts";
import { hostSource, insideOf, makeWorkspace, sourceFolder, type Workspace } from "./workspace.ts";

/** A phase ends so, through the fault of the project. */
export class PhaseFailure extends Error {
  readonly statusCode: string;
  constructor(statusCode: string, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** What a restarted server must know of a build whose container runs; a file in its workspace. */
export interface Plan {
  readonly spec: Buildspec;
  readonly mounts: readonly Mount[];
  readonly secrets: readonly string[];
  readonly secretNames: readonly string[];
  /** Expressions the shell evaluates at the end: file → artifact identifier ("" is the primary one). */
  readonly names: Readonly<Record<string, string>>;
  /** The log up to here. */
  readonly lines: readonly { readonly text: string; readonly at: number }[];
  readonly phases: readonly Phase[];
  readonly known: { readonly resolvedSourceVersion?: string; readonly commit?: Commit };
  readonly cacheKey?: string;
  readonly cacheDigest?: string;
  /** The clock and the machine's uptime at one moment: marks tell time by the latter. */
  readonly clock: { readonly wall: number; readonly uptime: number };
}
export const planFile = (folder: string) => join(folder, "plan.json");

/** A log that also remembers its lines for the plan. */
export interface Prelude {
  say(text: string): void;
  readonly lines: { text: string; at: number }[];
}
export const createPrelude = (log: BuildLog, now: () => number): Prelude => {
  const lines: { text: string; at: number }[] = [];
  return {
    lines,
    say(text) {
      const at = now();
      const line = containerLine(at, text);
      lines.push({ text: line, at });
      log.line(line, at);
    },
  };
};

export const assumeRole = async (context: Context, build: Build): Promise<{ aws: Aws; credentials: RoleCredentials }> => {
  const session = `AWSCodeBuild-${build.uuid}`;
  const own = context.aws.at(build);
  const seconds = Math.min(43_200, Math.max(900, (build.timeoutInMinutes + 10) * 60));
  try {
    const { Credentials } = await own
      .client(STSClient)
      .send(new AssumeRoleCommand({ RoleArn: build.serviceRole, RoleSessionName: session, DurationSeconds: seconds }));
    return {
      aws: own.as(build.serviceRole, session),
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      },
    };
  } catch (error) {
    throw new PhaseFailure(
      "ACCESS_DENIED",
      `CodeBuild is not authorized to perform: sts:AssumeRole on service role ${build.serviceRole}. Please verify that the role exists and trusts codebuild.amazonaws.com (${(error as Error).message})`,
    );
  }
};

export interface Prepared {
  readonly plan: Plan;
  readonly spec: ContainerSpec;
  readonly workspace: Workspace;
}

export interface Preparing {
  readonly context: Context;
  readonly progress: Progress;
  readonly prelude: Prelude;
  readonly aws: Aws;
  readonly credentials: RoleCredentials;
  readonly folder: string;
  readonly tools: string;
  readonly signal: AbortSignal;
  readonly deadline: number;
  readonly now: () => number;
  /** Brings back what was cached, and says how it is known again. */
  restoreCache(
    workspace: Workspace,
    mounts: readonly Mount[],
    buildspec: Buildspec,
    environment: Readonly<Record<string, string>>,
  ): Promise<{ key?: string; digest?: string; mounts: readonly Mount[] }>;
  hide(secrets: readonly string[]): void;
}

export const prepare = async (preparing: Preparing): Promise<Prepared> => {
  const asked: Promise<void>[] = [];
  try {
    return await prepareAll(preparing, asked);
  } finally {
    // A build that fails here tells its commit too.
    await Promise.all(asked);
  }
};

/** `asked`: what is still on its way to `progress`. */
const prepareAll = async (preparing: Preparing, asked: Promise<void>[]): Promise<Prepared> => {
  const { context, progress, prelude, aws, credentials, folder, now } = preparing;
  const { say } = prelude;
  const { build } = progress;
  say("Waiting for DOWNLOAD_SOURCE");
  const workspace = await makeWorkspace(
    folder,
    build.secondarySources.map(({ sourceIdentifier }) => sourceIdentifier as string),
    preparing.tools,
  );
  say("Phase is DOWNLOAD_SOURCE");
  const seen = await fetchSources(preparing, asked);
  const inside = insideOf(workspace.mounts);
  say(`CODEBUILD_SRC_DIR=${sourceFolder()}`);
  const { text, where } = await asFailure(() => readBuildspec(build.source.buildspec, sourceFolder(), inside, aws));
  say(`YAML location is ${where}`);
  const buildspec = await asFailure(async () => parseBuildspec(text), where.replace(`${sourceFolder()}/`, ""));
  for (const key of buildspec.ignored) say(`Ignoring unknown key ${key} of the buildspec`);
  say("Processing environment variables");
  const variables = await asFailure(() => resolveVariables(aws, buildspec, build.environment.environmentVariables));
  preparing.hide(variables.secret);
  const toolchains = await selectRuntimes(build, buildspec, { ...variables.buildspec, ...variables.project }, say);
  say(`Moving to directory ${sourceFolder()}`);
  const environment = environmentOf({
    build,
    endpoint: context.endpoint(),
    credentials,
    buildspecVariables: variables.buildspec,
    projectVariables: variables.project,
    toolchains,
    sources: seen,
  });
  const cached = await preparing.restoreCache(workspace, workspace.mounts, buildspec, environment);
  const expressions: Record<string, string> = {};
  const names: Record<string, string> = {};
  const artifacts: [string, { name?: string } | undefined][] = [["", buildspec.artifacts], ...Object.entries(buildspec.secondaryArtifacts)];
  for (const [index, [identifier, spec]] of artifacts.entries()) {
    if (spec?.name === undefined) continue;
    expressions[`artifact-${index}`] = spec.name;
    names[`artifact-${index}`] = identifier;
  }
  await Promise.all([
    writeFile(join(folder, "program", "steps.sh"), stepsScript(buildspec, build.nonce, expressions)),
    writeFile(join(folder, "program", "run.sh"), runScript(buildspec.shell)),
  ]);
  const found = Object.entries(buildspec.phases).filter(([, phase]) => phase.commands.length + phase.finally.length > 0);
  say(`Phases found in YAML: ${found.length}`);
  for (const [name, phase] of found) say(` ${name.toUpperCase()}: ${phase.commands.length + phase.finally.length} commands`);
  const primary = seen[0];
  const mounts = cached.mounts;
  await Promise.all(asked);
  return {
    workspace,
    plan: {
      spec: buildspec,
      mounts,
      secrets: variables.secret,
      secretNames: variables.secretNames,
      names,
      lines: prelude.lines,
      phases: [],
      known: { resolvedSourceVersion: primary?.resolved, commit: progress.build.commit },
      cacheKey: cached.key,
      cacheDigest: cached.digest,
      clock: { wall: now(), uptime: uptime() },
    },
    spec: {
      id: containerId(build),
      image: build.engineImage,
      command: ["/bin/sh", "/codebuild/program/run.sh"],
      environment,
      folder: sourceFolder(),
      mounts,
      limits: { ...limitsOf(build.environment.computeType), seconds: Math.max(1, Math.ceil((preparing.deadline - now()) / 1000)) },
      privileged: build.environment.privilegedMode ?? false,
      diesWithServer: false,
    },
  };
};

const fetchSources = async (
  { context, progress, aws, credentials, folder, signal }: Preparing,
  asked: Promise<void>[],
): Promise<SourceSeen[]> => {
  const { build } = progress;
  const variables = build.environment.environmentVariables ?? [];
  const plainZip = variables.some(({ name, value }) => name === "MAYFLY_SOURCE_FORMAT" && value === "CODE_ZIP");
  const versionOf = (identifier: string | undefined) =>
    identifier === undefined
      ? build.sourceVersion
      : build.secondarySourceVersions.find(({ sourceIdentifier }) => sourceIdentifier === identifier)?.sourceVersion;
  const all = [build.source, ...build.secondarySources];
  return Promise.all(
    all.map(async (source, index) => {
      const identifier = index === 0 ? undefined : source.sourceIdentifier;
      const fetch = sources[source.type ?? ""];
      if (!fetch) throw new PhaseFailure("CLIENT_ERROR", `not implemented: source type ${source.type}`);
      const fetched = await asFailure(() =>
        fetch({
          account: build.account,
          region: build.region,
          source,
          version: versionOf(identifier),
          folder: hostSource(folder, identifier),
          aws,
          credentials,
          endpoint: context.endpoint(),
          plainZip,
          signal,
          credential: (serverType) => context.store.read((tx) => tx.get(sourceCredentials, [build.account, build.region, serverType])),
        }),
      );
      if (index === 0) {
        progress.change({ resolvedSourceVersion: fetched.resolved });
        if (fetched.commit) asked.push(fetched.commit.then((commit) => progress.change({ commit })));
      }
      return { identifier, folder: sourceFolder(identifier), ...fetched, version: fetched.version ?? versionOf(identifier) };
    }),
  );
};

const selectRuntimes = async (
  build: Build,
  { runtimeVersions }: Buildspec,
  variables: Readonly<Record<string, string>>,
  say: (text: string) => void,
) => {
  const wanted = Object.fromEntries(
    Object.entries(runtimeVersions).map(([name, version]) => [
      name,
      version.replace(/^\$\{?(\w+)\}?$/, (whole, variable: string) => variables[variable] ?? whole),
    ]),
  );
  if (Object.keys(wanted).length === 0) {
    say("No runtime version selected in buildspec.");
    return { environment: {}, path: [] };
  }
  if (build.engineImage !== "host") {
    say("Skipping install of runtimes. Runtime version selection is not supported by this build image");
    return { environment: {}, path: [] };
  }
  const chosen = await asFailure(async () => chooseToolchains(wanted, "java" in wanted ? await findJdks() : []));
  for (const line of chosen.lines) say(line);
  return chosen;
};

/** What the project has to answer for becomes the phase's failure, with the place it was read from; everything else stays what it is. */
const asFailure = async <T>(work: () => Promise<T>, where?: string): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BuildspecError || error instanceof RuntimeMissing)
      throw new PhaseFailure("YAML_FILE_ERROR", where ? `${where}: ${error.message}` : error.message);
    if (error instanceof SourceError || error instanceof VariableError) throw new PhaseFailure("CLIENT_ERROR", error.message);
    throw error;
  }
};
