import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as sdk from "@aws-sdk/client-codepipeline";
import { approval, failsWith, furnish, openWorkshop, s3Source, type Workshop } from "./workshop.ts";

let shop: Workshop;
before(async () => {
  shop = await openWorkshop();
  await furnish(shop);
  await shop.putSource({ a: "b" });
});
after(() => shop.server.stop());

const newest = async (pipelineName: string) =>
  (await shop.client.send(new sdk.ListPipelineExecutionsCommand({ pipelineName }))).pipelineExecutionSummaries![0]!;

describe("approvals", () => {
  it("reject, answer once, and know their token", async () => {
    await shop.create("asks", [[s3Source()], [approval("Ask")]]);
    await shop.server.idle();
    const answer = (token: string, more = {}) =>
      shop.client.send(
        new sdk.PutApprovalResultCommand({
          pipelineName: "asks",
          stageName: "Build",
          actionName: "Ask",
          token,
          result: { status: "Approved", summary: "" },
          ...more,
        }),
      );
    const stranger = "00000000-0000-4000-8000-000000000000";
    await assert.rejects(answer(stranger), failsWith("InvalidApprovalTokenException"));
    await assert.rejects(answer(stranger, { actionName: "Other" }), failsWith("ActionNotFoundException"));
    await assert.rejects(answer(stranger, { stageName: "Other" }), failsWith("StageNotFoundException"));
    await assert.rejects(
      answer(stranger, { pipelineName: "other" }),
      failsWith("PipelineNotFoundException", /does not have a pipeline with name 'other'/),
    );
    const token = (await shop.action("asks", "Ask"))!.token!;
    await shop.approve("asks", "Build", "Ask", "Rejected");
    const after = await shop.action("asks", "Ask");
    assert.deepEqual([after!.status, after!.token, after!.summary], ["Failed", undefined, "I looked at it"]);
    assert.deepEqual(await shop.statuses("asks"), ["Failed"]);
    await assert.rejects(answer(token), failsWith("ApprovalAlreadyCompletedException"));
  });
});

describe("transitions", () => {
  it("hold executions back until they are opened, the newest of them", async () => {
    await shop.create("gated", [[s3Source()], [approval("Ask")]]);
    const gate = { pipelineName: "gated", stageName: "Build", transitionType: "Inbound" as const };
    await shop.client.send(new sdk.DisableStageTransitionCommand({ ...gate, reason: "not on Friday" }));
    await shop.server.idle();
    const first = (await newest("gated")).pipelineExecutionId!;
    await shop.client.send(new sdk.StopPipelineExecutionCommand({ pipelineName: "gated", pipelineExecutionId: first, abandon: true }));
    const held = [await shop.start("gated"), undefined];
    await shop.server.idle();
    held[1] = await shop.start("gated");
    await shop.server.idle();
    const [, build] = await shop.state("gated");
    assert.deepEqual(
      build!.inboundExecutions?.map(({ pipelineExecutionId }) => pipelineExecutionId),
      [held[1]],
    );
    const { enabled, disabledReason, lastChangedBy } = build!.inboundTransitionState!;
    assert.deepEqual(
      { enabled, disabledReason, lastChangedBy },
      { enabled: false, disabledReason: "not on Friday", lastChangedBy: `arn:aws:iam::${shop.server.account}:root` },
    );
    assert.deepEqual(await shop.statuses("gated"), ["InProgress", "Superseded", "Stopped"]);
    await shop.client.send(new sdk.EnableStageTransitionCommand(gate));
    await shop.server.idle();
    assert.equal((await shop.action("gated", "Ask"))?.status, "InProgress");
    assert.equal((await shop.state("gated"))[1]!.latestExecution?.pipelineExecutionId, held[1]);
  });

  it("of the end of a stage are those of the beginning of the next", async () => {
    await shop.create("ends", [[s3Source()], [approval("Ask")]]);
    const change = (stageName: string) =>
      shop.client.send(
        new sdk.DisableStageTransitionCommand({ pipelineName: "ends", stageName, transitionType: "Outbound", reason: "no" }),
      );
    await change("Source");
    assert.equal((await shop.state("ends"))[1]!.inboundTransitionState?.enabled, false);
    await assert.rejects(change("Build"), failsWith("ValidationException", /the last one/));
    await assert.rejects(change("None"), failsWith("StageNotFoundException"));
  });
});

