import {
  AddPermissionCommand,
  CreateFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteLayerVersionCommand,
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetPolicyCommand,
  GetRuntimeManagementConfigCommand,
  ListEventSourceMappingsCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Setting, startSetting, zipOf } from "./setting.ts";

let setting: Setting;
before(async () => {
  setting = await startSetting();
});
after(() => setting.stop());

test("layers have versions, that functions keep", async () => {
  const publish = async (value: string) =>
    setting.lambda.send(
      new PublishLayerVersionCommand({
        LayerName: "shared",
        Description: value,
        CompatibleRuntimes: ["nodejs20.x"],
        Content: { ZipFile: await zipOf({ "nodejs/node_modules/shared/index.js": `module.exports = "${value}"` }) },
      }),
    );
  const first = await publish("one");
  assert.equal(first.LayerVersionArn, `arn:aws:lambda:us-east-1:${setting.account}:layer:shared:1`);
  const second = await publish("two");
  assert.deepEqual([second.Version, second.CompatibleRuntimes], [2, ["nodejs20.x"]]);
  await setting.make(
    "using",
    { "index.js": "exports.handler = async () => require('shared')" },
    { Layers: [first.LayerVersionArn as string] },
  );
  const shown = await setting.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: "using" }));
  assert.deepEqual(shown.Layers, [{ Arn: first.LayerVersionArn, CodeSize: first.Content?.CodeSize }]);
  await setting.lambda.send(new DeleteLayerVersionCommand({ LayerName: "shared", VersionNumber: 1 }));
  await assert.rejects(setting.lambda.send(new GetLayerVersionCommand({ LayerName: "shared", VersionNumber: 1 })), {
    name: "ResourceNotFoundException",
  });
  await setting.idle();
  assert.equal((await setting.invoke("using")).answer, "one", "a deleted layer version still serves");
  await setting.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "using", Layers: [second.LayerVersionArn as string] }));
  assert.equal((await setting.invoke("using")).answer, "two");
  const byArn = await setting.lambda.send(new GetLayerVersionByArnCommand({ Arn: second.LayerVersionArn }));
  assert.equal((await fetch(byArn.Content?.Location as string)).status, 200);
  assert.equal((await publish("three")).Version, 3);
  const { LayerVersions } = await setting.lambda.send(new ListLayerVersionsCommand({ LayerName: "shared" }));
  assert.deepEqual(
    LayerVersions?.map(({ Version }) => Version),
    [3, 2],
  );
  const { Layers } = await setting.lambda.send(new ListLayersCommand({ CompatibleRuntime: "nodejs20.x" }));
  assert.deepEqual(
    Layers?.map(({ LayerName, LatestMatchingVersion }) => [LayerName, LatestMatchingVersion?.Version]),
    [["shared", 3]],
  );
  assert.deepEqual((await setting.lambda.send(new ListLayersCommand({ CompatibleRuntime: "java8" }))).Layers, []);
});

test("reserved concurrency bounds the calls at one time", async () => {
  await setting.make("bounded", { "index.js": "exports.handler = async () => new Promise((r) => setTimeout(r, 500))" });
  const FunctionName = "bounded";
  await setting.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 1 }));
  assert.equal((await setting.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions, 1);
  const results = await Promise.allSettled([setting.invoke("bounded"), setting.invoke("bounded")]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  await setting.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  assert.equal((await setting.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions, undefined);
  await assert.rejects(setting.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 950 })), {
    name: "InvalidParameterValueException",
  });
});

test("policies say who may call", async () => {
  await setting.make("asked", { "index.js": "exports.handler = async () => 1" });
  const add = () =>
    setting.lambda.send(
      new AddPermissionCommand({
        FunctionName: "asked",
        StatementId: "sns",
        Action: "lambda:InvokeFunction",
        Principal: "sns.amazonaws.com",
        SourceArn: "arn:aws:sns:us-east-1:123456789012:t",
      }),
    );
  const statement = {
    Sid: "sns",
    Effect: "Allow",
    Principal: { Service: "sns.amazonaws.com" },
    Action: "lambda:InvokeFunction",
    Resource: `arn:aws:lambda:us-east-1:${setting.account}:function:asked`,
    Condition: { ArnLike: { "AWS:SourceArn": "arn:aws:sns:us-east-1:123456789012:t" } },
  };
  assert.deepEqual(JSON.parse((await add()).Statement as string), statement);
  await assert.rejects(add(), { name: "ResourceConflictException" });
  const { Policy, RevisionId } = await setting.lambda.send(new GetPolicyCommand({ FunctionName: "asked" }));
  assert.deepEqual(JSON.parse(Policy as string), { Version: "2012-10-17", Id: "default", Statement: [statement] });
  assert.ok(RevisionId);
});

test("the account and the runtime are described", async () => {
  const { AccountLimit, AccountUsage } = await setting.lambda.send(new GetAccountSettingsCommand({}));
  assert.deepEqual([AccountLimit?.ConcurrentExecutions, AccountUsage?.FunctionCount], [1000, 3]);
  assert.ok((AccountUsage?.TotalCodeSize ?? 0) > 0);
  assert.equal((await setting.lambda.send(new GetRuntimeManagementConfigCommand({ FunctionName: "asked" }))).UpdateRuntimeOn, "Auto");
});

test("what is not here says so", async () => {
  await assert.rejects(setting.lambda.send(new ListEventSourceMappingsCommand({})), {
    name: "NotImplementedException",
    message: /lambda:ListEventSourceMappings is not implemented/,
  });
});

test("Java of the future is missing by name", async () => {
  const old = { FunctionName: "future", Role: setting.role, Handler: "a.B::c", Code: { ZipFile: await zipOf({ a: "" }) } };
  await assert.rejects(setting.lambda.send(new CreateFunctionCommand({ ...old, Runtime: "java99" as "java25" })), (error: Error) =>
    // Either the list of runtimes or this machine has no such thing.
    /java99/.test(error.message),
  );
});
