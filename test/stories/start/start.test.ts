/** Starting the server: what it prints, writes, refuses, and how it ends. */
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { CreateBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { launcher, type ServerProcess, startProcess } from "../../harness/process.ts";
import { mustRun, runProgram } from "../../harness/programs.ts";
import { startServer } from "../../harness/server.ts";

describe("mayfly up", () => {
  let server: ServerProcess;
  before(async () => {
    server = await startProcess();
  });
  after(() => server.end());

  it("writes root credentials that work, for the owner alone", async () => {
    const file = join(server.data, "credentials");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const text = await readFile(file, "utf8");
    assert.match(text, /^\[mayfly\]\naws_access_key_id = \S+\naws_secret_access_key = \S+\n$/);
    const sts = new STSClient({
      endpoint: server.endpoint,
      region: "eu-west-1",
      credentials: {
        accessKeyId: server.environment.AWS_ACCESS_KEY_ID as string,
        secretAccessKey: server.environment.AWS_SECRET_ACCESS_KEY as string,
      },
    });
    assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Arn, "arn:aws:iam::123456789012:root");
    sts.destroy();
  });

  it("answers its health", async () => {
    const health = (await (await fetch(`${server.endpoint}/_mayfly/health`)).json()) as Record<string, string>;
    assert.deepEqual([health.engine, health.store], ["sandbox", "sqlite"]);
    assert.match(health.version ?? "", /^\d+\.\d+\.\d+$/);
  });

  it("idles under 160 MB", () => {
    const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
    const resident = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    assert.ok(resident < 160, `${resident} MB`);
  });

  it("refuses to be emptied, and a second server on its data", async () => {
    assert.equal((await fetch(`${server.endpoint}/_mayfly/reset`, { method: "POST" })).status, 403);
    const { code, stderr } = await runProgram(launcher, ["up", "--port", "0", "--data", server.data]);
    assert.equal(code, 1);
    assert.match(stderr, /in use by another Mayfly/);
  });

  it("keeps its credentials over a restart and ends with 0 at SIGTERM", async () => {
    const before = server.environment.AWS_ACCESS_KEY_ID;
    assert.equal(await server.stop(), 0);
    await server.restart();
    assert.equal(server.environment.AWS_ACCESS_KEY_ID, before);
  });

  it("writes a profile with its endpoint, and leaves other profiles alone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mayfly-profile-"));
    const env = {
      PATH: process.env.PATH as string,
      HOME: folder,
      AWS_CONFIG_FILE: join(folder, "config"),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials"),
    };
    await mustRun("sh", ["-c", `printf '[default]\\nregion = eu-west-1\\n' > ${folder}/config`]);
    await mustRun(launcher, ["env", "--write-profile", "--data", server.data], { env });
    const config = await readFile(env.AWS_CONFIG_FILE, "utf8");
    assert.match(config, /\[default\]\nregion = eu-west-1\n/);
    assert.ok(config.includes(`[profile mayfly]\nregion = us-east-1\nendpoint_url = ${server.endpoint}\n`), config);
    assert.equal(statSync(env.AWS_SHARED_CREDENTIALS_FILE).mode & 0o777, 0o600);
    await rm(folder, { recursive: true });
  });

  const refusals: [args: string[], complaint: RegExp][] = [
    [["--auth", "off", "--host", "0.0.0.0"], /--auth off is refused on 0\.0\.0\.0/],
    [["--port", "many"], /--port many: expected a number/],
    [["--engine", "podman"], /--engine podman: expected auto or sandbox or docker/],
    [["--nonsense"], /nonsense/],
  ];
  for (const [args, complaint] of refusals)
    it(`refuses ${args.join(" ")}`, async () => {
      const { code, stderr } = await runProgram(launcher, ["up", ...args]);
      assert.equal(code, 2);
      assert.match(stderr, complaint);
    });
});

describe("a server in memory", () => {
  it("is emptied by a reset, and goes on", async (t) => {
    const server = await startServer({ auth: "off" });
    t.after(() => server.stop());
    const s3 = server.client(S3Client, { credentials: { accessKeyId: "anything", secretAccessKey: "at all" } });
    await s3.send(new CreateBucketCommand({ Bucket: "gone-soon" }));
    assert.equal((await fetch(`${server.endpoint}/_mayfly/reset`, { method: "POST" })).status, 200);
    assert.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
    await s3.send(new CreateBucketCommand({ Bucket: "gone-soon" }));
  });
});
