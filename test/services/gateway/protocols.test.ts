import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as pipeline from "@aws-sdk/client-codepipeline";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import { AwsJson1_0Protocol, AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";
import { createAws } from "../../../src/aws/clients.ts";
import type { Call } from "../../../src/services/service.ts";
import { account, type Live, live, signedAs } from "./echo.ts";

let server: Live;
const objects = new Map<string, Buffer>();
// biome-ignore lint/suspicious/noExplicitAny: echo handlers take every shape
type Any = any;

before(async () => {
  server = await live({
    codepipeline: {
      sdk: pipeline,
      entry: { signingName: "codepipeline", target: "CodePipeline_20150709", version: "2015-07-09" },
      handlers: {
        GetPipeline(input: Any, call: Call) {
          if (input.name === "none") throw new pipeline.PipelineNotFoundException({ message: "no such pipeline: ü", $metadata: {} });
          if (input.name === "broken") throw new TypeError("secret inner life");
          return {
            pipeline: { name: input.name, roleArn: call.principal.arn, stages: [], version: input.version },
            metadata: { created: new Date(1_700_000_000_500), pipelineArn: call.region },
          };
        },
      },
    },
    iam: {
      sdk: iam,
      entry: { signingName: "iam", version: "2010-05-08" },
      handlers: {
        CreateRole: (input: Any) => ({
          Role: { ...input, RoleId: "AROA", Arn: "arn", CreateDate: new Date(1_700_000_000_000), Path: "/" },
        }),
        GetRole() {
          throw new iam.NoSuchEntityException({ message: "no <role> & such", $metadata: {} });
        },
        DeleteRole: () => ({}),
      },
    },
    lambda: {
      sdk: lambda,
      entry: { signingName: "lambda", version: "2015-03-31" },
      handlers: {
        Invoke: (input: Any) => ({
          StatusCode: 202,
          Payload: input.Payload,
          LogResult: Buffer.from("log").toString("base64"),
          ExecutedVersion: input.Qualifier,
        }),
        ListFunctions: (input: Any) => ({ Functions: [{ FunctionName: String(input.MaxItems) }], NextMarker: input.Marker }),
        ListTags: (input: Any) => ({ Tags: { resource: input.Resource } }),
        DeleteFunction: () => ({}),
        GetFunction() {
          throw new lambda.ResourceNotFoundException({ Message: "Function not found: x", Type: "User", $metadata: {}, message: "" } as Any);
        },
      },
    },
    s3: {
      sdk: s3,
      entry: { signingName: "s3", version: "2006-03-01" },
      handlers: {
        async PutObject(input: Any) {
          objects.set(`${input.Bucket}/${input.Key}`, Buffer.from(await input.Body.transformToByteArray()));
          return { ETag: JSON.stringify(input.Metadata ?? {}) };
        },
        GetObject(input: Any) {
          const found = objects.get(`${input.Bucket}/${input.Key}`);
          if (!found) throw new s3.NoSuchKey({ message: "The specified key does not exist.", $metadata: {} });
          return {
            Body: found,
            ContentLength: found.length,
            ContentType: "text/plain",
            Metadata: { a: "b" },
            LastModified: new Date(1_700_000_000_000),
          };
        },
        HeadObject: (input: Any) => ({ ContentLength: 5, ContentType: input.Key }),
        UploadPart: (input: Any) => ({ ETag: `part ${input.PartNumber} of ${input.UploadId}` }),
        CopyObject: (input: Any) => ({ CopyObjectResult: { ETag: input.CopySource } }),
        ListBuckets: () => ({ Buckets: [{ Name: "one" }], Owner: { ID: "me" } }),
        ListObjectsV2: (input: Any) => ({ Name: input.Bucket, Prefix: input.Prefix, Contents: [{ Key: "a & b", Size: 3 }], KeyCount: 1 }),
        GetBucketLocation: (input: Any) => ({ LocationConstraint: input.Bucket === "eu" ? "eu-central-1" : undefined }),
      },
    },
  });
});
after(() => server.stop());

const kinds: Record<string, () => Any> = {
  "over a socket": () => signedAs(server.endpoint),
};
for (const [kind, config] of Object.entries(kinds)) {
  test(`awsJson ${kind}`, async () => {
    const client = new pipeline.CodePipelineClient(config());
    const got = await client.send(new pipeline.GetPipelineCommand({ name: "p", version: 3 }));
    assert.equal(got.pipeline?.name, "p");
    assert.equal(got.pipeline?.version, 3);
    assert.equal(got.pipeline?.roleArn, `arn:aws:iam::${account}:user/me`);
    assert.equal(got.metadata?.created?.getTime(), 1_700_000_000_500);
    assert.equal(got.metadata?.pipelineArn, "eu-central-1");
    await assert.rejects(client.send(new pipeline.GetPipelineCommand({ name: "none" })), (error: Any) => {
      assert.ok(error instanceof pipeline.PipelineNotFoundException);
      assert.equal(error.message, "no such pipeline: ü");
      return true;
    });
    await assert.rejects(client.send(new pipeline.ListPipelinesCommand({})), {
      name: "NotImplementedException",
      message: /codepipeline:ListPipelines/,
    });
    await assert.rejects(client.send(new pipeline.GetPipelineCommand({ name: "broken" })), (error: Any) => {
      assert.equal(error.name, "InternalFailure");
      assert.doesNotMatch(error.message, /inner life/);
      return true;
    });
    assert.match(server.logged.join(""), /secret inner life[\s\S]*requestId|requestId[\s\S]*secret inner life/);
    await assert.rejects(client.send(new pipeline.GetPipelineCommand({} as Any)), {
      name: "ValidationException",
      message: /Value null at 'name' failed/,
    });
  });

  for (const [protocol, of] of Object.entries({ "RPC v2 CBOR": AwsSmithyRpcV2CborProtocol, "awsJson 1.0": AwsJson1_0Protocol }))
    test(`${protocol} ${kind}, asked of a service that speaks awsJson 1.1 by itself`, async () => {
      const client = new pipeline.CodePipelineClient({ ...config(), protocol: of as Any });
      const got = await client.send(new pipeline.GetPipelineCommand({ name: "p", version: 3 }));
      assert.deepEqual([got.pipeline?.name, got.pipeline?.version, got.metadata?.created?.getTime()], ["p", 3, 1_700_000_000_500]);
      await assert.rejects(
        client.send(new pipeline.GetPipelineCommand({ name: "none" })),
        (error: Any) => error instanceof pipeline.PipelineNotFoundException && error.message === "no such pipeline: ü",
      );
      await assert.rejects(client.send(new pipeline.GetPipelineCommand({ name: "a b" })), { name: "ValidationException" });
      await assert.rejects(client.send(new pipeline.ListPipelinesCommand({})), { name: "NotImplementedException" });
    });

  test(`awsQuery ${kind}`, async () => {
    const client = new iam.IAMClient(config());
    const Tags = [
      { Key: "a", Value: "1 + 1 = 2 @ ü" },
      { Key: "b", Value: "" },
    ];
    const { Role } = await client.send(
      new iam.CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: "{ }", MaxSessionDuration: 3600, Tags }),
    );
    assert.deepEqual(Role?.Tags, Tags);
    assert.equal(Role?.MaxSessionDuration, 3600);
    assert.equal(Role?.CreateDate?.getTime(), 1_700_000_000_000);
    await assert.rejects(
      client.send(new iam.GetRoleCommand({ RoleName: "r" })),
      (error: Any) => error instanceof iam.NoSuchEntityException && error.message === "no <role> & such",
    );
    await client.send(new iam.DeleteRoleCommand({ RoleName: "r" }));
    await assert.rejects(client.send(new iam.ListUsersCommand({})), { name: "NotImplementedException" });
  });

  test(`restJson ${kind}`, async () => {
    const client = new lambda.LambdaClient(config());
    const invoked = await client.send(new lambda.InvokeCommand({ FunctionName: "f", Payload: Buffer.from('{"a":1}'), Qualifier: "live" }));
    assert.equal(invoked.StatusCode, 202);
    assert.equal(invoked.ExecutedVersion, "live");
    assert.equal(Buffer.from(invoked.Payload as Uint8Array).toString(), '{"a":1}');
    const listed = await client.send(new lambda.ListFunctionsCommand({ MaxItems: 7, Marker: "a b/c+d" }));
    assert.equal(listed.Functions?.[0]?.FunctionName, "7");
    assert.equal(listed.NextMarker, "a b/c+d");
    const arn = "arn:aws:lambda:eu-central-1:123456789012:function:f";
    assert.equal((await client.send(new lambda.ListTagsCommand({ Resource: arn }))).Tags?.resource, arn);
    await assert.rejects(client.send(new lambda.GetFunctionCommand({ FunctionName: "x" })), (error: Any) => {
      assert.ok(error instanceof lambda.ResourceNotFoundException);
      assert.equal(error.message, "Function not found: x");
      return true;
    });
    await client.send(new lambda.DeleteFunctionCommand({ FunctionName: "x" }));
  });

  test(`restXml ${kind}`, async () => {
    const client = new s3.S3Client(config());
    const Key = "a/../b//ü + %25.txt";
    const put = await client.send(new s3.PutObjectCommand({ Bucket: "bucket", Key, Body: "hello", Metadata: { who: "me" } }));
    assert.equal(put.ETag, '{"who":"me"}');
    const got = await client.send(new s3.GetObjectCommand({ Bucket: "bucket", Key }));
    assert.equal(await got.Body?.transformToString(), "hello");
    assert.deepEqual(got.Metadata, { a: "b" });
    assert.equal(got.LastModified?.getTime(), 1_700_000_000_000);
    await assert.rejects(
      client.send(new s3.GetObjectCommand({ Bucket: "bucket", Key: "none" })),
      (error: Any) => error instanceof s3.NoSuchKey,
    );
    const head = await client.send(new s3.HeadObjectCommand({ Bucket: "bucket", Key: "text/x" }));
    assert.equal(head.ContentLength, 5);
    assert.equal(head.ContentType, "text/x");
    const part = await client.send(new s3.UploadPartCommand({ Bucket: "bucket", Key: "k", PartNumber: 4, UploadId: "u", Body: "x" }));
    assert.equal(part.ETag, "part 4 of u");
    const copy = await client.send(new s3.CopyObjectCommand({ Bucket: "bucket", Key: "k", CopySource: "other/%C3%BC" }));
    assert.equal(copy.CopyObjectResult?.ETag, "other/%C3%BC");
    assert.equal((await client.send(new s3.ListBucketsCommand({}))).Buckets?.[0]?.Name, "one");
    const listed = await client.send(new s3.ListObjectsV2Command({ Bucket: "bucket", Prefix: "p q" }));
    assert.equal(listed.Prefix, "p q");
    assert.equal(listed.Contents?.[0]?.Key, "a & b");
    assert.equal((await client.send(new s3.GetBucketLocationCommand({ Bucket: "eu" }))).LocationConstraint, "eu-central-1");
    await assert.rejects(client.send(new s3.GetBucketAclCommand({ Bucket: "bucket" })), {
      name: "NotImplemented",
      message: /s3:GetBucketAcl/,
    });
  });
}

