/** Build and test: a CodeBuild project, with the artifacts of the pipeline for source and output. */
import type { Build, EnvironmentVariable, StartBuildInput } from "@aws-sdk/client-codebuild";
import { buildLink } from "../links.ts";
import type { Context } from "../../service.ts";
import type { Action, Located, Place, Run } from "../records.ts";
import { type Act, failed, type Outcome, type Provider } from "./action.ts";

/** What StartBuild is asked for. Throws `SyntaxError` when the environment variables are no JSON. */
export const buildRequest = (run: Run): StartBuildInput => {
  const { ProjectName, PrimarySource, EnvironmentVariables, BuildspecOverride, ServiceRoleArnOverride } = run.configuration;
  const primary = run.inputs.find(({ name }) => name === PrimarySource) ?? run.inputs[0]!;
  const at = ({ bucket, key }: Located) => `${bucket}/${key}`;
  const artifact = (output: Located) => ({
    type: "CODEPIPELINE" as const,
    location: output.bucket,
    name: output.key,
    packaging: "ZIP" as const,
  });
  const [first, ...more] = run.outputs;
  return {
    projectName: ProjectName!,
    idempotencyToken: run.id,
    sourceLocationOverride: at(primary),
    secondarySourcesOverride: run.inputs
      .filter((input) => input !== primary)
      .map((input) => ({ type: "CODEPIPELINE", sourceIdentifier: input.name, location: at(input) })),
    artifactsOverride: first
      ? { ...artifact(first), ...(more.length > 0 ? { artifactIdentifier: first.name } : {}) }
      : { type: "CODEPIPELINE" },
    secondaryArtifactsOverride: more.map((output) => ({ ...artifact(output), artifactIdentifier: output.name })),
    environmentVariablesOverride: EnvironmentVariables === undefined ? undefined : variablesOf(EnvironmentVariables),
    buildspecOverride: BuildspecOverride,
    serviceRoleOverride: ServiceRoleArnOverride,
  };
};

const variablesOf = (text: string): EnvironmentVariable[] =>
  (JSON.parse(text) as EnvironmentVariable[]).map(({ name, value, type }) => ({ name, value, type: type ?? "PLAINTEXT" }));

const start = async (act: Act): Promise<Outcome> => {
  const { CodeBuildClient, StartBuildCommand } = await import("@aws-sdk/client-codebuild");
  const { build } = await act.aws.client(CodeBuildClient).send(new StartBuildCommand(buildRequest(act.run)));
  return { kind: "waiting", on: [build!.arn!], ...shown(act, build!) };
};

const shown = (act: Act, build: Build) => ({
  externalId: build.id,
  externalUrl: build.logs?.deepLink ?? buildLink(act.context.endpoint(), act.place.region, build.id!),
  logStreamArn: build.logs?.cloudWatchLogsArn,
});

const look = async (act: Act): Promise<Outcome> => {
  const { BatchGetBuildsCommand, CodeBuildClient } = await import("@aws-sdk/client-codebuild");
  const { builds } = await act.aws.client(CodeBuildClient).send(new BatchGetBuildsCommand({ ids: [act.run.externalId!] }));
  const build = builds?.[0];
  if (!build) return failed("JobFailed", `The build ${act.run.externalId} does not exist any more`);
  if (build.buildStatus === "IN_PROGRESS" || !build.buildComplete) return { kind: "waiting", on: act.run.on, ...shown(act, build) };
  if (build.buildStatus === "SUCCEEDED") {
    const exported = build.exportedEnvironmentVariables ?? [];
    return {
      kind: "succeeded",
      variables: Object.fromEntries(exported.map(({ name, value }) => [name!, value ?? ""])),
      ...shown(act, build),
    };
  }
  return {
    kind: "failed",
    failure: { code: "JobFailed", message: messageOf(build) },
    logTail: await logTail(act, build),
    ...shown(act, build),
  };
};

