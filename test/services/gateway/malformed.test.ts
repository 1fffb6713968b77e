import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as commit from "@aws-sdk/client-codecommit";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as pipeline from "@aws-sdk/client-codepipeline";
import * as s3 from "@aws-sdk/client-s3";
import { type Live, live } from "./echo.ts";

// biome-ignore lint/suspicious/noExplicitAny: echo handlers take every shape
type Any = any;
let server: Live;
let called = 0;
const count = () => {
  called++;
  return {};
};
before(async () => {
  server = await live(
    {
      codepipeline: {
        sdk: pipeline,
        entry: { signingName: "codepipeline", target: "CodePipeline_20150709", version: "2015-07-09" },
        handlers: {
          GetPipeline: (input: Any) => ({ pipeline: { name: input.name, roleArn: JSON.stringify(Object.keys(input)), stages: [] } }),
          CreatePipeline: count,
          TagResource: count,
        },
      },
      codecommit: {
        sdk: commit,
        entry: { signingName: "codecommit", target: "CodeCommit_20150413", version: "2015-04-13" },
        handlers: { GetRepository: count, CreateBranch: count },
      },
      iam: { sdk: iam, entry: { signingName: "iam", version: "2010-05-08" }, handlers: { GetRole: count, CreateRole: count } },
      lambda: {
        sdk: lambda,
        entry: { signingName: "lambda", version: "2015-03-31" },
        handlers: { GetFunction: count, CreateFunction: count },
      },
      s3: {
        sdk: s3,
        entry: { signingName: "s3", version: "2006-03-01" },
        handlers: { DeleteObjects: count, GetObject: count, ListObjects: count },
      },
    },
    { auth: "off" },
  );
});
after(() => server.stop());

async function json(operation: string, body: string, service = "CodePipeline_20150709") {
  const answer = await fetch(server.endpoint, {
    method: "POST",
    body,
    headers: { "x-amz-target": `${service}.${operation}`, "content-type": "application/x-amz-json-1.1" },
  });
  return { status: answer.status, ...(JSON.parse(await answer.text()) as { __type: string; message: string; pipeline?: Any }) };
}
async function other(path: string, method: string, body?: string, headers: Record<string, string> = {}) {
  const answer = await fetch(server.endpoint + path, { method, headers, ...(body !== undefined && { body }) });
  const text = await answer.text();
  return { status: answer.status, text, code: answer.headers.get("x-amzn-errortype") ?? /<Code>([^<]+)</.exec(text)?.[1] };
}
const form = { "content-type": "application/x-www-form-urlencoded" };
const deep = (n: number) => "[".repeat(n) + "]".repeat(n);

const unreadable: Record<string, string> = {
  "no JSON": "{",
  "a list": "[]",
  "a string": '"x"',
  null: "null",
  "a number for a string": '{"name":1}',
  "a structure for a string": '{"name":{"a":1}}',
  "a string for a number": '{"name":"p","version":"one"}',
  depth: `{"name":${deep(50_000)}}`,
};
for (const [what, body] of Object.entries(unreadable))
  test(`JSON: ${what}`, async () => {
    const answer = await json("GetPipeline", body);
    assert.equal(answer.status, 400);
    assert.equal(answer.__type, "SerializationException", answer.message);
  });
test("JSON: nulls in lists and depth where the model recurses no deeper", async () => {
  assert.equal(
    (await json("TagResource", '{"resourceArn":"arn:aws:codepipeline:us-east-1:123456789012:p","tags":[null]}')).__type,
    "SerializationException",
  );
  assert.equal(
    (await json("CreatePipeline", `{"pipeline":{"name":"p","roleArn":"arn:aws:iam::123456789012:role/r","stages":${deep(20_000)}}}`))
      .status,
    400,
  );
});
test("JSON: __type and unknown members are passed over", async () => {
  const answer = await json("GetPipeline", '{"name":"p","__type":"X","constructor":1,"__proto__":{"version":3},"more":2}');
  assert.equal(answer.pipeline.roleArn, '["name"]');
});
test("an unknown operation is named", async () => {
  const answer = await json("FlyAway", "{}");
  assert.deepEqual([answer.status, answer.__type], [400, "UnknownOperationException"]);
  assert.match(answer.message, /FlyAway/);
  const query = await other("/", "POST", "Action=FlyAway&Version=2010-05-08", form);
  assert.deepEqual([query.status, query.code], [400, "InvalidAction"]);
  assert.match(query.text, /FlyAway/);
});
test("a service that is not there is named", async () => {
  const answer = await fetch(server.endpoint, { method: "POST", headers: { "x-amz-target": "DynamoDB_20120810.ListTables" }, body: "{}" });
  assert.equal(answer.status, 501);
  assert.match(await answer.text(), /NotImplementedException.*DynamoDB_20120810/);
});

