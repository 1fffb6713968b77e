/** The server is killed with an event accepted and an instance running. */
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
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { startProcess } from "../../harness/process.ts";
import { until } from "../../harness/until.ts";
import { zipOf } from "./setting.ts";

test("an accepted event is delivered after a kill; nothing of the old instance stays", async () => {
  const posted: string[] = [];
  const listener = createServer(async (request, response) => {
    posted.push(await text(request));
    response.end();
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const server = await startProcess();
  const client = <C>(of: new (config: object) => C) =>
    new of({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: {
        accessKeyId: server.environment.AWS_ACCESS_KEY_ID as string,
        secretAccessKey: server.environment.AWS_SECRET_ACCESS_KEY as string,
      },
    });
  try {
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    };
    const { Role } = await client(IAMClient).send(
      new CreateRoleCommand({ RoleName: "functions", AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    const lambda = client(LambdaClient);
    const { port } = listener.address() as AddressInfo;
    const code = `exports.handler = async (event) => { await fetch("http://127.0.0.1:${port}/", { method: "POST", body: String(event.n) }) }`;
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: "posting",
        Role: Role?.Arn,
        Runtime: "nodejs20.x",
        Handler: "index.handler",
        Timeout: 10,
        Code: { ZipFile: await zipOf({ "index.js": code }) },
      }),
    );
    await lambda.send(new InvokeCommand({ FunctionName: "posting", Payload: '{"n":1}' }));
    assert.deepEqual(posted, ["1"]);
    // It cannot be delivered before the kill.
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "posting", ReservedConcurrentExecutions: 0 }));
    await lambda.send(new InvokeCommand({ FunctionName: "posting", InvocationType: "Event", Payload: '{"n":2}' }));
    const containers = join(server.data, "containers");
    const left = async () => (await readdir(containers)).filter((name) => name.startsWith("lambda-"));
    const [instance] = await left();
    assert.ok(instance);
    await server.kill();
    await server.restart();
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "posting" }));
    await until("the event", async () => posted.length === 2);
    assert.deepEqual(posted, ["1", "2"]);
    assert.ok(!(await left()).includes(instance));
  } finally {
    await server.end();
    listener.closeAllConnections();
    listener.close();
  }
});
