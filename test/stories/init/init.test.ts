/** `mayfly init`: a git repository that somebody has already gets its delivery. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { ask } from "../../../src/cli/sample.ts";
import { launcher, type ServerProcess, startProcess } from "../../harness/process.ts";
import { mustRun, runProgram } from "../../harness/programs.ts";
import { until } from "../../harness/until.ts";

const skip = existsSync("/usr/bin/bwrap") ? false : "bubblewrap is not installed";

describe("mayfly init", { skip, timeout: 120_000 }, () => {
  let server: ServerProcess;
  let work: string;
  const env = () => ({ PATH: process.env.PATH as string, HOME: work, AWS_REGION: "eu-central-1", GIT_TERMINAL_PROMPT: "0" });
  const inWork = (program: string, ...args: string[]) => mustRun(program, args, { cwd: join(work, "my-app"), env: env() });
  before(async () => {
    server = await startProcess();
    work = await mkdtemp(join(tmpdir(), "mayfly-init-"));
    await cp(fileURLToPath(new URL("../../../demo/application", import.meta.url)), join(work, "my-app"), { recursive: true });
  });
  after(async () => {
    await server.end();
    await rm(work, { recursive: true, force: true });
  });

  it("says what is missing", async () => {
    const outside = await runProgram(launcher, ["init", "--data", server.data], { cwd: work, env: env() });
    assert.equal(outside.code, 1);
    assert.match(outside.stderr, /no git repository/);
  });

  it("then git push mayfly HEAD deploys", async () => {
    await inWork("git", "init", "-q", "-b", "trunk");
    await inWork("git", "config", "user.email", "you@example.com");
    await inWork("git", "config", "user.name", "You");
    const buildspec = join(work, "my-app/buildspec.yml");
    await writeFile(buildspec, (await readFile(buildspec, "utf8")).replace("'**/*'\n\ncache", "template.yml\n    - index.mjs\n\ncache"));
    await inWork("git", "add", "-A");
    await inWork("git", "commit", "-q", "-m", "Mine");
    const said = await inWork(launcher, "init", "--data", server.data);
    assert.match(said, /it deploys template\.yml/);
    await inWork("git", "push", "-q", "mayfly", "HEAD");
    const client = new CloudFormationClient({
      endpoint: server.endpoint,
      region: "eu-central-1",
      credentials: {
        accessKeyId: server.environment.AWS_ACCESS_KEY_ID as string,
        secretAccessKey: server.environment.AWS_SECRET_ACCESS_KEY as string,
      },
    });
    const stack = await until("the application's stack is there", async () => {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: "my-app" })).catch(() => ({ Stacks: [] }));
      return Stacks?.[0]?.StackStatus === "CREATE_COMPLETE" && Stacks[0];
    });
    const url = stack.Outputs?.find(({ OutputKey }) => OutputKey === "Url")?.OutputValue as string;
    assert.match((await ask(url)).body, /^Hello, world/);
    client.destroy();
  });
});
