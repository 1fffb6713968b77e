import { PublishLayerVersionCommand } from "@aws-sdk/client-lambda";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { runProgram } from "../../harness/programs.ts";
import { type Setting, startSetting, zipOf } from "./setting.ts";

const skip = (await runProgram("curl", ["--version"]).catch(() => undefined))?.code === 0 ? false : "curl is not installed";

let setting: Setting;
before(async () => {
  setting = await startSetting();
});
after(() => setting.stop());

/** AWS's own example of a runtime in shell, with curl. */
const bootstrap = (handle: string) => ({
  mode: 0o755,
  text: `#!/bin/sh
set -eu
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  headers=$(mktemp)
  event=$(curl -sS -LD "$headers" "$api/invocation/next")
  id=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$headers" | tr -d '[:space:]' | cut -d: -f2)
  ${handle}
done
`,
});
const provided = (name: string, handle: string, more = {}) =>
  setting.make(name, { bootstrap: bootstrap(handle) }, { Runtime: "provided.al2023", Handler: "any", ...more });

test("a bootstrap speaks the runtime API", { skip }, async () => {
  await provided(
    "shell",
    `echo "working on $event"; curl -sS "$api/invocation/$id/response" -d "{\\"handler\\":\\"$_HANDLER\\",\\"event\\":$event}" > /dev/null`,
  );
  const { answer, log } = await setting.invoke("shell", { a: 1 });
  assert.deepEqual(answer, { handler: "any", event: { a: 1 } });
  assert.match(log, /^START RequestId: .*\nworking on \{"a":1\}\nEND RequestId: .*\nREPORT RequestId: .*Init Duration/);
  assert.match((await setting.invoke("shell", { a: 2 })).log, /working on \{"a":2\}/);
});

test("it tells errors of an invocation and of its start", { skip }, async () => {
  await provided(
    "erring",
    `curl -sS "$api/invocation/$id/error" -H "Lambda-Runtime-Function-Error-Type: Handled" -d '{"errorType":"Own","errorMessage":"m"}' > /dev/null`,
  );
  const { answer, error } = await setting.invoke("erring");
  assert.deepEqual([answer, error], [{ errorType: "Own", errorMessage: "m" }, "Handled"]);
  await setting.make(
    "unstarted",
    {
      bootstrap: {
        mode: 0o755,
        text: `#!/bin/sh\ncurl -sS "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/init/error" -d '{"errorType":"Init","errorMessage":"i"}' > /dev/null; exit 1\n`,
      },
    },
    { Runtime: "provided.al2" },
  );
  assert.deepEqual((await setting.invoke("unstarted")).answer, { errorType: "Init", errorMessage: "i" });
});

test("a package without a bootstrap, or with one that does not run, is told so", { skip }, async () => {
  await setting.make("empty", { "other.sh": "" }, { Runtime: "provided.al2023" });
  const empty = await setting.invoke("empty");
  assert.deepEqual([empty.error, empty.answer.errorType], ["Unhandled", "Runtime.InvalidEntrypoint"]);
  assert.match(empty.answer.errorMessage, /Couldn't find valid bootstrap\(s\): \[\/var\/task\/bootstrap \/opt\/bootstrap\]$/);
  await setting.make("plain", { bootstrap: "no program" }, { Runtime: "provided.al2023" });
  const plain = await setting.invoke("plain");
  assert.deepEqual([plain.error, plain.answer.errorType], ["Unhandled", "Runtime.ExitError"]);
});

test("nobody but the instance speaks for it", { skip }, async () => {
  await provided("spied", `curl -sS "$api/invocation/$id/response" -d "\\"$AWS_LAMBDA_RUNTIME_API\\"" > /dev/null`);
  const address: string = (await setting.invoke("spied")).answer;
  const [host] = address.split("/");
  for (const token of ["", `/${"0".repeat(32)}`])
    assert.equal((await fetch(`http://${host}${token}/2018-06-01/runtime/invocation/next`)).status, 403);
  assert.equal((await fetch(`http://${address}/2018-06-01/runtime/invocation/other/response`, { method: "POST", body: "1" })).status, 400);
  assert.equal((await fetch(`http://${address}/2020-01-01/extension/register`, { method: "POST" })).status, 403);
});

test("layers lie over each other at /opt, and bring a bootstrap along", { skip }, async () => {
  const layer = async (name: string, files: Parameters<typeof zipOf>[0]) =>
    (await setting.lambda.send(new PublishLayerVersionCommand({ LayerName: name, Content: { ZipFile: await zipOf(files) } })))
      .LayerVersionArn as string;
  const runtime = await layer("runtime", {
    bootstrap: bootstrap(
      `curl -sS "$api/invocation/$id/response" -d "[\\"$(cat /opt/both)\\",\\"$(cat /opt/first)\\",\\"$(cat /var/task/own)\\"]" > /dev/null`,
    ),
    first: "first",
    both: "below",
  });
  const above = await layer("above", { both: "above" });
  await setting.make("layered", { own: "own" }, { Runtime: "provided.al2023", Layers: [runtime, above] });
  assert.deepEqual((await setting.invoke("layered")).answer, ["above", "first", "own"]);
});

test("a layer with extensions is refused by name", { skip }, async () => {
  const { LayerVersionArn } = await setting.lambda.send(
    new PublishLayerVersionCommand({
      LayerName: "extending",
      Content: { ZipFile: await zipOf({ "extensions/agent": { mode: 0o755, text: "#!/bin/sh\n" } }) },
    }),
  );
  await assert.rejects(provided("extended", "true", { Layers: [LayerVersionArn as string] }), {
    name: "NotImplementedException",
    message: /Lambda extensions/,
  });
});
