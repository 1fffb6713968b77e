import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as sdk from "@aws-sdk/client-codepipeline";
import { approval, declare, failsWith, furnish, openWorkshop, s3Source, type Workshop } from "./workshop.ts";

let shop: Workshop;
before(async () => {
  shop = await openWorkshop();
  await furnish(shop);
  await shop.putSource({ a: "b" });
});
after(() => shop.server.stop());

describe("pipelines", () => {
  it("are shown as they were made", async () => {
    const stages = [[s3Source()], [approval("Ask", { timeoutInMinutes: 60, namespace: "N" })]];
    const tags = [{ key: "team", value: "a" }];
    const made = await shop.client.send(new sdk.CreatePipelineCommand({ pipeline: declare("shown", shop.roleArn, stages), tags }));
    assert.deepEqual(made.tags, tags);
    const { pipeline, metadata } = await shop.client.send(new sdk.GetPipelineCommand({ name: "shown" }));
    assert.deepEqual(pipeline, made.pipeline);
    assert.equal(metadata?.pipelineArn, `arn:aws:codepipeline:us-east-1:${shop.server.account}:shown`);
    assert.deepEqual([pipeline!.version, pipeline!.pipelineType, pipeline!.executionMode], [1, "V1", "SUPERSEDED"]);
    const [get, ask] = pipeline!.stages!.flatMap(({ actions }) => actions!);
    assert.deepEqual(get, { ...s3Source(), runOrder: 1, inputArtifacts: [] });
    assert.deepEqual([ask!.timeoutInMinutes, ask!.namespace, ask!.configuration], [60, "N", {}]);
    await assert.rejects(shop.create("shown", stages), failsWith("PipelineNameInUseException", /'shown' already exists/));
  });

  it("count their versions, cancel what runs when they change, and remember what they were", async () => {
    await shop.create("changes", [[s3Source()], [approval("Ask")]]);
    await shop.server.idle();
    const { pipeline } = await shop.client.send(
      new sdk.UpdatePipelineCommand({
        pipeline: declare("changes", shop.roleArn, [[s3Source()], [approval("Other")], [approval("More")]]),
      }),
    );
    assert.equal(pipeline!.version, 2);
    assert.deepEqual(await shop.statuses("changes"), ["Cancelled"]);
    const { pipeline: first } = await shop.client.send(new sdk.GetPipelineCommand({ name: "changes", version: 1 }));
    assert.equal(first!.stages!.length, 2);
    const third = new sdk.GetPipelineCommand({ name: "changes", version: 3 });
    await assert.rejects(shop.client.send(third), failsWith("PipelineVersionNotFoundException"));
    const nobody = new sdk.UpdatePipelineCommand({ pipeline: declare("nobody", shop.roleArn, [[s3Source()], [approval("Ask")]]) });
    await assert.rejects(shop.client.send(nobody), failsWith("PipelineNotFoundException"));
    const state = await shop.state("changes");
    assert.deepEqual(
      state.map(({ stageName, latestExecution }) => [stageName, latestExecution?.status]),
      [
        ["Source", "Succeeded"],
        ["Build", "Cancelled"],
        ["Deploy", undefined],
      ],
    );
  });

  it("are listed page by page", async () => {
    for (const name of ["list-b", "list-a"]) await shop.create(name, [[s3Source()], [approval("Ask")]]);
    const names: string[] = [];
    for await (const { pipelines } of sdk.paginateListPipelines({ client: shop.client, pageSize: 1 }, {}))
      names.push(...pipelines!.map(({ name }) => name!));
    assert.deepEqual(
      names.filter((name) => name.startsWith("list-")),
      ["list-a", "list-b"],
    );
  });

  it("leave nothing behind", async () => {
    await shop.create("goes", [[s3Source({ S3ObjectKey: "gone.zip" })], [approval("Ask")]]);
    await shop.putSource({ a: "b" }, "gone.zip");
    await shop.server.idle();
    await shop.client.send(new sdk.DeletePipelineCommand({ name: "goes" }));
    await shop.client.send(new sdk.DeletePipelineCommand({ name: "goes" }));
    await assert.rejects(shop.state("goes"), failsWith("PipelineNotFoundException"));
    await shop.putSource({ a: "c" }, "gone.zip");
    await shop.server.idle();
    await shop.create("goes", [[s3Source()], [approval("Ask")]]);
    await shop.server.idle();
    assert.deepEqual(await shop.statuses("goes"), ["InProgress"]);
    assert.equal((await shop.client.send(new sdk.GetPipelineCommand({ name: "goes" }))).pipeline!.version, 1);
  });

  it("need a role that can be assumed, and nothing half made stays", async () => {
    const pipeline = declare("roleless", `arn:aws:iam::${shop.server.account}:role/nobody`, [[s3Source()], [approval("Ask")]]);
    await assert.rejects(
      shop.client.send(new sdk.CreatePipelineCommand({ pipeline })),
      failsWith("InvalidStructureException", /not authorized to perform AssumeRole on role arn:aws:iam::\d+:role\/nobody/),
    );
    await assert.rejects(shop.state("roleless"), failsWith("PipelineNotFoundException"));
  });

  it("have tags", async () => {
    await shop.create("tagged", [[s3Source()], [approval("Ask")]]);
    const resourceArn = `arn:aws:codepipeline:us-east-1:${shop.server.account}:tagged`;
    const tags = [
      { key: "b", value: "2" },
      { key: "a", value: "1" },
    ];
    await shop.client.send(new sdk.TagResourceCommand({ resourceArn, tags }));
    await shop.client.send(new sdk.UntagResourceCommand({ resourceArn, tagKeys: ["b"] }));
    assert.deepEqual((await shop.client.send(new sdk.ListTagsForResourceCommand({ resourceArn }))).tags, [{ key: "a", value: "1" }]);
    const system = new sdk.TagResourceCommand({ resourceArn, tags: [{ key: "aws:x", value: "1" }] });
    await assert.rejects(shop.client.send(system), failsWith("InvalidTagsException"));
    const nobody = new sdk.ListTagsForResourceCommand({ resourceArn: resourceArn.replace("tagged", "nobody") });
    await assert.rejects(
      shop.client.send(nobody),
      failsWith("ResourceNotFoundException", /does not include a pipeline with the name 'nobody'/),
    );
  });

  it("say what they are made of, and what is not built", async () => {
    const { actionTypes } = await shop.client.send(new sdk.ListActionTypesCommand({ actionOwnerFilter: "AWS" }));
    assert.deepEqual(actionTypes!.map(({ id }) => `${id!.category} ${id!.provider}`).sort(), [
      "Approval Manual",
      "Build CodeBuild",
      "Deploy CloudFormation",
      "Deploy S3",
      "Invoke Lambda",
      "Source CodeCommit",
      "Source S3",
      "Test CodeBuild",
    ]);
    const one = { category: "Build" as const, owner: "AWS", provider: "CodeBuild", version: "1" };
    const { actionType } = await shop.client.send(new sdk.GetActionTypeCommand(one));
    assert.deepEqual(actionType!.inputArtifactDetails, { minimumCount: 1, maximumCount: 5 });
    const none = new sdk.GetActionTypeCommand({ ...one, provider: "Jenkins" });
    await assert.rejects(shop.client.send(none), failsWith("ActionTypeNotFoundException"));
    const rollback = new sdk.RollbackStageCommand({
      pipelineName: "x",
      stageName: "y",
      targetPipelineExecutionId: "00000000-0000-4000-8000-000000000000",
    });
    await assert.rejects(shop.client.send(rollback), failsWith("NotImplementedException", /RollbackStage/));
  });
});
