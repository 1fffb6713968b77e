/** Through Debian's aws CLI, as people type it. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { awsCli, withoutAws } from "../../harness/programs.ts";
import { type Setting, startSetting, zipOf } from "./setting.ts";

let setting: Setting;
let scratch: string;
let aws: ReturnType<typeof awsCli>;
before(async () => {
  setting = await startSetting();
  scratch = await mkdtemp(join(tmpdir(), "mayfly-cli-"));
  aws = awsCli(setting.endpoint, setting.environment);
});
after(async () => {
  await setting.stop();
  await rm(scratch, { recursive: true });
});

test("create, wait, invoke with the log's tail, update, list, delete", { skip: withoutAws }, async () => {
  const zip = join(scratch, "f.zip");
  const out = join(scratch, "out.json");
  await writeFile(zip, await zipOf({ "app.py": "def handler(event, context):\n    print('seen', event)\n    return {'got': event}\n" }));
  const lambda = (...args: string[]) => aws("lambda", ...args);
  const made = await lambda(
    "create-function",
    "--function-name",
    "f",
    "--runtime",
    "python3.9",
    "--role",
    setting.role,
    "--handler",
    "app.handler",
    "--zip-file",
    `fileb://${zip}`,
  );
  assert.equal(made.State, "Active");
  await lambda("wait", "function-active-v2", "--function-name", "f");
  const invoked = await lambda(
    "invoke",
    "--function-name",
    "f",
    "--cli-binary-format",
    "raw-in-base64-out",
    "--payload",
    '{"a":1}',
    "--log-type",
    "Tail",
    out,
  );
  assert.deepEqual([invoked.StatusCode, invoked.ExecutedVersion], [200, "$LATEST"]);
  assert.match(Buffer.from(invoked.LogResult, "base64").toString(), /seen \{'a': 1\}/);
  assert.deepEqual(JSON.parse(await readFile(out, "utf8")), { got: { a: 1 } });
  await lambda("update-function-configuration", "--function-name", "f", "--handler", "app.none");
  await lambda("wait", "function-updated-v2", "--function-name", "f");
  assert.equal((await lambda("invoke", "--function-name", "f", out)).FunctionError, "Unhandled");
  const published = await lambda("publish-version", "--function-name", "f");
  await lambda("create-alias", "--function-name", "f", "--name", "live", "--function-version", published.Version);
  assert.equal((await lambda("get-alias", "--function-name", "f", "--name", "live")).FunctionVersion, "1");
  assert.deepEqual(
    (await lambda("list-functions")).Functions.map(({ FunctionName }: { FunctionName: string }) => FunctionName),
    ["f"],
  );
  await lambda("delete-function", "--function-name", "f");
  await assert.rejects(
    lambda("get-function", "--function-name", "f"),
    /ResourceNotFoundException.*Function not found: arn:aws:lambda:us-east-1:\d+:function:f/s,
  );
});
