import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import * as sdk from "@aws-sdk/client-codepipeline";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { approval, bucket, furnish, openWorkshop, s3Deploy, s3Source, type Workshop } from "./workshop.ts";

const logGroupName = "/aws/events/pipelines";
let shop: Workshop;
let logs: CloudWatchLogsClient;
before(async () => {
  shop = await openWorkshop();
  await furnish(shop);
  logs = shop.server.client(CloudWatchLogsClient);
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  const events = shop.server.client(EventBridgeClient);
  await events.send(new PutRuleCommand({ Name: "all", EventPattern: JSON.stringify({ source: ["aws.codepipeline"] }) }));
  const Arn = `arn:aws:logs:us-east-1:${shop.server.account}:log-group:${logGroupName}`;
  await events.send(new PutTargetsCommand({ Rule: "all", Targets: [{ Id: "1", Arn }] }));
  await shop.putSource({ a: "b" });
});
after(() => shop.server.stop());

interface Heard {
  "detail-type": string;
  source: string;
  resources: string[];
  // biome-ignore lint/suspicious/noExplicitAny: events are what they are
  detail: Record<string, any>;
}
const heard = async (pipeline: string): Promise<Heard[]> => {
  await shop.server.idle();
  const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
  return events!.map(({ message }) => JSON.parse(message!) as Heard).filter(({ detail }) => detail.pipeline === pipeline);
};
const line = ({ "detail-type": type, detail }: Heard) =>
  [type.replace(/^CodePipeline | Execution State Change$/g, ""), detail.stage, detail.action, detail.state].filter(Boolean).join(" ");

describe("EventBridge", () => {
  it("hears every state, in order and in AWS's shapes", async () => {
    await shop.create("told", [[s3Source()], [s3Deploy({ BucketName: bucket, Extract: "true" })]]);
    const all = await heard("told");
    assert.deepEqual(all.map(line), [
      "Pipeline STARTED",
      "Stage Source STARTED",
      "Action Source Get STARTED",
      "Action Source Get SUCCEEDED",
      "Stage Source SUCCEEDED",
      "Stage Build STARTED",
      "Action Build Put STARTED",
      "Action Build Put SUCCEEDED",
      "Stage Build SUCCEEDED",
      "Pipeline SUCCEEDED",
    ]);
    const [started, stage, , got] = all;
    assert.deepEqual(started!.resources, [`arn:aws:codepipeline:us-east-1:${shop.server.account}:told`]);
    assert.deepEqual(started!.detail["execution-trigger"], {
      "trigger-type": "CreatePipeline",
      "trigger-detail": `arn:aws:iam::${shop.server.account}:root`,
    });
    assert.deepEqual([started!.detail.version, started!.detail["pipeline-execution-attempt"], stage!.detail.stage], [1, 1, "Source"]);
    assert.deepEqual(got!.detail.type, { owner: "AWS", category: "Source", provider: "S3", version: "1" });
    assert.deepEqual(
      got!.detail["output-artifacts"].map(({ name }: { name: string }) => name),
      ["Src"],
    );
    assert.equal(got!.detail["execution-result"]["external-execution-id"].length > 0, true);
    const ended = all.at(-1)!.detail;
    assert.equal(typeof ended.mayfly.durationMs, "number");
    assert.match(ended.mayfly.commit.id, /./);
  });

  it("hears what failed, and why", async () => {
    await shop.create("fails", [[s3Source()], [approval("Ask")]]);
    await shop.server.idle();
    await shop.approve("fails", "Build", "Ask", "Rejected");
    const failed = (await heard("fails")).filter(({ detail }) => detail.state === "FAILED");
    assert.deepEqual(failed.map(line), ["Action Build Ask FAILED", "Stage Build FAILED", "Pipeline FAILED"]);
    for (const { detail } of failed) {
      const { failedStage, failedAction, reason, links } = detail.mayfly;
      assert.deepEqual([failedStage, failedAction], ["Build", "Ask"]);
      assert.match(reason, /^Rejected by arn:aws:iam::\d+:root: I looked at it$/);
      assert.match(links.execution, new RegExp(detail["execution-id"]));
    }
    assert.equal(failed[0]!.detail["execution-result"]["error-code"], "JobFailed");
  });

  it("hears why somebody stopped it", async () => {
    await shop.create("stops", [[s3Source()], [approval("Ask")]]);
    await shop.server.idle();
    const { pipelineExecutionSummaries } = await shop.client.send(new sdk.ListPipelineExecutionsCommand({ pipelineName: "stops" }));
    const { pipelineExecutionId } = pipelineExecutionSummaries![0]!;
    await shop.client.send(
      new sdk.StopPipelineExecutionCommand({ pipelineName: "stops", pipelineExecutionId, abandon: true, reason: "enough" }),
    );
    const last = (await heard("stops")).slice(-4);
    assert.deepEqual(last.map(line), ["Pipeline STOPPING", "Action Build Ask ABANDONED", "Stage Build STOPPED", "Pipeline STOPPED"]);
    assert.deepEqual([last[0]!.detail["stop-execution-comments"], last[3]!.detail["stop-execution-comments"]], ["enough", "enough"]);
  });
});
