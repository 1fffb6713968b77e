import { UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { type Files, type Setting, startSetting } from "./setting.ts";

const skip = existsSync("/usr/bin/python3") ? false : "python3 is not installed";
let setting: Setting;
before(async () => {
  setting = await startSetting();
});
after(() => setting.stop());

const python = (name: string, files: Files, more = {}) =>
  setting.make(name, files, { Runtime: "python3.11", Handler: "app.handler", ...more });

test("event, context and result", { skip }, async () => {
  await python("context", {
    "app.py": `
import os
def handler(event, context):
    return {"event": event, "id": context.aws_request_id, "name": context.function_name, "arn": context.invoked_function_arn,
            "left": context.get_remaining_time_in_millis(), "custom": context.client_context.custom, "memory": context.memory_limit_in_mb,
            "cwd": os.getcwd()}
`,
  });
  const { answer } = await setting.invoke(
    "context",
    { ä: [1, null] },
    { ClientContext: Buffer.from('{"custom":{"k":"ü"}}').toString("base64") },
  );
  assert.deepEqual(
    [answer.event, answer.name, answer.custom, answer.memory, answer.cwd],
    [{ ä: [1, null] }, "context", { k: "ü" }, "128", "/var/task"],
  );
  assert.match(answer.id, /^[0-9a-f-]{36}$/);
  assert.ok(answer.left > 10_000 && answer.left <= 20_000);
});

const handlers: [string, Files, string, unknown][] = [
  ["folders by dots", { "src/__init__.py": "", "src/app.py": "def handler(e, c): return 'dotted'" }, "src.app.handler", "dotted"],
  ["folders by slashes", { "src/app.py": "def handler(e, c): return 'slashed'" }, "src/app.handler", "slashed"],
  ["own modules", { "app.py": "import dep\ndef handler(e, c): return dep.value", "dep.py": "value = 'dep'" }, "app.handler", "dep"],
  ["no result", { "app.py": "def handler(e, c): pass" }, "app.handler", null],
  [
    "decimals and text",
    { "app.py": "from decimal import Decimal\ndef handler(e, c): return {'d': Decimal('1.5'), 't': 'ü'}" },
    "app.handler",
    { d: 1.5, t: "ü" },
  ],
];
for (const [index, [what, files, handler, expected]] of handlers.entries())
  test(`handlers: ${what}`, { skip }, async () => {
    await python(`handler${index}`, files, { Handler: handler });
    const { answer, error } = await setting.invoke(`handler${index}`);
    assert.deepEqual([answer, error], [expected, undefined]);
  });

const failures: [string, Files, string, string, RegExp][] = [
  ["module", { "other.py": "" }, "app.handler", "Runtime.ImportModuleError", /^Unable to import module 'app': No module named 'app'$/],
  ["handler", { "app.py": "x = 1" }, "app.handler", "Runtime.HandlerNotFound", /^Handler 'handler' missing on module 'app'$/],
  ["name", { "app.py": "" }, "app", "Runtime.MalformedHandlerName", /^Bad handler 'app'/],
  ["syntax", { "app.py": "def handler(:" }, "app.handler", "Runtime.UserCodeSyntaxError", /^Syntax error in module 'app': /],
  ["while loading", { "app.py": "raise KeyError('early')" }, "app.handler", "KeyError", /'early'/],
  [
    "result",
    { "app.py": "def handler(e, c): return object()" },
    "app.handler",
    "Runtime.MarshalError",
    /^Unable to marshal response: Object of type object is not JSON serializable$/,
  ],
  ["exit", { "app.py": "import sys\ndef handler(e, c): sys.exit(4)" }, "app.handler", "Runtime.ExitError", /exit status 4$/],
];
for (const [index, [what, files, handler, type, message]] of failures.entries())
  test(`errors: ${what}`, { skip }, async () => {
    await python(`failure${index}`, files, { Handler: handler });
    const { answer, error } = await setting.invoke(`failure${index}`);
    assert.deepEqual([error, answer.errorType], ["Unhandled", type]);
    assert.match(answer.errorMessage, message);
  });

test("an exception is told with its trace, and logged", { skip }, async () => {
  await python("raising", { "app.py": "def inner():\n    raise ValueError('boom')\ndef handler(e, c):\n    inner()\n" });
  const { answer, log } = await setting.invoke("raising");
  const { requestId, ...rest } = answer;
  assert.match(requestId, /^[0-9a-f-]{36}$/);
  assert.deepEqual(rest, {
    errorMessage: "boom",
    errorType: "ValueError",
    stackTrace: [
      '  File "/var/task/app.py", line 4, in handler\n    inner()\n',
      `  File "/var/task/app.py", line 2, in inner\n    raise ValueError('boom')\n`,
    ],
  });
  assert.match(log, /\n\[ERROR\] ValueError: boom\nTraceback \(most recent call last\):\n {2}File "\/var\/task\/app\.py", line 4/);
});

test("prints and the logging module, framed", { skip }, async () => {
  await python("talking", {
    "app.py":
      "import logging\nlogging.getLogger().setLevel('INFO')\nprint('loading')\ndef handler(e, c):\n    print('printed')\n    logging.info('logged\\nlines')\n    print('no end', end='')\n",
  });
  const { log } = await setting.invoke("talking");
  assert.match(
    log,
    /^START RequestId: ([0-9a-f-]{36}) Version: \$LATEST\nprinted\n\[INFO\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t\1\tlogged\nlines\nno end\nEND RequestId: \1\nREPORT RequestId: \1\t/,
  );
});

test("time is up when it is up", { skip }, async () => {
  await python("slow", { "app.py": "import time\ndef handler(e, c): time.sleep(30)" });
  await setting.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "slow", Timeout: 1 }));
  const { answer, log } = await setting.invoke("slow");
  assert.match(answer.errorMessage, /Task timed out after 1\.00 seconds$/);
  assert.match(log, /Status: timeout/);
});
