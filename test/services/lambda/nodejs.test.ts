import { UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Setting, startSetting } from "./setting.ts";

let setting: Setting;
before(async () => {
  setting = await startSetting();
});
after(() => setting.stop());

const node = (name: string, code: string, more = {}) => setting.make(name, { "index.js": code }, more);

test("event, context and result", async () => {
  await node("context", "exports.handler = async (event, context) => ({ event, ...context, left: context.getRemainingTimeInMillis() })");
  const { answer } = await setting.invoke(
    "context",
    { ä: [1, null] },
    { ClientContext: Buffer.from('{"custom":{"k":"ü"}}').toString("base64") },
  );
  assert.deepEqual(answer.event, { ä: [1, null] });
  assert.equal(answer.functionName, "context");
  assert.equal(answer.invokedFunctionArn, `arn:aws:lambda:us-east-1:${setting.account}:function:context`);
  assert.match(answer.awsRequestId, /^[0-9a-f-]{36}$/);
  assert.deepEqual(answer.clientContext, { custom: { k: "ü" } });
  assert.ok(answer.left > 10_000 && answer.left <= 20_000);
});

test("an instance serves one call after another, and keeps what it holds", async () => {
  await node("warm", "let calls = 0; exports.handler = async () => ++calls");
  const answers = [];
  for (let i = 0; i < 5; i++) answers.push((await setting.invoke("warm")).answer);
  assert.deepEqual(answers, [1, 2, 3, 4, 5]);
});

test("calls at the same time have instances of their own", async () => {
  await node(
    "wide",
    "const id = Math.random(); let busy = 0; exports.handler = async () => { busy++; await new Promise((r) => setTimeout(r, 300)); return { id, busy: busy-- }; }",
  );
  const all = await Promise.all([1, 2, 3].map(() => setting.invoke("wide")));
  assert.equal(new Set(all.map(({ answer }) => answer.id)).size, 3);
  assert.ok(all.every(({ answer }) => answer.busy === 1));
});

const handlers: [string, Record<string, string>, string, unknown][] = [
  [
    "callbacks",
    { "index.js": "exports.handler = (event, context, callback) => setTimeout(() => callback(null, 'called'), 5)" },
    "index.handler",
    "called",
  ],
  ["context.succeed", { "index.js": "exports.handler = (event, context) => context.succeed('done')" }, "index.handler", "done"],
  [
    "callbacks that do not wait",
    { "index.js": "exports.handler = (e, c, cb) => { c.callbackWaitsForEmptyEventLoop = false; setInterval(() => {}, 1e6); cb(null, 1) }" },
    "index.handler",
    1,
  ],
  [
    "callbacks that wait",
    { "index.js": "exports.handler = (e, c, cb) => { const r = {}; setTimeout(() => { r.late = true }, 50); cb(null, r) }" },
    "index.handler",
    { late: true },
  ],
  ["a returned value that is no promise", { "index.js": "exports.handler = () => 'ignored'" }, "index.handler", null],
  [
    "ES modules by extension",
    { "index.mjs": "const x = await Promise.resolve('esm'); export const handler = async () => x" },
    "index.handler",
    "esm",
  ],
  [
    "ES modules by package.json",
    { "package.json": '{"type":"module"}', "index.js": "export const handler = async () => 'typed'" },
    "index.handler",
    "typed",
  ],
  ["folders and members", { "src/app.js": "exports.a = { b: async () => 'deep' }" }, "src/app.a.b", "deep"],
  ["no result", { "index.js": "exports.handler = async () => {}" }, "index.handler", null],
  [
    "own modules",
    { "index.js": "exports.handler = async () => require('dep')", "node_modules/dep/index.js": "module.exports = 'dep'" },
    "index.handler",
    "dep",
  ],
  [
    "the SDK",
    { "index.mjs": "import { S3Client } from '@aws-sdk/client-s3'; export const handler = async () => typeof S3Client" },
    "index.handler",
    "function",
  ],
];
for (const [index, [what, files, handler, expected]] of handlers.entries())
  test(`handlers: ${what}`, async () => {
    await setting.make(`handler${index}`, files, { Handler: handler });
    const { answer, error } = await setting.invoke(`handler${index}`);
    assert.deepEqual([answer, error], [expected, undefined]);
  });

const failures: [string, Record<string, string>, string, string, RegExp][] = [
  ["thrown", { "index.js": "exports.handler = async () => { throw new TypeError('boom') }" }, "index.handler", "TypeError", /^boom$/],
  [
    "by callback",
    { "index.js": "exports.handler = (e, c, cb) => cb(new Error('called back'))" },
    "index.handler",
    "Error",
    /^called back$/,
  ],
  ["no error at all", { "index.js": "exports.handler = async () => { throw 'text' }" }, "index.handler", "string", /^text$/],
  ["module", { "other.js": "" }, "index.handler", "Runtime.ImportModuleError", /^Error: Cannot find module 'index'/],
  ["dependency", { "index.js": "require('absent')" }, "index.handler", "Runtime.ImportModuleError", /^Error: Cannot find module 'absent'/],
  [
    "export",
    { "index.js": "exports.other = 1" },
    "index.handler",
    "Runtime.HandlerNotFound",
    /^index\.handler is undefined or not exported$/,
  ],
  ["syntax", { "index.js": "exports.handler = async () => {" }, "index.handler", "Runtime.UserCodeSyntaxError", /SyntaxError/],
  ["name", { "index.js": "" }, "index", "Runtime.MalformedHandlerName", /'index' is not a valid handler name/],
  ["while loading", { "index.js": "throw new RangeError('early')" }, "index.handler", "RangeError", /^early$/],
  [
    "rejection",
    { "index.js": "exports.handler = () => { Promise.reject(new Error('nobody')) ; return new Promise(() => setTimeout(() => {}, 1e6)) }" },
    "index.handler",
    "Runtime.UnhandledPromiseRejection",
    /Error: nobody/,
  ],
  [
    "uncaught",
    { "index.js": "exports.handler = () => new Promise(() => setTimeout(() => { throw new Error('later') }, 1))" },
    "index.handler",
    "Error",
    /^later$/,
  ],
  [
    "circular",
    { "index.js": "exports.handler = async () => { const a = {}; a.a = a; return a }" },
    "index.handler",
    "Runtime.MarshalError",
    /Unable to stringify response body/,
  ],
];
for (const [index, [what, files, handler, type, message]] of failures.entries())
  test(`errors: ${what}`, async () => {
    await setting.make(`failure${index}`, files, { Handler: handler });
    const { answer, error, log } = await setting.invoke(`failure${index}`);
    assert.equal(error, "Unhandled");
    assert.equal(answer.errorType, type);
    assert.match(answer.errorMessage, message);
    assert.ok(Array.isArray(answer.trace));
    assert.match(log, /END RequestId: [0-9a-f-]{36}\nREPORT RequestId/);
    assert.equal((await setting.invoke(`failure${index}`)).answer.errorType, type, "the next call fails alike");
  });

