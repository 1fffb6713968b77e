/** What the tests of codebuild share: a server with a role, and builds followed to their end. */
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  CreateProjectCommand,
  type CreateProjectInput,
  StartBuildCommand,
  type StartBuildInput,
} from "@aws-sdk/client-codebuild";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { startServer, type TestServer } from "../../harness/server.ts";

export interface Place {
  readonly server: TestServer;
  readonly codebuild: CodeBuildClient;
  readonly role: string;
  project(name: string, more?: Partial<CreateProjectInput>): Promise<void>;
  /** A project with that buildspec and no source. */
  inline(name: string, buildspec: string, more?: Partial<CreateProjectInput>): Promise<void>;
  build(projectName: string, more?: Partial<StartBuildInput>): Promise<Build>;
  get(id: string): Promise<Build>;
  /** What stands in CloudWatch Logs, without AWS's own lines. */
  said(build: Build): Promise<string[]>;
  log(build: Build): Promise<string>;
}

export const trust = (service: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }] });

export const openPlace = async (options: Parameters<typeof startServer>[0] = {}): Promise<Place> => {
  const server = await startServer(options);
  const codebuild = server.client(CodeBuildClient);
  const { Role } = await server
    .client(IAMClient)
    .send(new CreateRoleCommand({ RoleName: "build-role", AssumeRolePolicyDocument: trust("codebuild.amazonaws.com") }));
  const place: Place = {
    server,
    codebuild,
    role: Role?.Arn as string,
    async project(name, more = {}) {
      await codebuild.send(
        new CreateProjectCommand({
          name,
          serviceRole: place.role,
          source: { type: "NO_SOURCE", buildspec: "version: 0.2\nphases: {}" },
          artifacts: { type: "NO_ARTIFACTS" },
          environment: { type: "LINUX_CONTAINER", image: "aws/codebuild/standard:7.0", computeType: "BUILD_GENERAL1_SMALL" },
          ...more,
        }),
      );
    },
    inline: (name, buildspec, more = {}) => place.project(name, { source: { type: "NO_SOURCE", buildspec }, ...more }),
    async build(projectName, more = {}) {
      const { build } = await codebuild.send(new StartBuildCommand({ projectName, ...more }));
      await server.idle();
      return place.get(build?.id as string);
    },
    async get(id) {
      const { builds } = await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
      return builds?.[0] as Build;
    },
    async log(build) {
      const { events } = await server
        .client(CloudWatchLogsClient)
        .send(new GetLogEventsCommand({ logGroupName: build.logs?.groupName, logStreamName: build.logs?.streamName, startFromHead: true }));
      return (events ?? []).map(({ message }) => message).join("");
    },
    async said(build) {
      return (await place.log(build)).split("\n").filter((line) => line !== "" && !line.startsWith("[Container]"));
    },
  };
  return place;
};

export const phasesOf = (build: Build): string =>
  (build.phases ?? [])
    .map(({ phaseType, phaseStatus }) => `${phaseType}${phaseStatus && phaseStatus !== "SUCCEEDED" ? `:${phaseStatus}` : ""}`)
    .join(" ");

export const allPhases =
  "SUBMITTED QUEUED PROVISIONING DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD POST_BUILD UPLOAD_ARTIFACTS FINALIZING COMPLETED";

/** A buildspec of one list of commands. */
export const commands = (...list: string[]): string =>
  `version: 0.2\nphases:\n  build:\n    commands:\n${list.map((text) => `      - ${JSON.stringify(text)}\n`).join("")}`;
