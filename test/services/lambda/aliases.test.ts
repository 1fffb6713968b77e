import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  ListAliasesCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Setting, startSetting, zipOf } from "./setting.ts";

let setting: Setting;
/** A function with the versions 1 and 2, that answer their number. */
before(async () => {
  setting = await startSetting();
  const code = (text: string) => ({ "index.js": `exports.handler = async () => ${JSON.stringify(text)};` });
  await setting.make("f", code("one"), { Publish: true });
  await setting.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "f", ZipFile: await zipOf(code("two")) }));
  await setting.lambda.send(new PublishVersionCommand({ FunctionName: "f" }));
});
after(() => setting.stop());

const arn = (qualifier: string) => `arn:aws:lambda:us-east-1:${setting.account}:function:f:${qualifier}`;

test("an alias leads to its version, and to another at once when it moves", async () => {
  const made = await setting.lambda.send(
    new CreateAliasCommand({ FunctionName: "f", Name: "live", FunctionVersion: "1", Description: "d" }),
  );
  assert.deepEqual([made.AliasArn, made.FunctionVersion, made.Description], [arn("live"), "1", "d"]);
  assert.equal((await setting.invoke("f:live")).answer, "one");
  const moved = await setting.lambda.send(
    new UpdateAliasCommand({ FunctionName: "f", Name: "live", FunctionVersion: "2", RevisionId: made.RevisionId }),
  );
  assert.deepEqual([moved.FunctionVersion, moved.Description], ["2", "d"]);
  const ran = await setting.invoke("f", undefined, { Qualifier: "live" });
  assert.deepEqual([ran.answer, ran.version], ["two", "2"]);
  await assert.rejects(
    setting.lambda.send(new UpdateAliasCommand({ FunctionName: "f", Name: "live", FunctionVersion: "1", RevisionId: made.RevisionId })),
    { name: "PreconditionFailedException" },
  );
  const got = await setting.lambda.send(new GetAliasCommand({ FunctionName: "f", Name: "live" }));
  assert.equal(got.RevisionId, moved.RevisionId);
  const shown = await setting.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: "f", Qualifier: "live" }));
  assert.deepEqual([shown.FunctionArn, shown.Version], [arn("live"), "2"]);
});

test("an alias with weights shares its calls", async () => {
  await setting.lambda.send(
    new CreateAliasCommand({
      FunctionName: "f",
      Name: "canary",
      FunctionVersion: "1",
      RoutingConfig: { AdditionalVersionWeights: { "2": 0.5 } },
    }),
  );
  const answers = new Set<string>();
  for (let i = 0; i < 100 && answers.size < 2; i++) answers.add((await setting.invoke("f:canary")).answer);
  assert.deepEqual([...answers].sort(), ["one", "two"]);
  await setting.lambda.send(
    new UpdateAliasCommand({ FunctionName: "f", Name: "canary", RoutingConfig: { AdditionalVersionWeights: { "2": 1 } } }),
  );
  for (let i = 0; i < 5; i++) assert.equal((await setting.invoke("f:canary")).version, "2");
  await setting.lambda.send(new UpdateAliasCommand({ FunctionName: "f", Name: "canary", RoutingConfig: { AdditionalVersionWeights: {} } }));
  for (let i = 0; i < 5; i++) assert.equal((await setting.invoke("f:canary")).version, "1");
});

test("what an alias cannot be is refused", async () => {
  const wrong = (part: object) =>
    setting.lambda.send(new CreateAliasCommand({ FunctionName: "f", Name: "wrong", FunctionVersion: "1", ...part }));
  await assert.rejects(wrong({ FunctionVersion: "9" }), { name: "ResourceNotFoundException", message: /Function not found: .*:f:9/ });
  await assert.rejects(wrong({ FunctionName: "none" }), { name: "ResourceNotFoundException" });
  await assert.rejects(wrong({ RoutingConfig: { AdditionalVersionWeights: { "1": 0.1 } } }), { name: "InvalidParameterValueException" });
  await assert.rejects(wrong({ FunctionVersion: "$LATEST", RoutingConfig: { AdditionalVersionWeights: { "1": 0.1 } } }), {
    name: "InvalidParameterValueException",
  });
  await assert.rejects(wrong({ Name: "7" }), { name: "ValidationException" });
  await wrong({ Name: "twice" });
  await assert.rejects(wrong({ Name: "twice" }), { name: "ResourceConflictException", message: `Alias already exists: ${arn("twice")}` });
  await assert.rejects(setting.invoke("f:wrong"), { name: "ResourceNotFoundException" });
});

test("a version that an alias points to stays", async () => {
  await setting.lambda.send(new CreateAliasCommand({ FunctionName: "f", Name: "holding", FunctionVersion: "2" }));
  await assert.rejects(setting.lambda.send(new DeleteFunctionCommand({ FunctionName: "f", Qualifier: "2" })), {
    name: "ResourceConflictException",
  });
});

test("aliases are listed, and gone when deleted", async () => {
  await setting.lambda.send(new CreateAliasCommand({ FunctionName: "f", Name: "going", FunctionVersion: "$LATEST" }));
  const listed = async (FunctionVersion?: string) =>
    (await setting.lambda.send(new ListAliasesCommand({ FunctionName: "f", FunctionVersion }))).Aliases?.map(({ Name }) => Name) ?? [];
  assert.ok((await listed()).includes("going"));
  assert.deepEqual(await listed("$LATEST"), ["going"]);
  await setting.lambda.send(new DeleteAliasCommand({ FunctionName: "f", Name: "going" }));
  assert.ok(!(await listed()).includes("going"));
  await assert.rejects(setting.lambda.send(new GetAliasCommand({ FunctionName: "f", Name: "going" })), {
    name: "ResourceNotFoundException",
    message: `Cannot find alias arn: ${arn("going")}`,
  });
});
