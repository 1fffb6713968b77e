import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as sdk from "@aws-sdk/client-codepipeline";
import { approval, bucket, failsWith, furnish, openWorkshop, s3Deploy, s3Source, type Workshop } from "./workshop.ts";

let shop: Workshop;
let version: string;
before(async () => {
  shop = await openWorkshop();
  await furnish(shop);
  version = await shop.putSource({ "index.html": "<p>one", "css/site.css": "p {}" });
  await shop.server.idle();
});
after(() => shop.server.stop());

describe("an execution", () => {
  it("carries an object through source, approval and deployment", async () => {
    await shop.create("site", [
      [s3Source()],
      [approval("Ask")],
      [s3Deploy({ BucketName: bucket, Extract: "true", ObjectKey: "#{Source.VersionId}" })],
    ]);
    await shop.server.idle();
    const [source, build, deploy] = await shop.state("site");
    assert.equal(source!.latestExecution?.status, "Succeeded");
    assert.equal(source!.actionStates![0]!.currentRevision?.revisionId, version);
    assert.equal(build!.latestExecution?.status, "InProgress");
    assert.match(build!.actionStates![0]!.latestExecution?.token ?? "", /^[0-9a-f-]{36}$/);
    assert.equal(deploy!.latestExecution, undefined);
    assert.deepEqual(deploy!.actionStates![0]!.latestExecution, undefined);
    assert.deepEqual(deploy!.inboundTransitionState, { enabled: true });

    await shop.approve("site", "Build", "Ask");
    assert.deepEqual(await shop.statuses("site"), ["Succeeded"]);
    assert.equal((await shop.read(bucket, `${version}/css/site.css`)).toString(), "p {}");

    const { pipelineExecutionSummaries } = await shop.client.send(new sdk.ListPipelineExecutionsCommand({ pipelineName: "site" }));
    const [summary] = pipelineExecutionSummaries!;
    assert.deepEqual(summary!.trigger, { triggerType: "CreatePipeline", triggerDetail: `arn:aws:iam::${shop.server.account}:root` });
    assert.deepEqual(
      summary!.sourceRevisions?.map(({ actionName, revisionId }) => [actionName, revisionId]),
      [["Get", version]],
    );
    const { pipelineExecution } = await shop.client.send(
      new sdk.GetPipelineExecutionCommand({ pipelineName: "site", pipelineExecutionId: summary!.pipelineExecutionId }),
    );
    assert.deepEqual([pipelineExecution!.status, pipelineExecution!.pipelineVersion], ["Succeeded", 1]);
    assert.deepEqual(
      pipelineExecution!.artifactRevisions?.map(({ name, revisionId }) => [name, revisionId]),
      [["Src", version]],
    );

    const { actionExecutionDetails } = await shop.client.send(new sdk.ListActionExecutionsCommand({ pipelineName: "site" }));
    assert.deepEqual(
      actionExecutionDetails!.map(({ stageName, actionName, status }) => [stageName, actionName, status]),
      [
        ["Deploy", "Put", "Succeeded"],
        ["Build", "Ask", "Succeeded"],
        ["Source", "Get", "Succeeded"],
      ],
    );
    const [put, ask, get] = actionExecutionDetails!;
    assert.equal(put!.input?.configuration?.ObjectKey, "#{Source.VersionId}");
    assert.equal(put!.input?.resolvedConfiguration?.ObjectKey, version);
    assert.equal(ask!.updatedBy, `arn:aws:iam::${shop.server.account}:root`);
    assert.equal(ask!.output?.executionResult?.externalExecutionSummary, "I looked at it");
    assert.equal(get!.output?.outputVariables?.VersionId, version);
    const { key } = get!.output!.outputArtifacts![0]!.s3location!;
    assert.match(key!, /^site\/Src\/[A-Za-z0-9]{7,}$/);
    assert.deepEqual(put!.input?.inputArtifacts, [{ name: "Src", s3location: { bucket, key } }]);
  });

  it("starts by itself when the object changes", async () => {
    await shop.create("detects", [[s3Source({ S3ObjectKey: "detect.zip" })], [approval("Ask")]]);
    await shop.create("leaves", [[s3Source({ S3ObjectKey: "detect.zip", PollForSourceChanges: "false" })], [approval("Ask")]]);
    await shop.server.idle();
    assert.match(
      (await shop.action("detects", "Get"))?.errorDetails?.message ?? "",
      /there is no object detect.zip in the Amazon S3 bucket/,
    );
    const changed = await shop.putSource({ a: "b" }, "detect.zip");
    await shop.server.idle();
    assert.deepEqual(await shop.statuses("detects"), ["InProgress", "Failed"]);
    assert.deepEqual(await shop.statuses("leaves"), ["Failed"]);
    const { pipelineExecutionSummaries } = await shop.client.send(new sdk.ListPipelineExecutionsCommand({ pipelineName: "detects" }));
    assert.equal(pipelineExecutionSummaries![0]!.trigger?.triggerType, "PollForSourceChanges");
    assert.equal(pipelineExecutionSummaries![0]!.sourceRevisions?.[0]?.revisionId, changed);
  });

  it("is the same for the same client token, and refused for another request", async () => {
    await shop.create("once", [[s3Source()], [approval("Ask")]], { pipelineType: "V2" });
    const token = { name: "once", clientRequestToken: "abc" };
    const start = () => shop.client.send(new sdk.StartPipelineExecutionCommand(token));
    const [one, two] = [await start(), await start()];
    assert.equal(one.pipelineExecutionId, two.pipelineExecutionId);
    const other = {
      ...token,
      sourceRevisions: [{ actionName: "Get", revisionType: "S3_OBJECT_VERSION_ID" as const, revisionValue: version }],
    };
    await assert.rejects(shop.client.send(new sdk.StartPipelineExecutionCommand(other)), failsWith("ConflictException"));
  });

  it("takes variables and source revisions from whoever starts it", async () => {
    const say = approval("Ask", { configuration: { CustomData: "#{variables.who} #{codepipeline.PipelineExecutionId}" } });
    const created = await shop.create("asks", [[s3Source()], [say]], { variables: [{ name: "who" }] });
    assert.equal(created.pipelineType, "V2");
    await shop.server.idle();
    assert.deepEqual(await shop.statuses("asks"), [], "a variable without a value: nothing to start with");
    const command = (more: object) => shop.client.send(new sdk.StartPipelineExecutionCommand({ name: "asks", ...more }));
    await assert.rejects(command({}), failsWith("ValidationException", /need a value: who/));
    await assert.rejects(
      command({ variables: [{ name: "what", value: "x" }] }),
      failsWith("ValidationException", /does not declare the variables: what/),
    );
    const revision = { actionName: "Get", revisionType: "COMMIT_ID", revisionValue: "x" };
    await assert.rejects(
      command({ sourceRevisions: [revision] }),
      failsWith("ValidationException", /does not support the revision type COMMIT_ID/),
    );

    const old = version;
    version = await shop.putSource({ "index.html": "<p>two" });
    await shop.server.idle();
    const { pipelineExecutionId } = await command({
      variables: [{ name: "who", value: "Ann" }],
      sourceRevisions: [{ actionName: "Get", revisionType: "S3_OBJECT_VERSION_ID", revisionValue: old }],
    });
    await shop.server.idle();
    const details = await shop.client.send(new sdk.ListActionExecutionsCommand({ pipelineName: "asks", filter: { pipelineExecutionId } }));
    assert.equal(details.actionExecutionDetails![0]!.input?.resolvedConfiguration?.CustomData, `Ann ${pipelineExecutionId}`);
    const { pipelineExecution } = await shop.client.send(
      new sdk.GetPipelineExecutionCommand({ pipelineName: "asks", pipelineExecutionId }),
    );
    assert.equal(pipelineExecution!.artifactRevisions?.[0]?.revisionId, old);
    assert.deepEqual(pipelineExecution!.variables, [{ name: "who", resolvedValue: "Ann" }]);
  });

  it("gives its history page by page", async () => {
    await shop.create("pages", [[s3Source()], [approval("Ask")]]);
    for (let more = 0; more < 4; more++) await shop.start("pages");
    await shop.server.idle();
    const executions: string[] = [];
    for await (const page of sdk.paginateListPipelineExecutions({ client: shop.client, pageSize: 2 }, { pipelineName: "pages" }))
      executions.push(...page.pipelineExecutionSummaries!.map(({ pipelineExecutionId }) => pipelineExecutionId!));
    assert.equal(new Set(executions).size, 5);
    const whole = await shop.client.send(new sdk.ListActionExecutionsCommand({ pipelineName: "pages" }));
    const runs: (string | undefined)[] = [];
    for await (const page of sdk.paginateListActionExecutions({ client: shop.client, pageSize: 3 }, { pipelineName: "pages" }))
      runs.push(...page.actionExecutionDetails!.map(({ actionExecutionId }) => actionExecutionId));
    assert.deepEqual(
      runs,
      whole.actionExecutionDetails!.map(({ actionExecutionId }) => actionExecutionId),
    );
    assert.ok(runs.length >= 6);
    const bad = new sdk.ListActionExecutionsCommand({ pipelineName: "pages", nextToken: "nonsense" });
    await assert.rejects(shop.client.send(bad), failsWith("InvalidNextTokenException"));
  });
});
