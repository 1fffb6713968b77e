import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import * as sdk from "@aws-sdk/client-codepipeline";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { until } from "../../harness/until.ts";
import { approval, failsWith, furnish, openWorkshop, s3Source, type Workshop, zip } from "./workshop.ts";

let shop: Workshop;
let logs: CloudWatchLogsClient;
before(async () => {
  shop = await openWorkshop();
  await furnish(shop);
  await shop.putSource({ a: "b" });
  logs = shop.server.client(CloudWatchLogsClient);
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  await shop.server
    .client(IAMClient)
    .send(new CreateRoleCommand({ RoleName: "functions", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const code = `exports.handler = async (event) => console.log("EVENT " + JSON.stringify(event));`;
  await shop.server.client(LambdaClient).send(
    new CreateFunctionCommand({
      FunctionName: "tells",
      Role: `arn:aws:iam::${shop.server.account}:role/functions`,
      Runtime: "nodejs20.x",
      Handler: "index.handler",
      Code: { ZipFile: await zip({ "index.js": code }) },
    }),
  );
});
after(() => shop.server.stop());

interface Job {
  id: string;
  accountId: string;
  // biome-ignore lint/suspicious/noExplicitAny: as the function got it
  data: Record<string, any>;
}

/** The jobs that the function was called with, oldest first. */
const calls = async (about: string): Promise<Job[]> => {
  const { events = [] } = await logs
    .send(new FilterLogEventsCommand({ logGroupName: "/aws/lambda/tells", filterPattern: '"EVENT "' }))
    .catch(() => ({ events: [] }));
  return events
    .map(({ message }) => JSON.parse(message!.slice(message!.indexOf("EVENT ") + 6))["CodePipeline.job"] as Job)
    .filter(({ data }) => data.actionConfiguration.configuration.UserParameters === about);
};
const call = (about: string, number: number) => until(`call ${number} about ${about}`, async () => (await calls(about))[number - 1]);

const invoke = (about: string, more: Partial<sdk.ActionDeclaration> = {}): sdk.ActionDeclaration => ({
  name: "Call",
  actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
  configuration: { FunctionName: "tells", UserParameters: about },
  ...more,
});

describe("a Lambda function", () => {
  it("is called with a job, is called again when it asks for that, and gives variables and artifacts", async () => {
    const ask = approval("Ask", { configuration: { CustomData: "#{Called.answer}" } });
    const made = invoke("works", { inputArtifacts: [{ name: "Src" }], outputArtifacts: [{ name: "Out" }], namespace: "Called" });
    await shop.create("calls", [[s3Source()], [made], [ask]]);
    const { id, accountId, data } = await call("works", 1);
    assert.equal(accountId, shop.server.account);
    assert.deepEqual(data.actionConfiguration, { configuration: { FunctionName: "tells", UserParameters: "works" } });
    const { bucketName, objectKey } = data.inputArtifacts[0].location.s3Location;
    const credentials = data.artifactCredentials;
    const { Body } = await shop.server.client(S3Client, { credentials }).send(new GetObjectCommand({ Bucket: bucketName, Key: objectKey }));
    assert.ok((await Body!.transformToByteArray()).length > 0, "the credentials open the artifact");
    assert.match(data.outputArtifacts[0].location.s3Location.objectKey, /^calls\/Out\//);

    const { jobDetails } = await shop.client.send(new sdk.GetJobDetailsCommand({ jobId: id }));
    assert.equal(jobDetails!.data!.pipelineContext?.pipelineName, "calls");
    await shop.client.send(
      new sdk.PutJobSuccessResultCommand({
        jobId: id,
        continuationToken: "more",
        executionDetails: { summary: "half", percentComplete: 50 },
      }),
    );
    const half = await shop.action("calls", "Call");
    assert.deepEqual([half!.status, half!.summary, half!.percentComplete], ["InProgress", "half", 50]);
    const again = await call("works", 2);
    assert.deepEqual([again.id, again.data.continuationToken], [id, "more"]);
    await shop.client.send(new sdk.PutJobSuccessResultCommand({ jobId: id, outputVariables: { answer: "42" } }));
    await shop.server.idle();
    const { actionExecutionDetails } = await shop.client.send(new sdk.ListActionExecutionsCommand({ pipelineName: "calls" }));
    assert.equal(actionExecutionDetails![0]!.input?.resolvedConfiguration?.CustomData, "42");
    const late = new sdk.PutJobSuccessResultCommand({ jobId: id });
    await assert.rejects(shop.client.send(late), failsWith("InvalidJobStateException"));
    assert.equal((await calls("works")).length, 2);
  });

  it("fails the action", async () => {
    await shop.create("refuses", [[s3Source()], [invoke("refuses")]]);
    const { id } = await call("refuses", 1);
    await shop.client.send(
      new sdk.PutJobFailureResultCommand({ jobId: id, failureDetails: { type: "PermissionError", message: "not allowed" } }),
    );
    assert.deepEqual((await shop.action("refuses", "Call"))!.errorDetails, { code: "PermissionError", message: "not allowed" });
    assert.deepEqual(await shop.statuses("refuses"), ["Failed"]);
    const nobody = new sdk.GetJobDetailsCommand({ jobId: "00000000-0000-4000-8000-000000000000" });
    await assert.rejects(shop.client.send(nobody), failsWith("JobNotFoundException"));
  });

  it("that is not there fails the action by name", async () => {
    await shop.create("nobody", [[s3Source()], [invoke("x", { configuration: { FunctionName: "nobody-there" } })]]);
    await shop.server.idle();
    assert.match((await shop.action("nobody", "Call"))!.errorDetails!.message!, /nobody-there/);
  });
});
