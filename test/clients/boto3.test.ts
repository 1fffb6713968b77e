/** boto3, over every protocol. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mustRun, runProgram } from "../harness/programs.ts";
import { accessKeyId, account, type Live, live, secretAccessKey } from "../services/gateway/echo.ts";
import { echoServices } from "./echo-services.ts";

const python = "python3";
const found = await runProgram(python, ["-c", "import boto3"]).catch((error: Error) => ({ code: 1, stderr: error.message }));
const skip = found.code === 0 ? false : `${python} has no boto3`;

let server: Live;
before(async () => {
  server = await live(echoServices());
});
after(() => server.stop());

test("boto3", { skip }, async () => {
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? "/",
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  // A host name, not an address: else boto3 puts no bucket into it.
  const endpoint = server.endpoint.replace("127.0.0.1", "localhost");
  const answer = JSON.parse(await mustRun(python, [new URL("calls.py", import.meta.url).pathname, endpoint], { env }));
  assert.deepEqual(answer.json, { name: "p", roleArn: `arn:aws:iam::${account}:user/me`, stages: [], version: 3 });
  assert.equal(answer.jsonError, "PipelineNotFoundException");
  assert.equal(answer.notImplemented, "NotImplementedException");
  assert.deepEqual(answer.query, [{ OutputKey: "a", OutputValue: "<&>" }]);
  assert.equal(answer.restJson, '{"a":1}');
  for (const style of ["path", "virtual"]) {
    assert.equal(answer[`s3 ${style}`], 210_000);
    assert.equal(answer[`presigned ${style}`][1], "bytes");
  }
  assert.match(answer["presigned virtual"][0], /^http:\/\/bucket\.localhost:/);
  assert.equal(answer.s3Error, "NoSuchKey");
});
