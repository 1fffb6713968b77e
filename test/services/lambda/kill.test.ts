/** Instances and the life of the server: killed with an event accepted, or left idle. */
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { startProcess } from "../../harness/process.ts";
import { until } from "../../harness/until.ts";
import { zipOf } from "./setting.ts";

const trust = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
};
const start = async () => {
  const server = await startProcess();
  const credentials = {
    accessKeyId: server.environment.AWS_ACCESS_KEY_ID as string,
    secretAccessKey: server.environment.AWS_SECRET_ACCESS_KEY as string,
  };
  const config = { endpoint: server.endpoint, region: "us-east-1", credentials };
  const role = await new IAMClient(config).send(
    new CreateRoleCommand({ RoleName: "functions", AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  const lambda = new LambdaClient(config);
  const make = async (FunctionName: string, code: string) => {
    const Code = { ZipFile: await zipOf({ "index.js": code }) };
    await lambda.send(
      new CreateFunctionCommand({ FunctionName, Role: role.Role?.Arn, Runtime: "nodejs20.x", Handler: "index.handler", Timeout: 10, Code }),
    );
  };
  const instances = async () => (await readdir(join(server.data, "containers"))).filter((name) => name.startsWith("lambda-"));
  return { server, lambda, make, instances };
};

test("an instance that nobody calls any more goes", async () => {
  process.env.MAYFLY_LAMBDA_IDLE_SECONDS = "1";
  const { server, lambda, make, instances } = await start();
  delete process.env.MAYFLY_LAMBDA_IDLE_SECONDS;
  try {
    await make("idle", "let n = 0; exports.handler = async () => ++n");
    await lambda.send(new InvokeCommand({ FunctionName: "idle" }));
    assert.equal((await instances()).length, 1);
    await until("no instance", async () => (await instances()).length === 0);
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: "idle" }));
    assert.equal(Buffer.from(Payload ?? []).toString(), "1");
  } finally {
    await server.end();
  }
});

test("an accepted event is delivered after a kill; nothing of the old instance stays", async () => {
  const posted: string[] = [];
  const listener = createServer(async (request, response) => {
    posted.push(await text(request));
    response.end();
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  const { server, lambda, make, instances } = await start();
  try {
    await make(
      "posting",
      `exports.handler = async (event) => { await fetch("http://127.0.0.1:${port}/", { method: "POST", body: String(event.n) }) }`,
    );
    await lambda.send(new InvokeCommand({ FunctionName: "posting", Payload: '{"n":1}' }));
    assert.deepEqual(posted, ["1"]);
    // It cannot be delivered before the kill.
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "posting", ReservedConcurrentExecutions: 0 }));
    await lambda.send(new InvokeCommand({ FunctionName: "posting", InvocationType: "Event", Payload: '{"n":2}' }));
    const [instance] = await instances();
    assert.ok(instance);
    await server.kill();
    // As far as a start gets that is killed at once.
    const begun = "lambda-00000000000000000000000000000000";
    await mkdir(join(server.data, "containers", begun));
    await server.restart();
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "posting" }));
    await until("the event", async () => posted.length === 2);
    assert.deepEqual(posted, ["1", "2"]);
    const left = await instances();
    assert.ok(!left.includes(instance) && !left.includes(begun));
  } finally {
    await server.end();
    listener.closeAllConnections();
    listener.close();
  }
});
