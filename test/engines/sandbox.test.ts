import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { extract } from "tar-stream";
import { engineContract, output, outputUntil, shellSpec } from "../../src/engines/engine.contract.ts";
import { type Engine, EngineUnavailable } from "../../src/engines/engine.ts";
import { chooseEngine } from "../../src/engines/index.ts";
import { logTo } from "../../src/lib/log.ts";
import { processes } from "../harness/processes.ts";

const log = logTo(() => {});
const make = async () => {
  const data = await mkdtemp(join(tmpdir(), "mayfly-engine-"));
  const folder = join(data, "containers");
  const restarted = () => chooseEngine("sandbox", { folder, log });
  const engine = restarted();
  await engine.check();
  return {
    data,
    folder,
    engine,
    restarted,
    async close() {
      await engine.sweep(new Set());
      await rm(data, { recursive: true, force: true });
    },
  };
};

engineContract("sandbox", make);

/** cgroups that bear that name. */
const groupsOf = async (name: string) => {
  const all = await Promise.all(
    ["memory", "pids", "cpu", "mayfly"].map((controller) => readdir(`/sys/fs/cgroup/${controller}`, { recursive: true }).catch(() => [])),
  );
  return all.flat().filter((path) => path.includes(name));
};

describe("sandbox", () => {
  let subject: Awaited<ReturnType<typeof make>>;
  let engine: Engine;
  let awake: NodeJS.Timeout;
  before(async () => {
    awake = setInterval(() => {}, 1000);
    subject = await make();
    engine = subject.engine;
  });
  after(async () => {
    clearInterval(awake);
    await subject.close();
  });
  const run = async (command: string, more = {}) => {
    const container = await engine.start(shellSpec(command, more));
    const text = await output(container);
    const exit = await container.wait();
    await container.remove();
    return { text, exit };
  };

  it("shows nothing of this machine but its toolchains", async () => {
    const mark = `planted-${process.pid}`;
    const planted = [
      join(subject.data, mark),
      ...(process.getuid?.() === 0 ? [`/root/${mark}`, `/home/${mark}`, `/var/${mark}`, `/etc/${mark}`] : []),
    ];
    try {
      for (const file of planted) await writeFile(file, "secret");
      const { text } = await run(
        `find / -name '${mark}' -not -path '/proc/*' 2>/dev/null; ls /root /home /srv /mnt /boot 2>/dev/null; cat /etc/shadow /etc/ssl/private/* 2>/dev/null`,
      );
      assert.equal(text.replace(/^\/(root|home):$/gm, "").trim(), "");
    } finally {
      for (const file of planted) await rm(file, { force: true });
    }
  });

  it("gives exactly the environment asked for, and hides it from this machine's process list", async () => {
    process.env.MAYFLY_TEST_LEAK = "leaked";
    const spec = shellSpec("env | sort; sleep 30", { environment: { PATH: "/usr/bin:/bin", TOKEN: "s3cr3t value\nof two lines" } });
    const container = await engine.start(spec);
    const text = await outputUntil(container, "TOKEN");
    assert.doesNotMatch(text, /leaked|GROUPS_TO_JOIN|LC_ALL/);
    assert.match(text, /TOKEN=s3cr3t value\n?/);
    assert.deepEqual(await processes("s3cr3t"), []);
    delete process.env.MAYFLY_TEST_LEAK;
    await container.remove();
  });

  it("keeps the system and the kernel's switches read-only", async () => {
    const { text } = await run(
      "for f in /usr/x /etc/passwd /proc/sys/kernel/core_pattern /proc/sys/vm/swappiness; do (cat $f > /tmp/old; cat /tmp/old > $f) 2>/dev/null && echo written $f; done; mount -t tmpfs none /mnt 2>/dev/null && echo mounted; mknod /tmp/disk b 254 0 2>/dev/null && echo device; true",
    );
    assert.equal(text, "");
  });

  it("has a home, temporary folders and a root of its own to write in", async () => {
    const { text, exit } = await run("touch ~/a /tmp/b /var/tmp/c && mkdir /data && echo $HOME $(id -u) $(cd && pwd)");
    assert.deepEqual([text, exit], ["/root 0 /root\n", { code: 0 }]);
  });

  it("mounts folders, writable or not", async () => {
    const from = join(subject.data, "work");
    await mkdir(from);
    await writeFile(join(from, "in"), "given");
    const mounts = [
      { from, to: "/codebuild/output/src/src", writable: true },
      { from, to: "/given", writable: false },
    ];
    const { text } = await run("pwd; cat in; echo made > out; touch /given/no 2>/dev/null || echo read-only", {
      mounts,
      folder: "/codebuild/output/src/src",
    });
    assert.equal(text, "/codebuild/output/src/src\ngivenread-only\n");
    assert.equal(await readFile(join(from, "out"), "utf8"), "made\n");
  });

  it("refuses a mount that is not there, and leaves nothing", async () => {
    const spec = shellSpec("true", { mounts: [{ from: join(subject.data, "absent"), to: "/x", writable: false }] });
    await assert.rejects(engine.start(spec), /ENOENT.*absent/);
    assert.equal(existsSync(join(subject.folder, spec.id)), false);
    assert.deepEqual(await groupsOf(spec.id), []);
  });

  it("refuses images it does not have", async () => {
    await assert.rejects(
      engine.start(shellSpec("true", { image: "ubuntu:24.04" })),
      (error: Error) => error instanceof EngineUnavailable && /ubuntu:24.04/.test(error.message),
    );
  });

  it("keeps output that a command writes to /dev/stdout and /dev/stderr", async () => {
    const { text } = await run("echo one; echo two > /dev/stderr; echo three > /dev/stdout; echo four | tee /dev/stderr");
    assert.equal(text, "one\ntwo\nthree\nfour\nfour\n");
  });

  it("answers a folder as a tar, and none outside", async () => {
    const container = await engine.start(
      shellSpec(
        "mkdir /tmp/d && echo x > /tmp/d/f && ln -s /etc /tmp/d/out && sleep 30 & echo; while ! [ -e /tmp/d/out ]; do :; done; echo ready; wait",
      ),
    );
    await outputUntil(container, "ready");
    const names: string[] = [];
    const tar = extract();
    (await container.read("/tmp/d")).pipe(tar);
    for await (const entry of tar) {
      names.push(entry.header.name);
      entry.resume();
    }
    assert.deepEqual(names.sort(), ["./", "./f", "./out"]);
    await assert.rejects(container.read("/tmp/d/out"), /leads out|ENOENT/);
    await assert.rejects(container.read("/etc"), /not a folder/);
    await container.remove();
  });

  it("asks politely first when there is a grace", async () => {
    const container = await engine.start(shellSpec("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.1; done"));
    await outputUntil(container, "ready");
    await container.stop(10);
    assert.match(await output(container), /bye/);
    assert.deepEqual(await container.wait(), { lost: "stopped" });
    await container.remove();
  });

  it("leaves no daemon behind, at the end and at a stop", async () => {
    const mark = `9${process.pid}`;
    assert.deepEqual((await run(`setsid sleep ${mark} >/dev/null 2>&1 & exit 0`)).exit, { code: 0 });
    assert.deepEqual(await processes(`sleep\0${mark}`), []);
    const container = await engine.start(shellSpec(`(setsid sleep ${mark} &) ; nohup sleep ${mark} & echo ready; sleep ${mark}`));
    await outputUntil(container, "ready");
    await container.remove();
    assert.deepEqual(await processes(`sleep\0${mark}`), []);
  });

  // Without a limit the bomb takes the processes of everybody on the machine.
  const unlimited =
    (process.getuid?.() !== 0 && "only root may limit processes here") ||
    (!existsSync("/sys/fs/cgroup/pids") && !existsSync("/sys/fs/cgroup/cgroup.controllers") && "this machine has no cgroups");
  it("survives a fork bomb and ends it", { skip: unlimited }, async () => {
    const container = await engine.start(shellSpec("echo ready; bomb() { bomb | bomb & }; bomb; sleep 30"));
    await outputUntil(container, "ready");
    await container.remove();
    assert.equal(await engine.find(container.id), undefined);
  });

  it("says when memory ran out", { skip: process.getuid?.() !== 0 && "only root may limit memory here" }, async () => {
    const { exit } = await run("head -c 200m /dev/zero | tail | wc -c; exit 9", { limits: { seconds: 30, memoryMb: 64, cpus: 1 } });
    assert.deepEqual(exit, { lost: "out-of-memory" });
  });

  it("says when it vanished", async () => {
    const spec = shellSpec("echo ready; sleep 30");
    const container = await engine.start(spec);
    await outputUntil(container, "ready");
    const [, pid = ""] = /"child-pid": (\d+)/.exec(await readFile(join(subject.folder, spec.id, "status"), "utf8")) ?? [];
    const parent = Number(/^PPid:\s*(\d+)/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]);
    process.kill(parent, "SIGKILL");
    assert.deepEqual(await container.wait(), { lost: "vanished" });
    assert.deepEqual(await processes(`${spec.id}/root`), []);
    await container.remove();
  });

  it("outlives a killed server, or dies with it, as asked", async () => {
    const [stays, goes] = [shellSpec("echo ready; sleep 30"), shellSpec("echo ready; sleep 30", { diesWithServer: true })];
    const server = join(subject.data, "server.ts");
    const source = new URL("../../src/", import.meta.url).href;
    await writeFile(
      server,
      `import { chooseEngine } from "${source}engines/index.ts"; import { logTo } from "${source}lib/log.ts"; import { outputUntil } from "${source}engines/engine.contract.ts";
      const engine = chooseEngine("sandbox", { folder: ${JSON.stringify(subject.folder)}, log: logTo(() => {}) }); setInterval(() => {}, 1000);
      for (const spec of ${JSON.stringify([stays, goes])}) await outputUntil(await engine.start(spec), "ready"); console.log("both");`,
    );
    const child = spawn(process.execPath, [server], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    const gone = await subject.restarted().find(goes.id);
    assert.deepEqual(await gone?.wait(), { lost: "vanished" });
    const kept = await subject.restarted().find(stays.id);
    assert.equal((await processes(`${stays.id}/root`)).length > 0, true);
    await kept?.stop(0);
    assert.deepEqual(await kept?.wait(), { lost: "stopped" });
    await subject.restarted().sweep(new Set(), "other-");
    assert.deepEqual(
      (await readdir(subject.folder)).filter((name) => [stays.id, goes.id].includes(name)),
      [stays.id],
    );
    assert.deepEqual(await groupsOf(goes.id), []);
    await kept?.remove();
  });

  it("leaves no file, process or limit behind when removed", async () => {
    const container = await engine.start(shellSpec("mkdir -p ~/a/b && touch ~/a/b/c && chmod 555 ~/a/b && chmod 000 ~/a; sleep 30"));
    await container.remove();
    assert.deepEqual(
      (await readdir(subject.folder)).filter((name) => name.includes(container.id)),
      [],
    );
    assert.deepEqual(await processes(container.id), []);
    assert.deepEqual(await groupsOf(container.id), []);
  });

  it("sweeps a start that a killed server did not finish, and starts over it", async () => {
    const spec = shellSpec("echo fresh");
    await mkdir(join(subject.folder, spec.id));
    await symlink("/", join(subject.folder, spec.id, "root"));
    assert.equal(await engine.find(spec.id), undefined);
    const container = await engine.start(spec);
    assert.equal(await output(container), "fresh\n");
    await container.remove();
    await mkdir(join(subject.folder, "half"));
    await engine.sweep(new Set());
    assert.deepEqual(await readdir(subject.folder), ["etc"]);
  });
});

describe("chooseEngine", () => {
  it("refuses docker by name", () => {
    assert.throws(() => chooseEngine("docker", { folder: "/nowhere", log }), /docker engine is not implemented/);
  });
});
