import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { type Setting, startSetting, zipOf } from "./setting.ts";

let setting: Setting;
before(async () => {
  setting = await startSetting();
});
after(() => setting.stop());

const answering = (text: string) => ({ "index.js": `exports.handler = async () => ${JSON.stringify(text)};` });
const role = () => setting.role;

test("a function is described as it was made", async () => {
  const zip = await zipOf(answering("described"));
  const made = await setting.lambda.send(
    new CreateFunctionCommand({
      FunctionName: "described",
      Role: role(),
      Runtime: "nodejs20.x",
      Handler: "index.handler",
      Code: { ZipFile: zip },
      Description: "d",
      Timeout: 7,
      MemorySize: 256,
      Environment: { Variables: { NAME: "value" } },
      Tags: { one: "1" },
    }),
  );
  const arn = `arn:aws:lambda:us-east-1:${setting.account}:function:described`;
  const { $metadata, RevisionId, LastModified, ...shown } = made;
  assert.equal($metadata.httpStatusCode, 201);
  assert.match(LastModified ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
  assert.deepEqual(JSON.parse(JSON.stringify(shown)), {
    FunctionName: "described",
    FunctionArn: arn,
    Runtime: "nodejs20.x",
    Role: role(),
    Handler: "index.handler",
    CodeSize: zip.length,
    Description: "d",
    Timeout: 7,
    MemorySize: 256,
    CodeSha256: createHash("sha256").update(zip).digest("base64"),
    Version: "$LATEST",
    Environment: { Variables: { NAME: "value" } },
    TracingConfig: { Mode: "PassThrough" },
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: ["x86_64"],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: "/aws/lambda/described" },
  });
  const got = await setting.lambda.send(new GetFunctionCommand({ FunctionName: arn }));
  assert.equal(got.Configuration?.RevisionId, RevisionId);
  assert.deepEqual(got.Tags, { one: "1" });
  const fetched = await fetch(got.Code?.Location as string);
  assert.deepEqual(Buffer.from(await fetched.arrayBuffer()), zip, "the link leads to the code");
  assert.equal((await fetch(`${got.Code?.Location}x`)).status, 403, "another signature does not");
});

test("what a function cannot be made of is refused, and nothing is left of it", async () => {
  const good = {
    FunctionName: "refused",
    Role: role(),
    Runtime: "nodejs20.x",
    Handler: "index.handler",
    Code: { ZipFile: await zipOf(answering("x")) },
  } as const;
  const refused = async (part: object, name: string, message: RegExp) => {
    await assert.rejects(
      setting.lambda.send(new CreateFunctionCommand({ ...good, ...part })),
      (error: Error) => error.name === name && message.test(error.message),
    );
    await assert.rejects(setting.lambda.send(new GetFunctionCommand({ FunctionName: "refused" })), { name: "ResourceNotFoundException" });
  };
  await refused(
    { Code: { ZipFile: Buffer.from("no zip") } },
    "InvalidParameterValueException",
    /Could not unzip uploaded file\. Please check your file, then try to upload again\./,
  );
  await refused({ Code: { ZipFile: await zipOf({}) } }, "InvalidParameterValueException", /non-empty zip/);
  await refused({ Code: {} }, "InvalidParameterValueException", /Please provide a source for function code/);
  await refused(
    { Code: { S3Bucket: "nowhere", S3Key: "k" } },
    "InvalidParameterValueException",
    /Error occurred while GetObject\. S3 Error Code: NoSuchBucket/,
  );
  await refused({ Role: `arn:aws:iam::${setting.account}:role/nobody` }, "InvalidParameterValueException", /cannot be assumed by Lambda/);
  await refused({ Runtime: "ruby3.3" }, "NotImplementedException", /The runtime ruby3\.3 .*is not implemented/);
  await refused({ Runtime: "java25", Timeout: 1000 }, "ValidationException", /timeout/);
  await refused(
    { VpcConfig: { SubnetIds: ["subnet-1"], SecurityGroupIds: [] } },
    "NotImplementedException",
    /VpcConfig is not implemented/,
  );
  await refused(
    { Layers: [`arn:aws:lambda:us-east-1:${setting.account}:layer:none:1`] },
    "InvalidParameterValueException",
    /does not exist/,
  );
});

test("a name is taken once", async () => {
  await setting.make("taken", answering("first"));
  await assert.rejects(setting.make("taken", answering("second")), {
    name: "ResourceConflictException",
    message: /Function already exist: taken/,
  });
  assert.equal((await setting.invoke("taken")).answer, "first");
});

test("new code answers the next call", async () => {
  await setting.make("updated", answering("old"));
  assert.equal((await setting.invoke("updated")).answer, "old");
  const before = await setting.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: "updated" }));
  const ZipFile = await zipOf(answering("new"));
  const dry = await setting.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "updated", ZipFile, DryRun: true }));
  assert.notEqual(dry.CodeSha256, before.CodeSha256);
  assert.equal((await setting.invoke("updated")).answer, "old", "a dry run changes nothing");
  await assert.rejects(setting.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "updated", ZipFile, RevisionId: "other" })), {
    name: "PreconditionFailedException",
  });
  await setting.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "updated", ZipFile, RevisionId: before.RevisionId }));
  assert.equal((await setting.invoke("updated")).answer, "new");
});

test("code comes from S3, by version too", async () => {
  const s3 = setting.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: "packages" }));
  await s3.send(new PutObjectCommand({ Bucket: "packages", Key: "a/f.zip", Body: await zipOf(answering("from s3")) }));
  await setting.make("bucketed", {}, { Code: { S3Bucket: "packages", S3Key: "a/f.zip" } });
  assert.equal((await setting.invoke("bucketed")).answer, "from s3");
});