/** As AWS words it. */
export const messageOf = (build: Build): string => {
  const phase = build.phases?.find(
    ({ phaseStatus }) => phaseStatus !== undefined && !["SUCCEEDED", "IN_PROGRESS", "QUEUED"].includes(phaseStatus),
  );
  const context = phase?.contexts?.find(({ message }) => message);
  const where = phase ? ` Phase: ${phase.phaseType}${context ? `, Code: ${context.statusCode}, Message: ${context.message}` : ""}` : "";
  return `Build terminated with state: ${build.buildStatus}.${where}`;
};

const tailLines = 20;

/** The last lines that the build said. Without them the failure is still a failure. */
const logTail = async (act: Act, build: Build): Promise<string[] | undefined> => {
  const { groupName: logGroupName, streamName: logStreamName } = build.logs ?? {};
  if (!logGroupName || !logStreamName) return undefined;
  try {
    const { CloudWatchLogsClient, GetLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
    const command = new GetLogEventsCommand({ logGroupName, logStreamName, limit: tailLines, startFromHead: false });
    const { events } = await act.context.aws.at(act.place).client(CloudWatchLogsClient).send(command);
    return events?.map(({ message }) => (message ?? "").trimEnd());
  } catch (error) {
    act.context.log.warn("cannot read the log of a build", { build: build.id, error: String(error) });
    return undefined;
  }
};

const stop = async (context: Context, place: Place, id: string): Promise<void> => {
  const { CodeBuildClient, StopBuildCommand } = await import("@aws-sdk/client-codebuild");
  await context.aws.at(place).client(CodeBuildClient).send(new StopBuildCommand({ id }));
};

const complaint = ({ configuration, inputs }: Action): string | undefined => {
  for (const key of ["BatchEnabled", "CombineArtifacts"])
    if (configuration[key] !== undefined && configuration[key] !== "false") return `not implemented: batch builds (${key})`;
  const { PrimarySource, EnvironmentVariables } = configuration;
  if (inputs.length > 1 && PrimarySource === undefined)
    return "the configuration PrimarySource must name one of the input artifacts when there is more than one";
  if (PrimarySource !== undefined && !inputs.includes(PrimarySource))
    return `the PrimarySource ${PrimarySource} is not one of the input artifacts`;
  return EnvironmentVariables === undefined ? undefined : variablesComplaint(EnvironmentVariables);
};

const variablesComplaint = (text: string): string | undefined => {
  const shape = 'EnvironmentVariables must be a JSON array of objects like {"name":"…","value":"…","type":"PLAINTEXT"}';
  try {
    const all: unknown = JSON.parse(text);
    const types = ["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"];
    const fits = (it: unknown) => {
      const { name, value, type = "PLAINTEXT" } = (it ?? {}) as Record<string, unknown>;
      return typeof name === "string" && typeof value === "string" && types.includes(type as string);
    };
    return Array.isArray(all) && all.every(fits) ? undefined : shape;
  } catch {
    return shape;
  }
};

export const codeBuild: Provider = {
  category: "Build",
  provider: "CodeBuild",
  inputs: { min: 1, max: 5 },
  outputs: { min: 0, max: 5 },
  properties: [
    { name: "ProjectName", required: true, description: "The name of the build project" },
    { name: "PrimarySource", required: false, description: "The input artifact that holds the buildspec, when there is more than one" },
    { name: "EnvironmentVariables", required: false, description: "A JSON array of variables for the build" },
    { name: "BuildspecOverride", required: false, description: "A buildspec in place of the project's" },
    { name: "ServiceRoleArnOverride", required: false, description: "A service role in place of the project's" },
    { name: "BatchEnabled", required: false, description: "Not implemented unless false" },
    { name: "CombineArtifacts", required: false, description: "Not implemented unless false" },
  ],
  timeoutMinutes: 36 * 60,
  complaint,
  start,
  look,
  stop,
};

export const codeBuildTest: Provider = { ...codeBuild, category: "Test", timeoutMinutes: 8 * 60 };
