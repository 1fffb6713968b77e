import {
  DeleteFunctionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  ListFunctionEventInvokeConfigsCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { type Setting, startSetting } from "./setting.ts";

let setting: Setting;
/** Functions post what they see here. */
let server: Server;
let address: string;
// biome-ignore lint/suspicious/noExplicitAny: whatever is posted
const posted: { path: string; body: any }[] = [];
const waiting: (() => void)[] = [];
// biome-ignore lint/suspicious/noExplicitAny: whatever is posted
const next = async (path: string): Promise<any> => {
  for (;;) {
    const at = posted.findIndex((one) => one.path === path);
    if (at >= 0) return posted.splice(at, 1)[0]?.body;
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
};
before(async () => {
  setting = await startSetting();
  server = createServer(async (request, response) => {
    posted.push({ path: request.url ?? "", body: await json(request) });
    response.end();
    for (const resolve of waiting.splice(0)) resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  await setting.stop();
  server.closeAllConnections();
  server.close();
});

const posting = (path: string, rest = "") => ({
  "index.js": `exports.handler = async (event, context) => { await fetch("${address}/${path}", { method: "POST", body: JSON.stringify({ event, id: context.awsRequestId }) }); ${rest} }`,
});
const send = (FunctionName: string, payload: unknown, Qualifier?: string) =>
  setting.lambda.send(new InvokeCommand({ FunctionName, Qualifier, InvocationType: "Event", Payload: JSON.stringify(payload) }));
const arnOf = (name: string) => `arn:aws:lambda:us-east-1:${setting.account}:function:${name}`;

test("an event is accepted at once and delivered", async () => {
  await setting.make("hearing", posting("heard"));
  const { StatusCode, Payload, $metadata } = await send("hearing", { a: 1 });
  assert.deepEqual([StatusCode, Payload?.length ?? 0], [202, 0]);
  assert.deepEqual(await next("/heard"), { event: { a: 1 }, id: $metadata.requestId });
});

test("a dry run checks and runs nothing", async () => {
  const { StatusCode } = await setting.lambda.send(new InvokeCommand({ FunctionName: "hearing", InvocationType: "DryRun" }));
  assert.equal(StatusCode, 204);
  await assert.rejects(setting.lambda.send(new InvokeCommand({ FunctionName: "none", InvocationType: "DryRun" })), {
    name: "ResourceNotFoundException",
  });
});

test("destinations learn how it went", async () => {
  await setting.make("told", {
    "index.js": `exports.handler = async (event) => { await fetch("${address}/told", { method: "POST", body: JSON.stringify(event) }) }`,
  });
  await setting.make("deciding", {
    "index.js": "exports.handler = async (event) => { if (event.fail) throw new Error('failed'); return { fine: true } }",
  });
  await setting.lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: "deciding",
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnSuccess: { Destination: arnOf("told") }, OnFailure: { Destination: arnOf("told") } },
    }),
  );
  const { $metadata } = await send("deciding", { n: 1 });
  const { timestamp, ...success } = await next("/told");
  assert.match(timestamp, /^\d{4}-/);
  assert.deepEqual(success, {
    version: "1.0",
    requestContext: {
      requestId: $metadata.requestId,
      functionArn: `${arnOf("deciding")}:$LATEST`,
      condition: "Success",
      approximateInvokeCount: 1,
    },
    requestPayload: { n: 1 },
    responseContext: { statusCode: 200, executedVersion: "$LATEST" },
    responsePayload: { fine: true },
  });
  await send("deciding", { fail: true });
  const failure = await next("/told");
  assert.deepEqual(
    [failure.requestContext.condition, failure.responseContext.functionError, failure.responsePayload.errorMessage],
    ["RetriesExhausted", "Unhandled", "failed"],
  );
});