test("a new environment is seen by the next call", async () => {
  await setting.make(
    "configured",
    { "index.js": "exports.handler = async () => process.env.GREETING + process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE" },
    { Environment: { Variables: { GREETING: "one" } } },
  );
  assert.equal((await setting.invoke("configured")).answer, "one128");
  await setting.lambda.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: "configured",
      Environment: { Variables: { GREETING: "two" } },
      MemorySize: 192,
    }),
  );
  assert.equal((await setting.invoke("configured")).answer, "two192");
});

test("versions keep what was published", async () => {
  await setting.make("versioned", answering("one"), { Publish: true });
  const again = await setting.lambda.send(new PublishVersionCommand({ FunctionName: "versioned" }));
  assert.equal(again.Version, "1", "nothing changed: no new version");
  const updated = await setting.lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: "versioned", ZipFile: await zipOf(answering("two")) }),
  );
  await assert.rejects(setting.lambda.send(new PublishVersionCommand({ FunctionName: "versioned", CodeSha256: "other" })), {
    name: "InvalidParameterValueException",
  });
  const second = await setting.lambda.send(
    new PublishVersionCommand({ FunctionName: "versioned", CodeSha256: updated.CodeSha256, Description: "second" }),
  );
  assert.deepEqual([second.Version, second.Description, second.FunctionArn?.endsWith(":versioned:2")], ["2", "second", true]);
  const first = await setting.invoke("versioned", undefined, { Qualifier: "1" });
  assert.deepEqual([first.answer, first.version], ["one", "1"]);
  assert.equal((await setting.invoke("versioned:2")).answer, "two");
  const { Versions } = await setting.lambda.send(new ListVersionsByFunctionCommand({ FunctionName: "versioned" }));
  assert.deepEqual(
    Versions?.map(({ Version }) => Version),
    ["$LATEST", "1", "2"],
  );
  await setting.lambda.send(new DeleteFunctionCommand({ FunctionName: "versioned", Qualifier: "1" }));
  await assert.rejects(setting.invoke("versioned:1"), { name: "ResourceNotFoundException", message: /Function not found: .*:versioned:1/ });
  assert.equal((await setting.invoke("versioned:2")).answer, "two");
});

test("code is kept as long as something refers to it, and no longer", async () => {
  await setting.make("kept", answering("one"), { Publish: true });
  const update = async (text: string) =>
    setting.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "kept", ZipFile: await zipOf(answering(text)) }));
  const link = async (Qualifier?: string) =>
    (await setting.lambda.send(new GetFunctionCommand({ FunctionName: "kept", Qualifier }))).Code?.Location as string;
  await update("two");
  const [published, replaced] = [await link("1"), await link()];
  await update("three");
  await setting.idle();
  assert.deepEqual([(await fetch(published)).status, (await fetch(replaced)).status, (await fetch(await link())).status], [200, 404, 200]);
  await setting.lambda.send(new DeleteFunctionCommand({ FunctionName: "kept" }));
  await setting.idle();
  assert.equal((await fetch(published)).status, 404);
});

test("a deleted function is gone, and another of its name is another", async () => {
  await setting.make("reborn", answering("first"), { Publish: true });
  assert.equal((await setting.invoke("reborn")).answer, "first");
  await setting.lambda.send(new DeleteFunctionCommand({ FunctionName: "reborn" }));
  await assert.rejects(setting.invoke("reborn"), { name: "ResourceNotFoundException" });
  await assert.rejects(setting.lambda.send(new DeleteFunctionCommand({ FunctionName: "reborn" })), { name: "ResourceNotFoundException" });
  await setting.make("reborn", answering("second"));
  assert.equal((await setting.invoke("reborn")).answer, "second");
  const { Versions } = await setting.lambda.send(new ListVersionsByFunctionCommand({ FunctionName: "reborn" }));
  assert.deepEqual(
    Versions?.map(({ Version }) => Version),
    ["$LATEST"],
  );
});

test("lists come in pages", async () => {
  const names = new Set<string>();
  let Marker: string | undefined;
  let pages = 0;
  do {
    const page = await setting.lambda.send(new ListFunctionsCommand({ MaxItems: 3, Marker }));
    for (const { FunctionName } of page.Functions ?? []) names.add(FunctionName as string);
    assert.ok((page.Functions ?? []).length <= 3);
    Marker = page.NextMarker;
    pages++;
  } while (Marker);
  assert.ok(pages > 1);
  for (const name of ["described", "taken", "reborn"]) assert.ok(names.has(name));
  await assert.rejects(setting.lambda.send(new ListFunctionsCommand({ Marker: "nonsense" })), { name: "InvalidParameterValueException" });
});

test("tags come and go", async () => {
  await setting.make("tagged", answering("x"), { Tags: { a: "1", b: "2" } });
  const Resource = `arn:aws:lambda:us-east-1:${setting.account}:function:tagged`;
  await setting.lambda.send(new TagResourceCommand({ Resource, Tags: { c: "3", a: "4" } }));
  await setting.lambda.send(new UntagResourceCommand({ Resource, TagKeys: ["b"] }));
  assert.deepEqual((await setting.lambda.send(new ListTagsCommand({ Resource }))).Tags, { a: "4", c: "3" });
});

test("names of other regions and accounts lead nowhere", async () => {
  await assert.rejects(setting.invoke(`arn:aws:lambda:eu-west-1:${setting.account}:function:described`), {
    name: "ResourceNotFoundException",
    message: /not reachable in this region/,
  });
  await assert.rejects(setting.invoke("arn:aws:lambda:us-east-1:999999999999:function:described"), { name: "ResourceNotFoundException" });
});
