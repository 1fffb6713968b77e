import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  ListFunctionUrlConfigsCommand,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
  UpdateFunctionUrlConfigCommand,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { SignatureV4 } from "@smithy/signature-v4";
import assert from "node:assert/strict";
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { until } from "../../harness/until.ts";
import { type Setting, startSetting, zipOf } from "./setting.ts";

let setting: Setting;
before(async () => {
  setting = await startSetting();
});
after(() => setting.stop());

/** The hash that the signer is given. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as string);
  }
  update(data: string | Uint8Array) {
    this.#hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.#hash.digest());
  }
}

const echo = {
  "index.js":
    "exports.handler = async (event) => ({ statusCode: 201, headers: { 'X-Own': 'yes' }, cookies: ['a=1', 'b=2'], body: JSON.stringify(event) })",
};
const open = (FunctionName: string, Qualifier?: string) =>
  setting.lambda.send(
    new AddPermissionCommand({
      FunctionName,
      Qualifier,
      StatementId: "url",
      Action: "lambda:InvokeFunctionUrl",
      Principal: "*",
      FunctionUrlAuthType: "NONE",
    }),
  );
/** The test's own process resolves no `*.localhost`: the host travels in the header alone. */
const get = async (url: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}) => {
  const { host, pathname, search, port } = new URL(url);
  return new Promise<{ status: number; headers: Record<string, string | string[] | undefined>; text: string }>((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, path: pathname + search, method: options.method ?? "GET", headers: { host, ...options.headers } },
      async (response) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: await text(response) }),
    );
    request.on("error", reject);
    request.end(options.body);
  });
};

test("a URL is open only to whom the policy names", async () => {
  await setting.make("open", echo);
  const made = await setting.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: "open", AuthType: "NONE" }));
  const url = made.FunctionUrl as string;
  assert.match(url, /^http:\/\/[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost:\d+\/$/);
  assert.deepEqual([(await get(url)).status, (await get(url)).text], [403, '{"Message":"Forbidden"}']);
  await open("open");
  const answered = await get(`${url}a/b?x=1&x=2`, {
    method: "POST",
    headers: { "content-type": "text/plain", cookie: "c=1" },
    body: "body",
  });
  assert.equal(answered.status, 201);
  assert.deepEqual([answered.headers["x-own"], answered.headers["set-cookie"]], ["yes", ["a=1", "b=2"]]);
  const event = JSON.parse(answered.text);
  assert.deepEqual(
    [
      event.version,
      event.rawPath,
      event.rawQueryString,
      event.queryStringParameters,
      event.cookies,
      event.body,
      event.isBase64Encoded,
      event.requestContext.http.method,
    ],
    ["2.0", "/a/b", "x=1&x=2", { x: "1,2" }, ["c=1"], "body", false, "POST"],
  );
  const id = new URL(url).host.split(".")[0];
  const byPath = await fetch(`${setting.endpoint}/_mayfly/url/${id}/a/b?x=1`);
  assert.deepEqual([byPath.status, ((await byPath.json()) as { rawPath: string }).rawPath], [201, "/a/b"]);
  await setting.lambda.send(new RemovePermissionCommand({ FunctionName: "open", StatementId: "url" }));
  assert.equal((await get(url)).status, 403);
  await assert.rejects(setting.lambda.send(new GetPolicyCommand({ FunctionName: "open" })), { name: "ResourceNotFoundException" });
});

test("a URL of an alias moves with it", async () => {
  const saying = (word: string) => ({ "index.js": `exports.handler = async () => ${JSON.stringify(word)}` });
  await setting.make("moving", saying("old"), { Publish: true });
  await setting.lambda.send(new CreateAliasCommand({ FunctionName: "moving", Name: "live", FunctionVersion: "1" }));
  const { FunctionUrl = "", FunctionArn } = await setting.lambda.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: "moving", Qualifier: "live", AuthType: "NONE" }),
  );
  assert.match(FunctionArn ?? "", /:moving:live$/);
  await open("moving", "live");
  assert.deepEqual([(await get(FunctionUrl)).text, (await get(FunctionUrl)).headers["content-type"]], ['"old"', "application/json"]);
  const { Version } = await setting.lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: "moving", ZipFile: await zipOf(saying("new")), Publish: true }),
  );
  assert.equal((await get(FunctionUrl)).text, '"old"');
  await setting.lambda.send(new UpdateAliasCommand({ FunctionName: "moving", Name: "live", FunctionVersion: Version }));
  assert.equal((await get(FunctionUrl)).text, '"new"');
});

