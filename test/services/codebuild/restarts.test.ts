/** kill -9 at any moment of a build: after the restart it goes on, or ends honestly, and nothing is done or told twice. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
  StopBuildCommand,
} from "@aws-sdk/client-codebuild";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startProcess, type ServerProcess } from "../../harness/process.ts";
import { until } from "../../harness/until.ts";
import { allPhases, phasesOf, trust } from "./builds.ts";

const buildspec = `version: 0.2
env: { exported-variables: [COUNT] }
phases:
  install:
    commands: [echo installing]
  build:
    commands:
      - echo run >> runs
      - "for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 0.1; done"
      - COUNT=$(wc -l < runs)
artifacts: { files: [runs] }
`;

describe("codebuild across kill -9", () => {
  let server: ServerProcess;
  let codebuild: CodeBuildClient;
  let logs: CloudWatchLogsClient;
  let s3: S3Client;
  const config = () => ({
    endpoint: server.endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: {
      accessKeyId: server.environment.AWS_ACCESS_KEY_ID as string,
      secretAccessKey: server.environment.AWS_SECRET_ACCESS_KEY as string,
    },
  });
  before(async () => {
    server = await startProcess();
    codebuild = new CodeBuildClient(config());
    logs = new CloudWatchLogsClient(config());
    s3 = new S3Client(config());
    const { Role } = await new IAMClient(config()).send(
      new CreateRoleCommand({ RoleName: "build-role", AssumeRolePolicyDocument: trust("codebuild.amazonaws.com") }),
    );
    await s3.send(new CreateBucketCommand({ Bucket: "out" }));
    await codebuild.send(
      new CreateProjectCommand({
        name: "killed",
        serviceRole: Role?.Arn,
        source: { type: "NO_SOURCE", buildspec },
        artifacts: { type: "S3", location: "out", namespaceType: "BUILD_ID", name: "/" },
        environment: { type: "LINUX_CONTAINER", image: "aws/codebuild/standard:7.0", computeType: "BUILD_GENERAL1_SMALL" },
      }),
    );
  });
  after(() => server.end());
  const start = async () => (await codebuild.send(new StartBuildCommand({ projectName: "killed" }))).build?.id as string;
  const get = async (id: string) => (await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }))).builds?.[0] as Build;
  const ended = (id: string) =>
    until(`the end of ${id}`, async () => {
      const build = await get(id);
      return build.buildComplete && build;
    });
  const said = async (build: Build) => {
    const { events } = await logs.send(
      new GetLogEventsCommand({ logGroupName: build.logs?.groupName, logStreamName: build.logs?.streamName, startFromHead: true }),
    );
    return (events ?? []).map(({ message = "" }) => message.trimEnd());
  };
  const check = async (build: Build) => {
    assert.equal(build.buildStatus, "SUCCEEDED", JSON.stringify(build.phases));
    assert.equal(phasesOf(build), allPhases);
    const lines = await said(build);
    assert.deepEqual(
      lines.filter((line) => line !== "" && !line.startsWith("[Container]")),
      ["installing", ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `line ${n}`)],
    );
    for (const mark of [
      "Entering phase BUILD",
      "Phase complete: BUILD State: SUCCEEDED",
      "Phase complete: DOWNLOAD_SOURCE State: SUCCEEDED",
    ])
      assert.equal(lines.filter((line) => line.endsWith(mark)).length, 1, mark);
    assert.deepEqual(build.exportedEnvironmentVariables, [{ name: "COUNT", value: "1" }]);
    const object = await s3.send(new GetObjectCommand({ Bucket: "out", Key: `${build.id?.split(":")[1]}/runs` }));
    assert.equal(await object.Body?.transformToString(), "run\n");
  };

  for (const ms of [5, 30, 60, 100, 400, 800, 950])
    it(`${ms} ms after StartBuild`, async () => {
      const id = await start();
      await pause(ms);
      await server.kill();
      await server.restart();
      await check(await ended(id));
    });

  it("while the build ends without the server", async () => {
    const id = await start();
    await until("the commands run", async () => (await get(id)).currentPhase === "BUILD");
    await server.kill();
    await pause(1500);
    await server.restart();
    const build = await ended(id);
    await check(build);
    const phase = build.phases?.find(({ phaseType }) => phaseType === "BUILD");
    const seconds = ((phase?.endTime?.getTime() ?? 0) - (phase?.startTime?.getTime() ?? 0)) / 1000;
    assert.ok(seconds > 0.7 && seconds < 1.4, `the phase's own time, not the server's: ${seconds}`);
  });

  it("after StopBuild was answered", async () => {
    const id = await start();
    await until("the commands run", async () => (await get(id)).currentPhase === "BUILD");
    await codebuild.send(new StopBuildCommand({ id }));
    await server.kill();
    await server.restart();
    assert.equal((await ended(id)).buildStatus, "STOPPED");
  });

  it("and nothing is left", async () => {
    await until("the folders are gone", async () => (await readdir(join(server.data, "services", "codebuild", "builds"))).length === 0);
    assert.deepEqual(
      (await readdir(join(server.data, "containers"))).filter((name) => name !== "etc"),
      [],
    );
  });
});