test("an exit is told", async () => {
  await node("exiting", "exports.handler = async () => process.exit(3)");
  const { answer, error } = await setting.invoke("exiting");
  assert.equal(error, "Unhandled");
  assert.equal(answer.errorType, "Runtime.ExitError");
  assert.match(answer.errorMessage, /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 3$/);
});

test("time is up when it is up, and the next call finds a new instance", async () => {
  await node(
    "slow",
    "let calls = 0; exports.handler = async (e) => { calls++; if (e.wait) { console.log('waiting'); while (true); } return calls }",
    { Timeout: 1 },
  );
  assert.equal((await setting.invoke("slow", {})).answer, 1);
  const began = performance.now();
  const { answer, error, log } = await setting.invoke("slow", { wait: true });
  const took = performance.now() - began;
  assert.equal(error, "Unhandled");
  assert.equal(answer.errorType, "Sandbox.Timedout");
  assert.match(answer.errorMessage, /Error: Task timed out after 1\.00 seconds$/);
  assert.ok(took >= 1000 && took < 3000, `${took} ms`);
  assert.match(log, /\twaiting\n\d{4}-[^ ]+ [0-9a-f-]{36} Task timed out after 1\.00 seconds\nEND RequestId/);
  assert.match(log, /REPORT RequestId: .*Duration: 1\d\d\d\.\d\d ms.*Status: timeout/);
  assert.equal((await setting.invoke("slow", {})).answer, 1, "nothing of the old instance is left");
});

test("more memory than allowed ends it", { skip: process.getuid?.() !== 0 && "only root may limit memory here" }, async () => {
  await node("greedy", "exports.handler = async () => { const held = []; for (;;) held.push(Buffer.alloc(8 << 20, 1)) }", {
    MemorySize: 128,
    Timeout: 15,
  });
  const { answer } = await setting.invoke("greedy");
  assert.match(answer.errorType, /^Runtime\.(OutOfMemory|ExitError)$/);
});

test("answers larger than allowed are refused", async () => {
  await node("large", "exports.handler = async ({ size }) => 'x'.repeat(size)");
  assert.equal((await setting.invoke("large", { size: 6_000_000 })).answer.length, 6_000_000);
  const { answer, error } = await setting.invoke("large", { size: 6_300_000 });
  assert.equal(error, "Unhandled");
  assert.equal(answer.errorType, "Function.ResponseSizeTooLarge");
  assert.equal((await setting.invoke("large", { size: 1 })).answer, "x", "the instance goes on");
});

test("the log has what the function wrote, framed", async () => {
  await node(
    "talking",
    "console.log('loading'); exports.handler = async () => { console.log('one\\ntwo'); console.error('three'); process.stdout.write('no line end') }",
  );
  const { log } = await setting.invoke("talking");
  const lines = log.split("\n");
  assert.match(lines[0] ?? "", /^START RequestId: [0-9a-f-]{36} Version: \$LATEST$/);
  assert.match(lines[1] ?? "", /^\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f-]{36}\tINFO\tone$/);
  assert.equal(lines[2], "two");
  assert.match(lines[3] ?? "", /\tERROR\tthree$/);
  assert.equal(lines[4], "no line end");
  assert.match(lines[5] ?? "", /^END RequestId/);
  assert.match(
    lines[6] ?? "",
    /^REPORT RequestId: [0-9a-f-]{36}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t$/,
  );
  assert.doesNotMatch((await setting.invoke("talking")).log, /Init Duration/);
});

test("nothing of the code or of the machine can be written, /tmp can", async () => {
  await node(
    "writing",
    `const fs = require("fs");
     const attempt = (path) => { try { fs.writeFileSync(path, "x"); return "written" } catch (error) { return error.code } };
     exports.handler = async () => [attempt("/var/task/x"), attempt("/usr/x"), attempt("/opt/x"), attempt("/tmp/x"), fs.existsSync(${JSON.stringify(fileURLToPath(import.meta.url))})]`,
  );
  const { answer } = await setting.invoke("writing");
  assert.deepEqual(answer, ["EROFS", "EROFS", "EROFS", "written", false]);
});

test("the role's credentials and our endpoint are at hand", async () => {
  await node(
    "caller",
    `const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");
     exports.handler = async () => (await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn`,
  );
  // Loading an SDK client takes its time.
  await setting.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "caller", MemorySize: 512 }));
  assert.equal((await setting.invoke("caller")).answer, `arn:aws:sts::${setting.account}:assumed-role/functions/caller`);
});