test("before the first call by a URL an instance of the new version is ready", async () => {
  const logs = setting.client(CloudWatchLogsClient);
  const born = (n: number) => ({ "index.js": `console.log('loaded ${n}'); const born = Date.now(); exports.handler = async () => born` });
  await setting.make("ready", born(1), { Publish: true });
  await setting.lambda.send(new CreateAliasCommand({ FunctionName: "ready", Name: "live", FunctionVersion: "1" }));
  const { FunctionUrl = "" } = await setting.lambda.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: "ready", Qualifier: "live", AuthType: "NONE" }),
  );
  await open("ready", "live");
  await setting.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "ready", ZipFile: await zipOf(born(2)), Publish: true }));
  await setting.lambda.send(new UpdateAliasCommand({ FunctionName: "ready", Name: "live", FunctionVersion: "2" }));
  await until("an instance of version 2", async () => {
    const found = await logs
      .send(new FilterLogEventsCommand({ logGroupName: "/aws/lambda/ready", filterPattern: '"loaded 2"' }))
      .catch(() => undefined);
    return found?.events?.length === 1;
  });
  const asked = Date.now();
  const answer = Number((await get(FunctionUrl)).text);
  assert.ok(answer > 0 && answer <= asked, `born ${answer - asked} ms after the call`);
});

test("with AWS_IAM only signed requests come through", async () => {
  await setting.make("signed", echo);
  const { FunctionUrl = "" } = await setting.lambda.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: "signed", AuthType: "AWS_IAM" }),
  );
  await open("signed");
  assert.equal((await get(FunctionUrl)).status, 403);
  const { hostname, port, host } = new URL(FunctionUrl);
  const signer = new SignatureV4({ service: "lambda", region: "us-east-1", credentials: setting.credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    protocol: "http:",
    hostname,
    port: Number(port),
    method: "GET",
    path: "/",
    query: {},
    headers: { host },
  });
  const answered = await get(FunctionUrl, { headers });
  assert.equal(answered.status, 201);
  assert.equal(JSON.parse(answered.text).requestContext.authorizer.iam.userArn, `arn:aws:iam::${setting.account}:root`);
});

test("errors, throttles and strangers", async () => {
  await setting.make("failing", { "index.js": "exports.handler = async () => { throw new Error('x') }" });
  const { FunctionUrl = "" } = await setting.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: "failing", AuthType: "NONE" }));
  await open("failing");
  assert.deepEqual([(await get(FunctionUrl)).status, (await get(FunctionUrl)).text], [502, "Internal Server Error"]);
  await setting.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "failing", ReservedConcurrentExecutions: 0 }));
  assert.equal((await get(FunctionUrl)).status, 429);
  assert.equal((await fetch(`${setting.endpoint}/_mayfly/url/${"a".repeat(32)}/`)).status, 403);
});

test("browsers of allowed origins are answered", async () => {
  await setting.make("cors", echo);
  const { FunctionUrl = "" } = await setting.lambda.send(
    new CreateFunctionUrlConfigCommand({
      FunctionName: "cors",
      AuthType: "NONE",
      Cors: { AllowOrigins: ["https://app.example.com"], AllowMethods: ["PUT"], MaxAge: 5 },
    }),
  );
  await open("cors");
  const origin = "https://app.example.com";
  const asked = await get(FunctionUrl, { method: "OPTIONS", headers: { origin, "access-control-request-method": "PUT" } });
  assert.deepEqual(
    [asked.status, asked.headers["access-control-allow-methods"], asked.headers["access-control-max-age"], asked.text],
    [200, "PUT", "5", ""],
  );
  assert.equal((await get(FunctionUrl, { headers: { origin } })).headers["access-control-allow-origin"], origin);
  assert.equal(
    (await get(FunctionUrl, { headers: { origin: "https://other.example.com" } })).headers["access-control-allow-origin"],
    undefined,
  );
});

test("a URL is described, changed, listed and deleted", async () => {
  await setting.make("kept", echo);
  await assert.rejects(setting.lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: "kept" })), {
    name: "ResourceNotFoundException",
  });
  await assert.rejects(
    setting.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: "kept", AuthType: "NONE", InvokeMode: "RESPONSE_STREAM" })),
    { name: "NotImplementedException" },
  );
  const made = await setting.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: "kept", AuthType: "AWS_IAM" }));
  await assert.rejects(setting.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: "kept", AuthType: "NONE" })), {
    name: "ResourceConflictException",
  });
  const updated = await setting.lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: "kept", AuthType: "NONE" }));
  assert.deepEqual([updated.FunctionUrl, updated.AuthType, updated.InvokeMode], [made.FunctionUrl, "NONE", "BUFFERED"]);
  const { FunctionUrlConfigs } = await setting.lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName: "kept" }));
  assert.deepEqual(
    FunctionUrlConfigs?.map(({ FunctionUrl }) => FunctionUrl),
    [made.FunctionUrl],
  );
  await setting.lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName: "kept" }));
  assert.equal((await get(made.FunctionUrl as string)).status, 403);
  await assert.rejects(setting.lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName: "kept" })), {
    name: "ResourceNotFoundException",
  });
});
