import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { Agent, request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import * as pipeline from "@aws-sdk/client-codepipeline";
import * as s3 from "@aws-sdk/client-s3";
import * as sts from "@aws-sdk/client-sts";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { ServiceError } from "../../../src/protocols/operations.ts";
import type { Call } from "../../../src/services/service.ts";
import { accessKeyId, account, ended, type Live, live, secretAccessKey, session, signedAs } from "./echo.ts";

// biome-ignore lint/suspicious/noExplicitAny: echo handlers take every shape
type Any = any;
let server: Live;
let open: Live;
const objects = new Map<string, Buffer>();

const echoes = {
  codepipeline: {
    sdk: pipeline,
    entry: { signingName: "codepipeline", target: "CodePipeline_20150709", version: "2015-07-09" },
    handlers: { GetPipeline: (input: Any, call: Call) => ({ pipeline: { name: input.name, roleArn: call.principal.arn, stages: [] } }) },
  },
  sts: {
    sdk: sts,
    entry: { signingName: "sts", version: "2011-06-15" },
    handlers: {
      GetCallerIdentity: (_: Any, call: Call) => ({ Account: call.account, Arn: call.principal.arn, UserId: call.principal.id }),
    },
    anonymous: new Set(["AssumeRoleWithWebIdentity"]),
  },
  s3: {
    sdk: s3,
    entry: { signingName: "s3", version: "2006-03-01" },
    handlers: {
      async PutObject(input: Any, call: Call) {
        if (input.Key === "unwanted") {
          for await (const _ of input.Body) break;
          throw new ServiceError("EntityTooLarge", "enough");
        }
        objects.set(input.Key, Buffer.from(await input.Body.transformToByteArray()));
        return {
          ETag: call.headers["x-amz-checksum-crc32"] ?? call.headers["x-amz-checksum-crc32c"] ?? "none",
          ...(input.ContentEncoding && { SSEKMSKeyId: input.ContentEncoding }),
        };
      },
      GetObject: (input: Any) => ({ Body: objects.get(input.Key) ?? Buffer.alloc(0) }),
      async DeleteObjects(input: Any) {
        return { Deleted: input.Delete.Objects };
      },
    },
  },
  web: {
    sdk: sts,
    entry: { signingName: "execute-web", version: "0", paths: [/^\/v1\/web/], hosts: [/^x\.web\./] },
    handlers: {},
    http: async (request: Any) => ({
      status: 200,
      headers: { "x-who": request.principal?.arn ?? "nobody" },
      body: await text(request.body),
    }),
  },
};
before(async () => {
  server = await live(echoes);
  open = await live(echoes, { auth: "off" });
});
after(() => Promise.all([server.stop(), open.stop()]));

const hash = (data: string) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();

/** A signer of our own, so that a request can be signed wrongly in exactly one way. */
function sign(options: {
  service?: string;
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string;
  time?: Date;
  secret?: string;
  leave?: string;
}) {
  const {
    service = "codepipeline",
    method = "POST",
    path = "/",
    query = "",
    body = "",
    time = new Date(),
    secret = secretAccessKey,
  } = options;
  const amzDate = time.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${amzDate.slice(0, 8)}/eu-central-1/${service}/aws4_request`;
  const headers: Record<string, string> = {
    host: new URL(server.endpoint).host,
    "x-amz-date": amzDate,
    "x-amz-content-sha256": hash(body),
    ...options.headers,
  };
  const names = Object.keys(headers)
    .filter((name) => name !== options.leave)
    .sort();
  const canonical = `${method}\n${path}\n${query}\n${names.map((name) => `${name}:${headers[name]}\n`).join("")}\n${names.join(";")}\n${headers["x-amz-content-sha256"]}`;
  const key = scope
    .split("/")
    .slice(0, 3)
    .reduce<Buffer | string>((k, part) => hmac(k, part), `AWS4${secret}`);
  const signature = createHmac("sha256", hmac(key as Buffer, "aws4_request"))
    .update(`AWS4-HMAC-SHA256\n${amzDate}\n${scope}\n${hash(canonical)}`)
    .digest("hex");
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}
const target = { "x-amz-target": "CodePipeline_20150709.GetPipeline", "content-type": "application/x-amz-json-1.1" };

/** As it is: nothing is normalised or added on the way. */
function send(
  headers: Record<string, string>,
  options: { method?: string; path?: string; body?: string | Buffer; to?: Live; agent?: Agent } = {},
): Promise<{ status: number; headers: Any; text: string }> {
  const { method = "POST", path = "/", body = "", to = server, agent } = options;
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(to.endpoint);
    const request = httpRequest(
      { hostname, port, method, path, agent, headers: { ...headers, "content-length": String(Buffer.byteLength(body)) } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => (text += part));
        response.on("error", reject).on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    request.on("error", reject).end(body);
  });
}
const body = '{"name":"p"}';
const errorCode = (text: string) => /"__type":"([^"]+)"/.exec(text)?.[1] ?? /<Code>([^<]+)</.exec(text)?.[1];

test("a request that is signed well is let in", async () => {
  const answer = await send(sign({ headers: target, body }), { body });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(JSON.parse(answer.text).pipeline.roleArn, `arn:aws:iam::${account}:user/me`);
});

const minutes = (n: number) => new Date(Date.now() + n * 60_000);
const rejected: Record<string, [() => Record<string, string>, string, string?]> = {
  "another secret": [() => sign({ headers: target, body, secret: "guessed" }), "InvalidSignatureException"],
  "a key nobody has": [
    () => ({
      ...sign({ headers: target, body }),
      authorization: sign({ headers: target, body }).authorization.replace(accessKeyId, "AKIAUNKNOWN"),
    }),
    "UnrecognizedClientException",
  ],
  "a changed signed header": [
    () => ({ ...sign({ headers: target, body }), "content-type": "application/x-amz-json-1.0" }),
    "InvalidSignatureException",
  ],
  "a changed body": [() => sign({ headers: target, body }), "InvalidSignatureException", '{"name":"q"}'],
  "a changed body with a changed hash": [
    () => ({ ...sign({ headers: target, body }), "x-amz-content-sha256": hash('{"name":"q"}') }),
    "InvalidSignatureException",
    '{"name":"q"}',
  ],
  "16 minutes ago": [() => sign({ headers: target, body, time: minutes(-16) }), "InvalidSignatureException"],
  "16 minutes ahead": [() => sign({ headers: target, body, time: minutes(16) }), "InvalidSignatureException"],
  "an unsigned x-amz-target": [() => sign({ headers: target, body, leave: "x-amz-target" }), "InvalidSignatureException"],
  "an unsigned host": [() => sign({ headers: target, body, leave: "host" }), "InvalidSignatureException"],
  "a header added later": [() => ({ ...sign({ headers: target, body }), "x-amz-meta-more": "1" }), "InvalidSignatureException"],
  "a session token on a key that has none": [
    () => sign({ headers: { ...target, "x-amz-security-token": "t" }, body }),
    "UnrecognizedClientException",
  ],
  "no signature": [() => ({ ...target }), "MissingAuthenticationTokenException"],
  "a torn header": [() => ({ ...target, authorization: "AWS4-HMAC-SHA256 Credential=x" }), "IncompleteSignatureException"],
  "a scope of another day": [
    () => {
      const headers = sign({ headers: target, body });
      return { ...headers, "x-amz-date": `1999${headers["x-amz-date" as never] as string}`.slice(0, 16) };
    },
    "IncompleteSignatureException",
  ],
};
for (const [what, [headers, code, sent = body]] of Object.entries(rejected))
  test(`refused: ${what}`, async () => {
    const answer = await send(headers(), { body: sent });
    assert.equal(errorCode(answer.text), code, answer.text);
    assert.ok(answer.status >= 400 && answer.status < 500);
    assert.ok(answer.headers["x-amzn-requestid"]);
  });
test("14 minutes are still near", async () => {
  for (const n of [-14, 14]) assert.equal((await send(sign({ headers: target, body, time: minutes(n) }), { body })).status, 200);
});

test("sessions carry their token", async () => {
  const arn = `arn:aws:sts::${account}:assumed-role/builder/one`;
  const good = new sts.STSClient(signedAs(server.endpoint, session));
  assert.equal((await good.send(new sts.GetCallerIdentityCommand({}))).Arn, arn);
  for (const sessionToken of [undefined, "another"])
    await assert.rejects(
      new sts.STSClient(signedAs(server.endpoint, { ...session, sessionToken })).send(new sts.GetCallerIdentityCommand({})),
      {
        name: /InvalidClientTokenId/,
      },
    );
});

test("a session that has ended is told so, in each protocol's words, and only who holds its secret", async () => {
  const config = signedAs(server.endpoint, ended);
  await assert.rejects(new sts.STSClient(config).send(new sts.GetCallerIdentityCommand({})), { name: /ExpiredToken/ });
  await assert.rejects(new pipeline.CodePipelineClient(config).send(new pipeline.GetPipelineCommand({ name: "p" })), {
    name: "ExpiredTokenException",
  });
  await assert.rejects(new s3.S3Client(config).send(new s3.GetObjectCommand({ Bucket: "bucket", Key: "k" })), { name: "ExpiredToken" });
  const guessing = signedAs(server.endpoint, { ...ended, secretAccessKey: "guessed" });
  await assert.rejects(new sts.STSClient(guessing).send(new sts.GetCallerIdentityCommand({})), { name: "SignatureDoesNotMatch" });
});

test("who did not sign in gets only what is open to all", async () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const closed = await send(form, { body: "Action=GetCallerIdentity&Version=2011-06-15" });
  assert.equal(errorCode(closed.text), "MissingAuthenticationToken");
  const free = await send(form, { body: "Action=AssumeRoleWithWebIdentity&Version=2011-06-15" });
  assert.equal(errorCode(free.text), "NotImplementedException");
  const object = await send({}, { method: "GET", path: "/bucket/key" });
  assert.equal(object.status, 403);
  assert.equal(errorCode(object.text), "AccessDenied");
});

test("with sign-in off anybody is root, and holders of real keys keep their name", async () => {
  const asked = async (credentials: { accessKeyId: string; secretAccessKey: string }) =>
    (await new sts.STSClient(signedAs(open.endpoint, credentials)).send(new sts.GetCallerIdentityCommand({}))).Arn;
  assert.equal(await asked({ accessKeyId: "test", secretAccessKey: "test" }), `arn:aws:iam::${account}:root`);
  assert.equal(await asked(session), `arn:aws:sts::${account}:assumed-role/builder/one`);
  const unsigned = await send(
    { "content-type": "application/x-www-form-urlencoded" },
    { body: "Action=GetCallerIdentity&Version=2011-06-15", to: open },
  );
  assert.match(unsigned.text, /:root</);
});

const bucketClient = (more: object = {}, to = server) => new s3.S3Client({ ...signedAs(to.endpoint), ...more });
test("presigned addresses", async () => {
  const client = bucketClient();
  const put = await getSignedUrl(client, new s3.PutObjectCommand({ Bucket: "bucket", Key: "a b/ü+1" }), { expiresIn: 60 });
  assert.equal((await fetch(put, { method: "PUT", body: "by address" })).status, 200);
  const get = await getSignedUrl(
    client,
    new s3.GetObjectCommand({ Bucket: "bucket", Key: "a b/ü+1", ResponseContentType: "text/x; a=b" }),
    { expiresIn: 60 },
  );
  assert.equal(await (await fetch(get)).text(), "by address");
  const refused = async (url: string, headers = {}) => {
    const answer = await fetch(url, { headers });
    assert.equal(answer.status, 403);
    return errorCode(await answer.text());
  };
  assert.equal(await refused(get.replace("ResponseContentType", "x").replace("text%2Fx", "text%2Fy")), "SignatureDoesNotMatch");
  assert.equal(await refused(get, { "x-amz-acl": "public-read" }), "AccessDenied");
  assert.equal((await fetch(get, { method: "PUT", body: "x" })).status, 403);
  const old = await getSignedUrl(client, new s3.GetObjectCommand({ Bucket: "bucket", Key: "k" }), {
    expiresIn: 60,
    signingDate: minutes(-2),
  });
  assert.equal(await refused(old), "AccessDenied");
});

const whole = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));
for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)
  test(`a streamed body with a trailing ${ChecksumAlgorithm}`, async () => {
    const { Readable } = await import("node:stream");
    const parts = [whole.subarray(0, 70_001), whole.subarray(70_001)];
    await bucketClient().send(
      new s3.PutObjectCommand({
        Bucket: "bucket",
        Key: ChecksumAlgorithm,
        Body: Readable.from(parts),
        ContentLength: whole.length,
        ChecksumAlgorithm,
      }),
    );
    assert.deepEqual(objects.get(ChecksumAlgorithm), whole);
  });

/** Signed chunks, as SDKs without trailers send them. */
function chunked(data: Buffer, options: { spoil?: boolean; cut?: boolean; trailer?: string } = {}) {
  const kind = options.trailer ? "STREAMING-UNSIGNED-PAYLOAD-TRAILER" : "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
  const headers = sign({
    service: "s3",
    method: "PUT",
    path: "/bucket/chunks",
    headers: {
      "x-amz-content-sha256": kind,
      "content-encoding": "aws-chunked",
      "x-amz-decoded-content-length": String(data.length),
      ...(options.trailer && { "x-amz-trailer": "x-amz-checksum-crc32" }),
    },
  });
  const [, credentials = "", first = ""] = /Credential=[^/]+\/([^,]+),.*Signature=(\w+)/.exec(headers.authorization) ?? [];
  const key = credentials
    .split("/")
    .slice(0, 3)
    .reduce<Buffer | string>((k, part) => hmac(k, part), `AWS4${secretAccessKey}`);
  const signing = hmac(key as Buffer, "aws4_request");
  let previous = first;
  const parts: Buffer[] = [];
  for (let at = 0; at <= data.length; at += 65_536) {
    const chunk = data.subarray(at, at + 65_536);
    if (chunk.length === 0) break;
    parts.push(...frame(chunk));
  }
  if (!options.cut)
    parts.push(
      ...frame(Buffer.alloc(0)).slice(0, 1),
      Buffer.from(options.trailer ? `x-amz-checksum-crc32:${options.trailer}\r\n\r\n` : "\r\n"),
    );
  function frame(chunk: Buffer): Buffer[] {
    const text = `AWS4-HMAC-SHA256-PAYLOAD\n${headers["x-amz-date" as never]}\n${credentials}\n${previous}\n${hash("")}\n${createHash("sha256").update(chunk).digest("hex")}`;
    previous = createHmac("sha256", signing).update(text).digest("hex");
    const sent = options.spoil && chunk.length > 0 ? Buffer.from(chunk.map((b) => b ^ 1)) : chunk;
    const size = chunk.length.toString(16);
    return [Buffer.from(options.trailer ? `${size}\r\n` : `${size};chunk-signature=${previous}\r\n`), sent, Buffer.from("\r\n")];
  }
  return { headers, body: Buffer.concat(parts) };
}
const putChunks = (made: ReturnType<typeof chunked>) =>
  send(made.headers as Any, { method: "PUT", path: "/bucket/chunks", body: made.body });

test("signed chunks", async () => {
  const answer = await putChunks(chunked(whole));
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(objects.get("chunks"), whole);
  assert.equal(answer.headers["x-amz-server-side-encryption-aws-kms-key-id"], undefined, "aws-chunked is no content encoding");
  assert.equal(errorCode((await putChunks(chunked(whole, { spoil: true }))).text), "SignatureDoesNotMatch");
  assert.equal(errorCode((await putChunks(chunked(whole, { cut: true }))).text), "IncompleteBody");
});
test("an unsigned stream with a trailing checksum", async () => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((await import("node:zlib")).crc32(whole));
  const answer = await putChunks(chunked(whole, { trailer: sum.toString("base64") }));
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers.etag, sum.toString("base64"), "the handler sees the trailer once the body is read");
  assert.equal(errorCode((await putChunks(chunked(whole, { trailer: "AAAAAA==" }))).text), "BadDigest");
});
test("a body that is not what its hash or checksum says", async () => {
  const put = (headers: Record<string, string>) =>
    send(sign({ service: "s3", method: "PUT", path: "/bucket/k", headers, body: "abc" }), {
      method: "PUT",
      path: "/bucket/k",
      body: "abd",
    });
  assert.equal(errorCode((await put({})).text), "XAmzContentSHA256Mismatch");
  const unsigned = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
  assert.equal((await put(unsigned)).status, 200);
  assert.equal(
    errorCode((await put({ ...unsigned, "x-amz-checksum-sha256": createHash("sha256").update("abc").digest("base64") })).text),
    "BadDigest",
  );
  assert.equal(errorCode((await put({ ...unsigned, "content-md5": createHash("md5").update("abc").digest("base64") })).text), "BadDigest");
  assert.equal(errorCode((await put({ ...unsigned, "content-md5": "short" })).text), "InvalidDigest");
});
test("who gives up on a body still answers", async () => {
  const path = "/bucket/unwanted";
  const large = Buffer.alloc(8_000_000);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const more of [{}, { "x-amz-checksum-crc32": "AAAAAA==" }] as Record<string, string>[])
    assert.equal(
      errorCode(
        (
          await send(sign({ service: "s3", method: "PUT", path, headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", ...more } }), {
            method: "PUT",
            path,
            body: large,
            agent,
          })
        ).text,
      ),
      "EntityTooLarge",
    );
  assert.equal((await send(sign({ headers: target, body }), { body, agent })).status, 200, "the connection goes on");
  agent.destroy();
});
test("S3's own refusals", async () => {
  const get = async (headers: Record<string, string>) => errorCode((await send(headers, { method: "GET", path: "/bucket/k" })).text);
  const signed = (more: object = {}) => sign({ service: "s3", method: "GET", path: "/bucket/k", ...more });
  assert.equal(await get(signed({ secret: "guessed" })), "SignatureDoesNotMatch");
  assert.equal(await get(signed({ time: minutes(-16) })), "RequestTimeTooSkewed");
  assert.equal(await get({ authorization: "AWS AKIA:old" }), "InvalidRequest");
  const { "x-amz-content-sha256": _, ...without } = signed({ leave: "x-amz-content-sha256" }) as Record<string, string>;
  assert.equal(await get(without), "InvalidRequest");
});

test("a service's own HTTP", async () => {
  const plain = await send({ authorization: "Basic eDp5" }, { path: "/v1/web/x", body: "hello" });
  assert.equal(plain.text, "hello");
  assert.equal(plain.headers["x-who"], "nobody");
  const signed = sign({ service: "execute-web", path: "/v1/web/x", body: "hello" });
  assert.equal((await send(signed, { path: "/v1/web/x", body: "hello" })).headers["x-who"], `arn:aws:iam::${account}:user/me`);
  assert.equal((await send(signed, { path: "/v1/web/x", body: "jello" })).status, 403);
  assert.equal((await send({ host: "x.web.localhost:80" }, { path: "/any/where", body: "by host" })).text, "by host");
  // The path is taken, but what is signed for S3 is a bucket called v1.
  objects.set("web/x", Buffer.from("object"));
  assert.equal(
    (await send(sign({ service: "s3", method: "GET", path: "/v1/web/x" }), { method: "GET", path: "/v1/web/x" })).text,
    "object",
  );
});
