import assert from "node:assert/strict";
import { test } from "node:test";
import { eventOf, responseOf, type UrlRequest } from "./url-events.ts";

const least: UrlRequest = {
  urlId: "abc",
  host: "abc.lambda-url.us-east-1.localhost",
  method: "POST",
  path: "/a%20b/c",
  query: "x=1&x=2&y=%26",
  headers: { cookie: "one=1; two=2", "content-type": "application/json; charset=utf-8", "user-agent": "test" },
  body: Buffer.from('{"ä":1}'),
  sourceIp: "127.0.0.1",
  requestId: "id",
  now: new Date("2020-03-12T19:03:58.390Z"),
};

test("an event has AWS's shape", () => {
  assert.deepEqual(eventOf(least), {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/a%20b/c",
    rawQueryString: "x=1&x=2&y=%26",
    cookies: ["one=1", "two=2"],
    headers: { "content-type": "application/json; charset=utf-8", "user-agent": "test" },
    queryStringParameters: { x: "1,2", y: "&" },
    requestContext: {
      accountId: "anonymous",
      apiId: "abc",
      domainName: "abc.lambda-url.us-east-1.localhost",
      domainPrefix: "abc",
      http: { method: "POST", path: "/a%20b/c", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
      requestId: "id",
      routeKey: "$default",
      stage: "$default",
      time: "12/Mar/2020:19:03:58 +0000",
      timeEpoch: 1584039838390,
    },
    body: '{"ä":1}',
    isBase64Encoded: false,
  });
});

test("what is no text comes as base64, nothing as nothing", () => {
  const bytes = eventOf({ ...least, headers: { "content-type": "image/png" }, body: Buffer.from([0xff, 0]) });
  assert.deepEqual([bytes.body, bytes.isBase64Encoded], ["/wA=", true]);
  const empty = eventOf({ ...least, query: "", headers: {}, body: Buffer.alloc(0) });
  assert.deepEqual(
    [empty.body, empty.isBase64Encoded, empty.queryStringParameters, empty.cookies],
    [undefined, false, undefined, undefined],
  );
});

test("a signer is told", () => {
  const event = eventOf({
    ...least,
    signer: { account: "123456789012", arn: "arn:aws:iam::123456789012:user/u", id: "AIDA", accessKeyId: "AKIA" },
  });
  // biome-ignore lint/suspicious/noExplicitAny: only parts are looked at
  const { accountId, authorizer } = event.requestContext as any;
  assert.deepEqual(
    [accountId, authorizer.iam.userArn, authorizer.iam.accessKey],
    ["123456789012", "arn:aws:iam::123456789012:user/u", "AKIA"],
  );
});

const json = { "content-type": "application/json" };
const answers: [string, unknown, number, Record<string, unknown>, string][] = [
  ["a string is JSON", '"hello"', 200, json, '"hello"'],
  ["an object without statusCode is the body", '{"a":1}', 200, json, '{"a":1}'],
  ["null, too", "null", 200, json, "null"],
  [
    "status, headers, cookies, body",
    { statusCode: 201, headers: { "X-A": 1, Connection: "close" }, cookies: ["c=1"], body: "text" },
    201,
    { ...json, "x-a": "1", "set-cookie": ["c=1"] },
    "text",
  ],
  [
    "the function's own type",
    { statusCode: 200, headers: { "Content-Type": "text/html" }, body: "<p>" },
    200,
    { "content-type": "text/html" },
    "<p>",
  ],
  ["base64", { statusCode: 200, body: "aGk=", isBase64Encoded: true }, 200, json, "hi"],
  ["no body", { statusCode: 204 }, 204, json, ""],
  ["no status at all", { statusCode: "x" }, 502, json, "Internal Server Error"],
  ["no JSON at all", "oops", 502, json, "Internal Server Error"],
];
for (const [what, result, status, headers, body] of answers)
  test(`an answer: ${what}`, () => {
    const response = responseOf(Buffer.from(typeof result === "string" ? result : JSON.stringify(result)));
    assert.deepEqual([response.status, response.headers, Buffer.from(response.body).toString()], [status, headers, body]);
  });