test("clients in this process", async () => {
  const aws = createAws({
    handle: server.gateway.handle,
    service: "codebuild",
    account,
    region: "us-west-2",
    assumeRole: async (roleArn, session) => ({
      kind: "role",
      account,
      arn: `arn:aws:sts::${account}:assumed-role/${roleArn.split("/").at(-1)}/${session}`,
      id: "AROA",
    }),
  });
  const asked = async (client: pipeline.CodePipelineClient) => await client.send(new pipeline.GetPipelineCommand({ name: "p" }));
  assert.equal((await asked(aws.client(pipeline.CodePipelineClient))).pipeline?.roleArn, "codebuild.amazonaws.com");
  assert.equal(
    (await asked(aws.at({ account, region: "eu-west-1" }).client(pipeline.CodePipelineClient))).metadata?.pipelineArn,
    "eu-west-1",
  );
  assert.equal(aws.client(pipeline.CodePipelineClient), aws.client(pipeline.CodePipelineClient));
  const role = aws.as("arn:aws:iam::123456789012:role/deploy", "run-1").client(pipeline.CodePipelineClient);
  assert.equal((await asked(role)).pipeline?.roleArn, `arn:aws:sts::${account}:assumed-role/deploy/run-1`);
  await assert.rejects(role.send(new pipeline.GetPipelineCommand({ name: "none" })), pipeline.PipelineNotFoundException);

  const bucket = aws.client(s3.S3Client);
  const { Readable } = await import("node:stream");
  const parts = [Buffer.alloc(70_000, "a"), Buffer.alloc(70_000, "b")];
  await bucket.send(new s3.PutObjectCommand({ Bucket: "bucket", Key: "stream", Body: Readable.from(parts), ContentLength: 140_000 }));
  const got = await bucket.send(new s3.GetObjectCommand({ Bucket: "bucket", Key: "stream" }));
  assert.equal((await got.Body?.transformToByteArray())?.length, 140_000);
  assert.equal(
    (await aws.client(iam.IAMClient).send(new iam.CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: "{}" }))).Role?.RoleName,
    "r",
  );
  const invoked = await aws.client(lambda.LambdaClient).send(new lambda.InvokeCommand({ FunctionName: "f", Payload: "{}" }));
  assert.equal(Buffer.from(invoked.Payload as Uint8Array).toString(), "{}");
});

test("a handler learns that its client went away", async () => {
  let began = () => {};
  const beginning = new Promise<void>((resolve) => (began = resolve));
  let gone = () => {};
  const going = new Promise<void>((resolve) => (gone = resolve));
  const waiting = await live(
    {
      codepipeline: {
        sdk: pipeline,
        entry: { signingName: "codepipeline", target: "CodePipeline_20150709", version: "2015-07-09" },
        handlers: {
          async GetPipeline(_: Any, call: Call) {
            call.signal?.addEventListener("abort", gone);
            began();
            await going;
          },
        },
      },
    },
    { auth: "off" },
  );
  const client = new pipeline.CodePipelineClient(signedAs(waiting.endpoint));
  const abort = new AbortController();
  const asked = client.send(new pipeline.GetPipelineCommand({ name: "p" }), { abortSignal: abort.signal });
  await beginning;
  abort.abort();
  await assert.rejects(asked, { name: "AbortError" });
  await going;
  await waiting.stop();
});

test("our own routes", async () => {
  const health = await fetch(`${server.endpoint}/_mayfly/health`);
  assert.equal(await health.text(), "ok");
});
