import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import {
  BatchDeleteBuildsCommand,
  BatchGetBuildsCommand,
  ListBuildsCommand,
  ListBuildsForProjectCommand,
  RetryBuildCommand,
  StartBuildCommand,
  StopBuildCommand,
} from "@aws-sdk/client-codebuild";
import { CloudWatchLogsClient, GetLogEventsCommand, type GetLogEventsCommandOutput } from "@aws-sdk/client-cloudwatch-logs";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { allPhases, commands, openPlace, phasesOf, type Place } from "./builds.ts";
import { withoutAws } from "../../harness/programs.ts";
import { until } from "../../harness/until.ts";

describe("codebuild builds", () => {
  let place: Place;
  before(async () => {
    place = await openPlace();
  });
  after(() => place.server.stop());

  it("run their commands, and tell phases, times and log as AWS does", async () => {
    await place.inline(
      "plain",
      "version: 0.2\nphases:\n  install:\n    commands: [export X=1]\n  build:\n    commands:\n      - echo building $X\n    finally: [echo last]\n  post_build:\n    commands: [echo post]\n",
    );
    const build = await place.build("plain");
    assert.equal(build.buildStatus, "SUCCEEDED");
    assert.deepEqual([build.currentPhase, build.buildComplete, build.buildNumber], ["COMPLETED", true, 1]);
    assert.equal(phasesOf(build), allPhases);
    let before = build.startTime?.getTime() ?? 0;
    for (const { startTime, endTime } of build.phases ?? []) {
      assert.ok((startTime?.getTime() ?? 0) >= before);
      before = (endTime ?? startTime)?.getTime() ?? 0;
    }
    assert.ok((build.endTime?.getTime() ?? 0) >= before);
    assert.deepEqual(await place.said(build), ["building 1", "last", "post"]);
    const log = await place.log(build);
    assert.match(log, /^\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} Entering phase BUILD$/m);
    assert.match(log, /^\[Container\] \S+ \S+ Running command echo building \$X$/m);
    assert.match(log, /^\[Container\] \S+ \S+ Phase complete: BUILD State: SUCCEEDED$/m);
    assert.match(log, /^\[Container\] \S+ \S+ Phase context status code: {2}Message: $/m);
  });

  it("fail with the command and its exit code, and go on as AWS does", async () => {
    await place.inline(
      "failing",
      "version: 0.2\nphases:\n  build:\n    commands: [echo before, sh -c 'exit 7', echo never]\n  post_build:\n    commands: ['echo post $CODEBUILD_BUILD_SUCCEEDING']\n",
    );
    const build = await place.build("failing");
    assert.equal(build.buildStatus, "FAILED");
    assert.equal(phasesOf(build), allPhases.replace(" BUILD", " BUILD:FAILED"));
    assert.deepEqual(build.phases?.find(({ phaseType }) => phaseType === "BUILD")?.contexts, [
      { statusCode: "COMMAND_EXECUTION_ERROR", message: "Error while executing command: sh -c 'exit 7'. Reason: exit status 7" },
    ]);
    assert.deepEqual(await place.said(build), ["before", "post 0"]);
  });

  it("end after a failed install", async () => {
    await place.inline("install", "version: 0.2\nphases:\n  install:\n    commands: [exit 1]\n  build:\n    commands: [echo never]\n");
    const build = await place.build("install");
    assert.equal(phasesOf(build), "SUBMITTED QUEUED PROVISIONING DOWNLOAD_SOURCE INSTALL:FAILED FINALIZING COMPLETED");
    assert.deepEqual(await place.said(build), []);
  });

  it("do not start with a broken buildspec, and say where it is broken", async () => {
    await place.inline("broken", "version: 0.2\nphases:\n  build:\n    command: [ls]\n");
    const build = await place.build("broken");
    assert.equal(phasesOf(build), "SUBMITTED QUEUED PROVISIONING DOWNLOAD_SOURCE:FAILED FINALIZING COMPLETED");
    assert.equal(build.phases?.[3]?.contexts?.[0]?.statusCode, "YAML_FILE_ERROR");
    assert.match(build.phases?.[3]?.contexts?.[0]?.message ?? "", /phases.build.command .*line 4/);
  });

  it("fail when their role is not there", async () => {
    await place.inline("roleless", commands("true"), { serviceRole: `arn:aws:iam::${place.server.account}:role/absent` });
    const build = await place.build("roleless");
    assert.equal(phasesOf(build), "SUBMITTED QUEUED PROVISIONING:FAILED FINALIZING COMPLETED");
    assert.match(build.phases?.[2]?.contexts?.[0]?.message ?? "", /sts:AssumeRole on service role .*role\/absent/);
  });

  it("fail in provisioning when the engine has no such image", async () => {
    await place.inline("imageless", commands("true"), {
      environment: { type: "LINUX_CONTAINER", image: "example.com/other:1", computeType: "BUILD_GENERAL1_SMALL" },
    });
    const build = await place.build("imageless");
    assert.equal(phasesOf(build), "SUBMITTED QUEUED PROVISIONING:FAILED FINALIZING COMPLETED");
    assert.match(build.phases?.[2]?.contexts?.[0]?.message ?? "", /example.com\/other:1/);
  });

  it("see their variables in AWS's order of precedence, and every CODEBUILD variable", async () => {
    await place.inline(
      "variables",
      `version: 0.2\nenv:\n  variables: { A: spec, B: spec, C: spec, P: '$PATH' }\nphases:\n  build:\n    commands:\n      - echo $A $B $C "$P"\n      - env | grep ^CODEBUILD_ | sort\n      - echo $HOME $AWS_REGION $AWS_DEFAULT_REGION $AWS_ENDPOINT_URL $PWD\n`,
      {
        environment: {
          type: "LINUX_CONTAINER",
          image: "aws/codebuild/standard:7.0",
          computeType: "BUILD_GENERAL1_SMALL",
          environmentVariables: [
            { name: "B", value: "project" },
            { name: "C", value: "project" },
          ],
        },
      },
    );
    const build = await place.build("variables", { environmentVariablesOverride: [{ name: "C", value: "start" }], sourceVersion: "v1" });
    const said = await place.said(build);
    assert.equal(said[0], "spec project start $PATH");
    const value = Object.fromEntries(said.filter((line) => line.startsWith("CODEBUILD_")).map((line) => line.split(/=(.*)/s).slice(0, 2)));
    assert.equal(value.CODEBUILD_BUILD_ID, build.id);
    assert.equal(value.CODEBUILD_BUILD_ARN, build.arn);
    assert.equal(value.CODEBUILD_BUILD_NUMBER, "1");
    assert.equal(value.CODEBUILD_BUILD_SUCCEEDING, "1");
    assert.equal(value.CODEBUILD_BUILD_IMAGE, "aws/codebuild/standard:7.0");
    assert.equal(value.CODEBUILD_INITIATOR, "root");
    assert.equal(value.CODEBUILD_SOURCE_VERSION, "v1");
    assert.equal(value.CODEBUILD_SRC_DIR, "/codebuild/output/src/src");
    assert.equal(Number(value.CODEBUILD_START_TIME), build.startTime?.getTime());
    for (const name of [
      "CODEBUILD_BUILD_URL",
      "CODEBUILD_KMS_KEY_ID",
      "CODEBUILD_LOG_PATH",
      "CODEBUILD_PROJECT_ARN",
      "CODEBUILD_PUBLIC_BUILD_URL",
    ])
      assert.ok(value[name], name);
    assert.equal(said.at(-1), `/root us-east-1 us-east-1 ${place.server.endpoint} /codebuild/output/src/src`);
  });

  it("fetch parameters and secrets, hide them in the log, and never export them", async () => {
    await place.server
      .client(SSMClient)
      .send(new PutParameterCommand({ Name: "/app/password", Value: "hunter2-parameter", Type: "SecureString" }));
    await place.server
      .client(SecretsManagerClient)
      .send(new CreateSecretCommand({ Name: "app/db", SecretString: JSON.stringify({ user: "someone-secret", port: 5432 }) }));
    await place.inline(
      "secrets",
      "version: 0.2\nenv:\n  parameter-store: { PASSWORD: /app/password }\n  secrets-manager: { USER_NAME: 'app/db:user', PORT: 'app/db:port' }\n  exported-variables: [PASSWORD, AWS_REGION, OPEN]\nphases:\n  build:\n    commands:\n      - echo $PASSWORD $USER_NAME $WHOLE\n      - echo \"${#PASSWORD} ${#USER_NAME}\"\n      - echo $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN\n      - OPEN=yes\n",
      {
        environment: {
          type: "LINUX_CONTAINER",
          image: "aws/codebuild/standard:7.0",
          computeType: "BUILD_GENERAL1_SMALL",
          environmentVariables: [{ name: "WHOLE", value: "app/db", type: "SECRETS_MANAGER" }],
        },
      },
    );
    const build = await place.build("secrets");
    assert.equal(build.buildStatus, "SUCCEEDED", JSON.stringify(build.phases));
    assert.deepEqual(await place.said(build), ["*** *** ***", "17 14", "*** ***"]);
    assert.deepEqual(build.exportedEnvironmentVariables, [{ name: "OPEN", value: "yes" }]);
    assert.doesNotMatch(JSON.stringify(build), /hunter2/);
  });

  it("fail when a secret is not there", async () => {
    await place.inline("secretless", "version: 0.2\nenv: { secrets-manager: { X: absent } }\nphases: { build: { commands: ['true'] } }");
    const build = await place.build("secretless");
    assert.equal(build.buildStatus, "FAILED");
    assert.match(
      build.phases?.find(({ phaseStatus }) => phaseStatus === "FAILED")?.contexts?.[0]?.message ?? "",
      /ResourceNotFoundException/,
    );
    await place.inline(
      "parameterless",
      "version: 0.2\nenv: { parameter-store: { X: /absent } }\nphases: { build: { commands: ['true'] } }",
    );
    assert.match((await place.build("parameterless")).phases?.[3]?.contexts?.[0]?.message ?? "", /\/absent/);
  });

  it("act as their role", { skip: withoutAws }, async () => {
    await place.inline(
      "acting",
      commands(
        "aws sts get-caller-identity --query Arn --output text",
        "aws s3 mb s3://made-inside >/dev/null && aws s3 ls | cut -d' ' -f3",
      ),
    );
    const build = await place.build("acting");
    assert.deepEqual(await place.said(build), [
      `arn:aws:sts::${place.server.account}:assumed-role/build-role/AWSCodeBuild-${build.id?.split(":")[1]}`,
      "made-inside",
    ]);
  });

  it("package templates with the machine's aws, which hears of this server whatever its age", { skip: withoutAws }, async () => {
    await place.server.client(S3Client).send(new CreateBucketCommand({ Bucket: "packages" }));
    const template =
      "Resources: { F: { Type: AWS::Lambda::Function, Properties: { Code: code.txt, Handler: a.b, Runtime: nodejs20.x, Role: r } } }";
    await place.inline(
      "packaging",
      commands(
        `echo '${template}' > sam.yml; echo code > code.txt; zip -q code.zip code.txt 2>/dev/null || true`,
        "aws cloudformation package --template-file sam.yml --s3-bucket packages --output-template-file out.yml >/dev/null 2>&1",
        "grep -o 'S3Bucket: packages' out.yml",
      ),
    );
    const build = await place.build("packaging");
    assert.deepEqual(await place.said(build), ["S3Bucket: packages"], await place.log(build));
    const { KeyCount } = await place.server.client(S3Client).send(new ListObjectsV2Command({ Bucket: "packages" }));
    assert.equal(KeyCount, 1);
  });

  it("keep a long log whole and in order", async () => {
    await place.inline("long", commands("seq 1 30000"));
    const build = await place.build("long");
    let [token, next]: (string | undefined)[] = [undefined, undefined];
    const lines: string[] = [];
    const client = place.server.client(CloudWatchLogsClient);
    do {
      token = next;
      const page: GetLogEventsCommandOutput = await client.send(
        new GetLogEventsCommand({
          logGroupName: build.logs?.groupName,
          logStreamName: build.logs?.streamName,
          startFromHead: true,
          nextToken: token,
        }),
      );
      lines.push(...(page.events ?? []).map(({ message = "" }) => message.trimEnd()));
      next = page.nextForwardToken;
    } while (next !== token);
    assert.deepEqual(
      lines.filter((line) => /^\d+$/.test(line)),
      Array.from({ length: 30000 }, (_, index) => String(index + 1)),
    );
  });

  it("run commands as the user that the buildspec names", { skip: process.getuid?.() !== 0 && "only root may become another user" }, async () => {
    await place.inline(
      "users",
      "version: 0.2\nrun-as: codebuild-user\nphases:\n  install:\n    run-as: root\n    commands: ['export X=kept; id -un']\n  build:\n    commands: ['id -un; echo $X $HOME; touch ~/mine']\n",
    );
    const build = await place.build("users");
    assert.equal(build.buildStatus, "SUCCEEDED", await place.log(build));
    assert.deepEqual(await place.said(build), ["root", "codebuild-user", "kept /home/codebuild-user"]);
  });

  it("fail when there is no such user", async () => {
    await place.inline("userless", "version: 0.2\nrun-as: nobody-knows\nphases:\n  build:\n    commands: ['echo never']\n");
    const build = await place.build("userless");
    assert.equal(build.buildStatus, "FAILED");
    assert.deepEqual(
      (await place.said(build)).filter((line) => line === "never"),
      [],
    );
  });

  it("take the machine's JDK for the version asked for, and refuse one that is not here", async () => {
    await place.inline("java", "version: 0.2\nphases:\n  install: { runtime-versions: { java: corretto1 } }\n");
    const build = await place.build("java");
    assert.equal(build.phases?.[3]?.contexts?.[0]?.statusCode, "YAML_FILE_ERROR");
    assert.match(build.phases?.[3]?.contexts?.[0]?.message ?? "", /Unknown runtime version named 'corretto1' of java/);
  });

  it("cannot forge their own success", async () => {
    await place.inline("forger", commands("cat /proc/$$/cmdline >/dev/null; printf '\\036%s 1.0 finished\\036' guess", "exit 3"));
    assert.equal((await place.build("forger")).buildStatus, "FAILED");
    await place.inline("killer", commands("kill -9 -1; kill -9 1; kill -9 $PPID; sleep 5"));
    const build = await place.build("killer");
    assert.notEqual(build.buildStatus, "SUCCEEDED");
    assert.equal(build.buildComplete, true);
  });

  it("are stopped, running or waiting", async () => {
    await place.inline("endless", commands("echo started", "sleep 600"));
    const { build } = await place.codebuild.send(new StartBuildCommand({ projectName: "endless" }));
    const id = build?.id as string;
    await until("the command runs", async () => (await place.get(id)).currentPhase === "BUILD");
    await place.codebuild.send(new StopBuildCommand({ id }));
    await place.server.idle();
    const stopped = await place.get(id);
    assert.deepEqual([stopped.buildStatus, stopped.buildComplete], ["STOPPED", true]);
    assert.match(phasesOf(stopped), /BUILD:STOPPED COMPLETED$/);
    assert.deepEqual(await place.said(stopped), ["started"]);
    const again = await place.codebuild.send(new StopBuildCommand({ id }));
    assert.equal(again.build?.buildStatus, "STOPPED");
    await assert.rejects(place.codebuild.send(new StopBuildCommand({ id: "endless:00000000" })), { name: "ResourceNotFoundException" });
  });

  it("are retried, numbered, listed and deleted", async () => {
    await place.inline("listed", commands("echo $V"));
    const first = await place.build("listed", { environmentVariablesOverride: [{ name: "V", value: "kept" }] });
    const { build } = await place.codebuild.send(new RetryBuildCommand({ id: first.id }));
    await place.server.idle();
    const second = await place.get(build?.id as string);
    assert.equal(second.buildNumber, 2);
    assert.deepEqual(await place.said(second), ["kept"]);
    assert.deepEqual((await place.codebuild.send(new ListBuildsForProjectCommand({ projectName: "listed" }))).ids, [second.id, first.id]);
    assert.deepEqual((await place.codebuild.send(new ListBuildsForProjectCommand({ projectName: "listed", sortOrder: "ASCENDING" }))).ids, [
      first.id,
      second.id,
    ]);
    assert.deepEqual((await place.codebuild.send(new ListBuildsCommand({}))).ids?.slice(0, 2), [second.id, first.id]);
    const deleted = await place.codebuild.send(new BatchDeleteBuildsCommand({ ids: [first.id as string, "listed:absent"] }));
    assert.deepEqual([deleted.buildsDeleted, deleted.buildsNotDeleted?.map(({ id }) => id)], [[first.arn], ["listed:absent"]]);
    const { buildsNotFound } = await place.codebuild.send(new BatchGetBuildsCommand({ ids: [first.id as string] }));
    assert.deepEqual(buildsNotFound, [first.id]);
    await assert.rejects(place.codebuild.send(new ListBuildsForProjectCommand({ projectName: "absent" })), {
      name: "ResourceNotFoundException",
    });
  });

  it("are started once per token", async () => {
    await place.inline("tokens", commands("true"));
    const start = (token: string, more = {}) =>
      place.codebuild.send(new StartBuildCommand({ projectName: "tokens", idempotencyToken: token, ...more }));
    const [first, second, other] = await Promise.all([start("a"), start("a"), start("b")]);
    assert.equal(first.build?.id, second.build?.id);
    assert.notEqual(first.build?.id, other.build?.id);
    await assert.rejects(start("a", { sourceVersion: "x" }), { name: "InvalidInputException" });
    await place.server.idle();
  });

  it("are no more at a time than the project allows", async () => {
    await place.inline("limited", commands("sleep 600"), { concurrentBuildLimit: 1 });
    const { build } = await place.codebuild.send(new StartBuildCommand({ projectName: "limited" }));
    await assert.rejects(place.codebuild.send(new StartBuildCommand({ projectName: "limited" })), {
      name: "AccountLimitExceededException",
      message: /limited/,
    });
    await place.codebuild.send(new StopBuildCommand({ id: build?.id }));
    await place.server.idle();
    const next = await place.codebuild.send(new StartBuildCommand({ projectName: "limited" }));
    await place.codebuild.send(new StopBuildCommand({ id: next.build?.id }));
    await place.server.idle();
  });

  it("refuse overrides that would do nothing", async () => {
    await place.inline("overridden", commands("true"));
    for (const more of [{ debugSessionEnabled: true }, { fleetOverride: { fleetArn: "arn:aws:codebuild:us-east-1:123456789012:fleet/x" } }])
      await assert.rejects(place.codebuild.send(new StartBuildCommand({ projectName: "overridden", ...more })), {
        name: "InvalidInputException",
        message: /not implemented/,
      });
  });

  it("leave nothing of themselves on the machine", async () => {
    const names = await Promise.all(
      (await readdir("/proc"))
        .filter((name) => /^\d+$/.test(name))
        .map(async (pid) => (await import("node:fs/promises")).readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
    );
    const { ids = [] } = await place.codebuild.send(new ListBuildsCommand({}));
    const left = names.filter((line) => ids.some((id) => line.includes(id.split(":")[1] as string)));
    assert.equal(left.length, 0);
    assert.doesNotMatch(place.server.log(), / error .*codebuild/);
  });
});
