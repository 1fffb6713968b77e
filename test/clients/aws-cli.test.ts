/** The aws CLI, over every protocol. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { awsCli, withoutAws } from "../harness/programs.ts";
import { accessKeyId, account, type Live, live, secretAccessKey } from "../services/gateway/echo.ts";
import { echoServices } from "./echo-services.ts";

let server: Live;
let aws: ReturnType<typeof awsCli>;
let folder: string;
before(async () => {
  server = await live(echoServices());
  folder = await mkdtemp(join(tmpdir(), "mayfly-cli-"));
  aws = awsCli(server.endpoint, environment(secretAccessKey));
});
after(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});
const environment = (secret: string) => ({
  PATH: process.env.PATH ?? "",
  HOME: folder,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secret,
  AWS_DEFAULT_REGION: "eu-central-1",
  AWS_EC2_METADATA_DISABLED: "true",
});

test("awsJson", { skip: withoutAws }, async () => {
  const { pipeline, metadata } = await aws("codepipeline", "get-pipeline", "--name", "p", "--pipeline-version", "3");
  assert.deepEqual(pipeline, { name: "p", roleArn: `arn:aws:iam::${account}:user/me`, stages: [], version: 3 });
  assert.equal(new Date(metadata.created).getTime(), 1_700_000_000_000);
  await assert.rejects(aws("codepipeline", "get-pipeline", "--name", "none"), /PipelineNotFoundException.*no pipeline ü/);
  await assert.rejects(aws("codepipeline", "list-pipelines"), /NotImplementedException.*codepipeline:ListPipelines is not implemented/);
});
test("awsQuery", { skip: withoutAws }, async () => {
  assert.equal((await aws("sts", "get-caller-identity")).Arn, `arn:aws:iam::${account}:user/me`);
  const template = '{"Resources":{}}';
  const args = [
    "--template-body",
    template,
    "--parameters",
    "ParameterKey=a,ParameterValue=1 + 1",
    "--capabilities",
    "CAPABILITY_IAM",
    "CAPABILITY_NAMED_IAM",
    "--tags",
    "Key=k,Value=v",
  ];
  assert.deepEqual(JSON.parse((await aws("cloudformation", "create-stack", "--stack-name", "s", ...args)).StackId), [
    [{ ParameterKey: "a", ParameterValue: "1 + 1" }],
    ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    [{ Key: "k", Value: "v" }],
  ]);
  const { Stacks } = await aws("cloudformation", "describe-stacks", "--stack-name", "s");
  assert.equal(Stacks[0].Outputs[0].OutputValue, "<&>");
});
test("restJson", { skip: withoutAws }, async () => {
  const out = join(folder, "payload");
  const answer = await aws(
    "lambda",
    "invoke",
    "--function-name",
    "f",
    "--cli-binary-format",
    "raw-in-base64-out",
    "--payload",
    '{"a":1}',
    out,
  );
  assert.equal(answer.FunctionError, "f");
  assert.equal(await readFile(out, "utf8"), '{"a":1}');
  // This version asks for /functions/, with a slash at the end.
  assert.equal((await aws("lambda", "list-functions", "--page-size", "7")).Functions[0].FunctionName, "most 7");
  const arn = `arn:aws:lambda:eu-central-1:${account}:function:f`;
  assert.equal((await aws("lambda", "list-tags", "--resource", arn)).Tags.of, arn);
});
test("restXml, with signed streams and presigned addresses", { skip: withoutAws }, async () => {
  const [from, to] = [join(folder, "from"), join(folder, "to")];
  await writeFile(from, Buffer.alloc(300_000, "mayfly"));
  await aws("s3", "cp", from, "s3://bucket/a b/ü+%41");
  await aws("s3", "cp", "s3://bucket/a b/ü+%41", to);
  assert.deepEqual(await readFile(to), await readFile(from));
  assert.match(String(await aws("s3", "ls", "s3://bucket")), /k &/);
  const address = String(await aws("s3", "presign", "s3://bucket/a b/ü+%41")).trim();
  assert.equal((await (await fetch(address)).arrayBuffer()).byteLength, 300_000);
  assert.equal((await aws("s3api", "list-buckets")).Buckets[0].Name, "one");
  await assert.rejects(aws("s3api", "get-object", "--bucket", "bucket", "--key", "none", join(folder, "x")), /NoSuchKey/);
  await assert.rejects(aws("s3api", "get-bucket-acl", "--bucket", "bucket"), /NotImplemented.*s3:GetBucketAcl/);
});
test("a wrong secret is refused in each protocol's words", { skip: withoutAws }, async () => {
  const stranger = awsCli(server.endpoint, environment("guessed"));
  await assert.rejects(stranger("codepipeline", "get-pipeline", "--name", "p"), /InvalidSignatureException/);
  await assert.rejects(stranger("sts", "get-caller-identity"), /SignatureDoesNotMatch/);
  await assert.rejects(stranger("lambda", "list-functions"), /InvalidSignatureException/);
  await assert.rejects(stranger("s3api", "list-buckets"), /SignatureDoesNotMatch/);
});
