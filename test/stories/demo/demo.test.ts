/** `mayfly demo`: from nothing to a changed function that is live, with nothing left behind. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { launcher } from "../../harness/process.ts";
import { processes } from "../../harness/processes.ts";
import { mustRun, runProgram } from "../../harness/programs.ts";

const skip = existsSync("/usr/bin/bwrap") ? false : "bubblewrap is not installed";

describe("mayfly demo", { skip, timeout: 180_000 }, () => {
  /** Nothing on the PATH but what a bare machine has: no aws CLI. */
  const bare = async () => {
    const folder = await mkdtemp(join(tmpdir(), "mayfly-demo-test-"));
    return { folder, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: folder, TMPDIR: folder, AWS_PROFILE: "nobody" } };
  };

  it("shows both answers and the time from push to live, and leaves nothing", async () => {
    const { folder, env } = await bare();
    const { code, stdout, stderr } = await runProgram(launcher, ["demo"], { env });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /Hello, world \(commit [0-9a-f]{40}\)/);
    assert.match(stdout, /Hello again, world \(commit [0-9a-f]{40}\)/);
    assert.match(stdout, /From push to live: [\d.]+ s/);
    for (const action of ["Source", "Build", "CreateChangeSet", "ExecuteChangeSet"])
      assert.match(stdout, new RegExp(`${action} +Succeeded +[\\d.]+ s`));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("mayfly")),
      [],
    );
    assert.deepEqual(await processes(folder), []);
    await rm(folder, { recursive: true });
  });

  it("--keep leaves the server, which goes on delivering", async () => {
    const { folder, env } = await bare();
    const { code, stdout, stderr } = await runProgram(launcher, ["demo", "--keep"], { env });
    assert.equal(code, 0, stdout + stderr);
    const [, endpoint = "", pid = ""] = /stays at (\S+) \(process (\d+)/.exec(stdout) ?? [];
    try {
      assert.equal((await fetch(`${endpoint}/_mayfly/health`)).status, 200);
      const data = /data (\S+)\)/.exec(stdout)?.[1] as string;
      const exports = await mustRun(launcher, ["env", "--data", data], { env });
      assert.ok(exports.includes(`export AWS_ENDPOINT_URL=${endpoint}\n`));
    } finally {
      process.kill(Number(pid));
    }
    await mustRun("tail", [`--pid=${pid}`, "-f", "/dev/null"]);
    await rm(folder, { recursive: true });
  });
});