test("rules of inputs are complained of in AWS's words", async () => {
  const long = await json("GetPipeline", JSON.stringify({ name: "x".repeat(101) }));
  assert.equal(long.__type, "ValidationException");
  assert.equal(
    long.message,
    `1 validation error detected: Value '${"x".repeat(101)}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 100`,
  );
  const several = await json("GetPipeline", '{"name":"a b","version":0}');
  assert.match(
    several.message,
    /^2 validation errors detected: .*regular expression pattern: \[A-Za-z0-9\.@\\-_\]\+; Value '0' at 'version' .*value greater than or equal to 1$/,
  );
  const inner = await json(
    "CreatePipeline",
    '{"pipeline":{"name":"p","roleArn":"arn:aws:iam::123456789012:role/r","stages":[{"name":"s","actions":[{"name":"a","actionTypeId":{"category":"Fly","owner":"AWS","provider":"x","version":"1"}}]}]}}',
  );
  assert.match(
    inner.message,
    /'Fly' at 'pipeline.stages.1.member.actions.1.member.actionTypeId.category' failed to satisfy constraint: Member must satisfy enum value set: \[Source, Build/,
  );
  const missing = await json("GetPipeline", "{}");
  assert.equal(missing.message, "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null");
});
test("CodeCommit has its own exceptions", async () => {
  assert.equal((await json("GetRepository", "{}", "CodeCommit_20150413")).__type, "RepositoryNameRequiredException");
  assert.equal((await json("CreateBranch", '{"repositoryName":"r"}', "CodeCommit_20150413")).__type, "BranchNameRequiredException");
  const before = called;
  await json("GetRepository", `{"repositoryName":"${"x".repeat(200)}"}`, "CodeCommit_20150413");
  assert.equal(called, before + 1, "what a name may be is told by the service");
});
test("query: rules, types and depth", async () => {
  const ask = (body: string) => other("/", "POST", `Version=2010-05-08&${body}`, form);
  assert.equal((await ask("Action=GetRole&RoleName=a%20b")).code, "ValidationError");
  assert.equal((await ask("Action=GetRole")).code, "ValidationError");
  assert.equal((await ask("Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=d&MaxSessionDuration=long")).code, "MalformedInput");
  assert.equal((await ask("Action=GetRole&RoleName=%ZZ")).status, 400);
  assert.equal((await ask(`Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=d&Tags.member.${"1.".repeat(30_000)}=x`)).status, 400);
  assert.equal((await ask("Action=GetRole&RoleName=r&__proto__.x=1&constructor.y=2")).status, 200);
});
test("REST: bad escapes, bad bodies, unknown paths", async () => {
  assert.equal((await other("/2015-03-31/functions/%ZZ", "GET")).status, 400);
  assert.deepEqual([(await other("/2015-03-31/functions", "POST", "{")).code], ["InvalidRequestContentException"]);
  assert.equal((await other("/2015-03-31/functions", "POST", deep(50_000))).status, 400);
  assert.deepEqual([(await other("/2015-03-31/nothing/here", "GET")).status], [404]);
  assert.equal((await other("/2015-03-31/functions/f%20g", "GET")).code, "ValidationException");
});
test("S3: bad XML, bad escapes, subresources without a handler", async () => {
  const erase = (body: string) => other("/bucket?delete", "POST", body);
  assert.equal((await erase("<Delete><Object>")).code, "MalformedXML");
  assert.equal((await erase(`<Delete>${"<a>".repeat(20_000)}${"</a>".repeat(20_000)}</Delete>`)).status, 400);
  assert.equal((await erase("<Delete/>")).code, "MalformedXML");
  const entities = Array.from({ length: 12 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join("");
  const started = performance.now();
  await erase(`<!DOCTYPE x [<!ENTITY e0 "x">${entities}]><Delete><Object><Key>&e12;</Key></Object></Delete>`);
  assert.ok(performance.now() - started < 2_000, "entities are not multiplied");
  assert.equal((await other("/bucket/%ZZ", "GET")).status, 400);
  assert.deepEqual([(await other("/bucket?acl", "GET")).code], ["NotImplemented"], "no other operation answers in its place");
  assert.equal((await other("/bucket/key", "PATCH")).code, "MethodNotAllowed");
});
test("the server is none the worse for all that", () => assert.doesNotMatch(server.logged.join(""), /TypeError|RangeError/));
