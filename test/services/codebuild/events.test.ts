import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { commands, openPlace, type Place } from "./builds.ts";

describe("codebuild events", () => {
  let place: Place;
  before(async () => {
    place = await openPlace();
    const { server } = place;
    const logGroupName = "/aws/events/builds";
    await server.client(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName }));
    const events = server.client(EventBridgeClient);
    await events.send(new PutRuleCommand({ Name: "builds", EventPattern: JSON.stringify({ source: ["aws.codebuild"] }) }));
    await events.send(
      new PutTargetsCommand({
        Rule: "builds",
        Targets: [{ Id: "log", Arn: `arn:aws:logs:us-east-1:${server.account}:log-group:${logGroupName}` }],
      }),
    );
  });
  after(() => place.server.stop());
  const told = async (project: string) => {
    const { events = [] } = await place.server
      .client(CloudWatchLogsClient)
      .send(new FilterLogEventsCommand({ logGroupName: "/aws/events/builds" }));
    return events.map(({ message }) => JSON.parse(message as string)).filter(({ detail }) => detail["project-name"] === project);
  };

  it("tell each state once, as AWS does", async () => {
    await place.inline("good", commands("echo hi"));
    const build = await place.build("good");
    const states = (await told("good")).filter((event) => event["detail-type"] === "CodeBuild Build State Change");
    assert.deepEqual(
      states.map(({ detail }) => detail["build-status"]),
      ["IN_PROGRESS", "SUCCEEDED"],
    );
    const { detail, resources, source, account, region } = states[1];
    assert.deepEqual([resources, source, account, region], [[build.arn], "aws.codebuild", place.server.account, "us-east-1"]);
    assert.deepEqual(
      [detail["build-id"], detail["current-phase"], detail["current-phase-context"], detail.version],
      [build.arn, "COMPLETED", "[]", "1"],
    );
    const more = detail["additional-information"];
    assert.deepEqual(
      [more["build-complete"], more.initiator, more["timeout-in-minutes"], more.environment["compute-type"], more.logs["stream-name"]],
      [true, "root", 60, "BUILD_GENERAL1_SMALL", build.id?.split(":")[1]],
    );
    assert.match(more["build-start-time"], /^[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M$/);
    assert.deepEqual(more.phases.at(-1)["phase-type"], "COMPLETED");
  });

  it("tell every phase once, in order", async () => {
    const phases = (await told("good")).filter((event) => event["detail-type"] === "CodeBuild Build Phase Change");
    assert.deepEqual(
      phases.map(({ detail }) => `${detail["completed-phase"]} ${detail["completed-phase-status"]}`).sort(),
      [
        "QUEUED",
        "PROVISIONING",
        "DOWNLOAD_SOURCE",
        "INSTALL",
        "PRE_BUILD",
        "BUILD",
        "POST_BUILD",
        "UPLOAD_ARTIFACTS",
        "FINALIZING",
        "SUBMITTED",
      ]
        .map((name) => `${name} SUCCEEDED`)
        .sort(),
    );
  });

  it("say why a build failed", async () => {
    await place.inline("bad", commands("echo one", "echo two; exit 4"));
    await place.build("bad");
    const last = (await told("bad")).filter((event) => event["detail-type"] === "CodeBuild Build State Change").at(-1);
    assert.equal(last.detail["build-status"], "FAILED");
    const { failure, lastLogLines, durationSeconds, links } = last.detail.mayfly;
    assert.deepEqual(failure, {
      phase: "BUILD",
      command: "echo two; exit 4",
      exitCode: 4,
      reason: "Error while executing command: echo two; exit 4. Reason: exit status 4",
    });
    assert.ok(lastLogLines.includes("two") && lastLogLines.length <= 30);
    assert.ok(durationSeconds > 0);
    assert.match(links.logs, /^https:/);
  });
});