describe("stop and retry", () => {
  it("waits for what is in progress, or gives it up", async () => {
    await shop.create("stops", [[s3Source()], [approval("Ask")], [approval("Again")]]);
    await shop.server.idle();
    const id = (await newest("stops")).pipelineExecutionId!;
    const stop = (abandon: boolean, reason?: string) =>
      shop.client.send(new sdk.StopPipelineExecutionCommand({ pipelineName: "stops", pipelineExecutionId: id, abandon, reason }));
    await stop(false, "changed my mind");
    assert.deepEqual([(await newest("stops")).status, (await newest("stops")).stopTrigger], ["Stopping", { reason: "changed my mind" }]);
    await assert.rejects(stop(false), failsWith("DuplicatedStopRequestException"));
    await stop(true);
    assert.equal((await newest("stops")).status, "Stopped");
    assert.equal((await shop.action("stops", "Ask"))?.status, "Abandoned");
    await assert.rejects(stop(true), failsWith("PipelineExecutionNotStoppableException", /it is Stopped/));

    const retry = (more = {}) =>
      shop.client.send(
        new sdk.RetryStageExecutionCommand({
          pipelineName: "stops",
          stageName: "Build",
          pipelineExecutionId: id,
          retryMode: "FAILED_ACTIONS",
          ...more,
        }),
      );
    await assert.rejects(retry({ stageName: "Deploy" }), failsWith("StageNotRetryableException", /was not run/));
    await assert.rejects(retry({ stageName: "Source" }), failsWith("StageNotRetryableException", /is Succeeded/));
    assert.equal((await retry()).pipelineExecutionId, id);
    await shop.server.idle();
    await shop.approve("stops", "Build", "Ask");
    await shop.approve("stops", "Deploy", "Again");
    assert.deepEqual(await shop.statuses("stops"), ["Succeeded"]);
    const filter = { latestInPipelineExecution: { pipelineExecutionId: id, startTimeRange: "Latest" as const } };
    const tries = async (more = {}) =>
      (await shop.client.send(new sdk.ListActionExecutionsCommand({ pipelineName: "stops", ...more }))).actionExecutionDetails!.map(
        ({ actionName, status }) => `${actionName} ${status}`,
      );
    assert.deepEqual(await tries(), ["Again Succeeded", "Ask Succeeded", "Ask Abandoned", "Get Succeeded"]);
    assert.deepEqual(await tries({ filter }), ["Again Succeeded", "Ask Succeeded", "Get Succeeded"]);
    assert.equal((await shop.state("stops"))[1]!.retryStageMetadata?.manualStageRetryAttempt, 1);
  });

  it("refuses to retry what a newer execution has overtaken, or another structure", async () => {
    await shop.create("late", [[s3Source()], [approval("Ask")]]);
    await shop.server.idle();
    const first = (await newest("late")).pipelineExecutionId!;
    await shop.approve("late", "Build", "Ask", "Rejected");
    const second = await shop.start("late");
    await shop.server.idle();
    await shop.approve("late", "Build", "Ask", "Rejected");
    const retry = (pipelineExecutionId: string) =>
      shop.client.send(
        new sdk.RetryStageExecutionCommand({ pipelineName: "late", stageName: "Build", pipelineExecutionId, retryMode: "ALL_ACTIONS" }),
      );
    await assert.rejects(retry(first), failsWith("NotLatestPipelineExecutionException"));
    const { pipeline } = await shop.client.send(new sdk.GetPipelineCommand({ name: "late" }));
    await shop.client.send(new sdk.UpdatePipelineCommand({ pipeline }));
    await assert.rejects(retry(second), failsWith("StageNotRetryableException", /structure of the pipeline has changed/));
  });
});

describe("execution modes", () => {
  const ask = (pipelineName: string, token: string) =>
    shop.client.send(
      new sdk.PutApprovalResultCommand({
        pipelineName,
        stageName: "Build",
        actionName: "Ask",
        token,
        result: { status: "Approved", summary: "" },
      }),
    );

  it("PARALLEL: executions go their own ways, each with its own approval", async () => {
    const { pipelineType } = await shop.create("parallel", [[s3Source()], [approval("Ask")], [approval("Last")]], {
      executionMode: "PARALLEL",
    });
    assert.equal(pipelineType, "V2");
    await shop.server.idle();
    const first = (await shop.action("parallel", "Ask"))!.token!;
    await shop.start("parallel");
    await shop.server.idle();
    const second = (await shop.action("parallel", "Ask"))!.token!;
    assert.notEqual(first, second);
    await ask("parallel", second);
    await ask("parallel", first);
    await shop.server.idle();
    const { actionExecutionDetails } = await shop.client.send(new sdk.ListActionExecutionsCommand({ pipelineName: "parallel" }));
    assert.equal(actionExecutionDetails!.filter(({ actionName, status }) => actionName === "Last" && status === "InProgress").length, 2);
    await assert.rejects(ask("parallel", first), failsWith("InvalidApprovalTokenException|ApprovalAlreadyCompletedException"));
  });

  it("QUEUED: executions wait in turn, and none is overtaken", async () => {
    await shop.create("queued", [[s3Source()], [approval("Ask")]], { executionMode: "QUEUED" });
    for (let more = 0; more < 2; more++) await shop.start("queued");
    await shop.server.idle();
    const [, build] = await shop.state("queued");
    assert.equal(build!.inboundExecutions?.length, 2);
    for (let each = 0; each < 3; each++) await shop.approve("queued", "Build", "Ask");
    assert.deepEqual(await shop.statuses("queued"), ["Succeeded", "Succeeded", "Succeeded"]);
  });

  it("of a pipeline end at fifty executions at once", async () => {
    await shop.create("full", [[s3Source()], [approval("Ask")]], { executionMode: "QUEUED" });
    const starts = Array.from({ length: 49 }, () => shop.start("full"));
    await Promise.all(starts);
    await assert.rejects(shop.start("full"), failsWith("ConcurrentPipelineExecutionsLimitExceededException"));
    await shop.client.send(new sdk.DeletePipelineCommand({ name: "full" }));
  });
});