test("an event that failed for good goes to the dead-letter topic", async () => {
  const sns = setting.client(SNSClient);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "dead" }));
  await setting.make("mourning", {
    "index.js": `exports.handler = async ({ Records: [{ Sns }] }) => { await fetch("${address}/dead", { method: "POST", body: JSON.stringify(Sns) }) }`,
  });
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "lambda", Endpoint: arnOf("mourning") }));
  await setting.make(
    "dying",
    { "index.js": "exports.handler = async () => { throw new Error('at last') }" },
    { DeadLetterConfig: { TargetArn: TopicArn } },
  );
  await setting.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: "dying", MaximumRetryAttempts: 0 }));
  const { $metadata } = await send("dying", { n: 7 });
  const { Message, MessageAttributes } = await next("/dead");
  assert.deepEqual(JSON.parse(Message), { n: 7 });
  assert.deepEqual([MessageAttributes.RequestID.Value, MessageAttributes.ErrorMessage.Value], [$metadata.requestId, "at last"]);
});

test("a throttled event waits for its turn", async () => {
  await setting.make("throttled", posting("turn"));
  await setting.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "throttled", ReservedConcurrentExecutions: 0 }));
  await assert.rejects(setting.invoke("throttled"), {
    name: "TooManyRequestsException",
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
  });
  await send("throttled", { late: true });
  await setting.idle();
  await setting.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "throttled", ReservedConcurrentExecutions: 5 }));
  assert.deepEqual((await next("/turn")).event, { late: true });
});

test("how events are delivered is kept, changed and forgotten", async () => {
  await setting.make("kept", posting("kept"));
  const FunctionName = "kept";
  await assert.rejects(setting.lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName })), {
    name: "ResourceNotFoundException",
  });
  await assert.rejects(setting.lambda.send(new UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 })), {
    name: "ResourceNotFoundException",
  });
  await setting.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 }));
  await setting.lambda.send(new UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumEventAgeInSeconds: 60 }));
  const got = await setting.lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }));
  assert.deepEqual([got.MaximumRetryAttempts, got.MaximumEventAgeInSeconds, got.FunctionArn], [1, 60, `${arnOf("kept")}:$LATEST`]);
  assert.ok(got.LastModified instanceof Date);
  const queue = { OnFailure: { Destination: "arn:aws:sqs:us-east-1:123456789012:q" } };
  await assert.rejects(setting.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, DestinationConfig: queue })), {
    name: "NotImplementedException",
    message: /sqs/,
  });
  assert.equal(
    (await setting.lambda.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName }))).FunctionEventInvokeConfigs?.length,
    1,
  );
  await setting.lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName }));
  await assert.rejects(setting.lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName })), {
    name: "ResourceNotFoundException",
  });
});

test("payloads that are no JSON or too large are refused", async () => {
  const invoke = (Payload: string, InvocationType: "Event" | "RequestResponse") =>
    setting.lambda.send(new InvokeCommand({ FunctionName: "hearing", InvocationType, Payload }));
  await assert.rejects(invoke("{", "RequestResponse"), {
    name: "InvalidRequestContentException",
    message: /Could not parse request body into json/,
  });
  await assert.rejects(invoke(`"${"x".repeat(1_100_000)}"`, "Event"), { name: "RequestTooLargeException" });
  await assert.rejects(invoke(`"${"x".repeat(6_300_000)}"`, "RequestResponse"), { name: "RequestTooLargeException" });
});

test("what was sent to a deleted function is not delivered to the next of its name", async () => {
  const limit = (ReservedConcurrentExecutions: number) =>
    setting.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "replaced", ReservedConcurrentExecutions }));
  await setting.make("replaced", posting("replaced"));
  await limit(0);
  await send("replaced", { old: true });
  await setting.idle();
  await setting.lambda.send(new DeleteFunctionCommand({ FunctionName: "replaced" }));
  await setting.make("replaced", posting("replaced"));
  await limit(0);
  await send("replaced", { old: false });
  await setting.idle();
  await limit(5);
  // Both are tried again after a second, the older one first.
  assert.deepEqual((await next("/replaced")).event, { old: false });
  await setting.idle();
  assert.equal(posted.filter(({ path }) => path === "/replaced").length, 0);
});
