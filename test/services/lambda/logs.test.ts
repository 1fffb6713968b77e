/** What functions write arrives in CloudWatch Logs; what is deployed outlives the server, its instances do not. */
import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { processes } from "../../harness/processes.ts";
import { startServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { startSetting } from "./setting.ts";

test("a stream per instance, its lines in order", async () => {
  const setting = await startSetting();
  const logs = setting.client(CloudWatchLogsClient);
  const logGroupName = "/aws/lambda/talking";
  /** Lines travel behind the answers: asks until that many are there. */
  const lines = (count: number) =>
    until(`${count} lines`, async () => {
      const { logStreams = [] } = await logs.send(new DescribeLogStreamsCommand({ logGroupName })).catch(() => ({ logStreams: [] }));
      const all = await Promise.all(
        logStreams.map(({ logStreamName }) => logs.send(new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true }))),
      );
      const messages = all.flatMap(({ events = [] }) => events.map(({ message }) => message as string));
      return messages.length >= count && { messages, streams: logStreams.map(({ logStreamName }) => logStreamName as string) };
    });
  try {
    await setting.make("talking", {
      "index.js": "console.log('loading'); exports.handler = async (e) => { console.log('said', e.n, '\\nmore') }",
    });
    await setting.invoke("talking", { n: 1 });
    await setting.invoke("talking", { n: 2 });
    const { messages, streams } = await lines(10);
    assert.equal(streams.length, 1);
    assert.match(streams[0] as string, /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    const shapes = [
      /^INIT_START Runtime Version: node v/,
      /\tINFO\tloading$/,
      /^START/,
      /\tINFO\tsaid 1 \nmore$/,
      /^END/,
      /^REPORT/,
      /^START/,
      /\tINFO\tsaid 2 \nmore$/,
      /^END/,
      /^REPORT/,
    ];
    assert.equal(messages.length, shapes.length);
    for (const [at, shape] of shapes.entries()) assert.match(messages[at] as string, shape);
    await logs.send(new DeleteLogGroupCommand({ logGroupName }));
    await setting.invoke("talking", { n: 3 });
    assert.equal((await lines(4)).messages.length, 4, "a deleted group is made again");
    await setting.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "talking", LoggingConfig: { LogGroup: "own" } }));
    await setting.invoke("talking", { n: 4 });
    await until(
      "the group of its own",
      async () =>
        (await logs.send(new DescribeLogStreamsCommand({ logGroupName: "own" })).catch(() => undefined))?.logStreams?.length === 1,
    );
  } finally {
    await setting.stop();
  }
});

test("functions outlive the server, instances do not", async () => {
  const data = await mkdtemp(join(tmpdir(), "mayfly-lambda-"));
  try {
    const setting = await startSetting({ data });
    await setting.make("lasting", { "index.js": "let n = 0; exports.handler = async () => ++n" });
    assert.deepEqual([(await setting.invoke("lasting")).answer, (await setting.invoke("lasting")).answer], [1, 2]);
    assert.ok((await processes(data)).length > 0, "an instance is warm");
    await setting.stop();
    assert.deepEqual(await processes(data), [], "nothing of it runs");
    const again = await startServer({ data });
    const { Payload } = await again.client(LambdaClient).send(new InvokeCommand({ FunctionName: "lasting" }));
    assert.equal(Buffer.from(Payload ?? []).toString(), "1");
    await again.stop();
    assert.deepEqual(await processes(data), []);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});
