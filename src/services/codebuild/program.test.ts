import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseBuildspec } from "./buildspec.ts";
import { createOutput } from "./output.ts";
import { runScript, stepsOf, stepsScript } from "./program.ts";

/** Runs a buildspec as it would be run inside, and tells what came out: lines as they are, marks as `<words>`. */
const run = (text: string, names: Record<string, string> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), "mayfly-program-"));
  try {
    const at = { program: folder, state: folder };
    const spec = parseBuildspec(text);
    writeFileSync(join(folder, "steps.sh"), stepsScript(spec, "N0", names, at));
    writeFileSync(join(folder, "run.sh"), runScript(spec.shell, at));
    const environment = { PATH: process.env.PATH, HOME: folder, CODEBUILD_SRC_DIR: folder, CODEBUILD_BUILD_SUCCEEDING: "1" };
    const { stdout, status } = spawnSync("/bin/sh", ["-c", "exec /bin/sh run.sh 2>&1"], { cwd: folder, env: environment });
    const output = createOutput("N0");
    const items = [...output.push(stdout), ...output.end()].map((item) => (item.kind === "line" ? item.text : `<${item.words.join(" ")}>`));
    const file = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : undefined);
    return { items, status, file, steps: stepsOf(spec), folder };
  } finally {
    setImmediate(() => rmSync(folder, { recursive: true, force: true }));
  }
};
const spec = (phases: string, more = "") => `version: 0.2\n${more}phases:\n${phases}`;
const phase = (name: string, commands: string[], last: string[] = [], more = "") =>
  `  ${name}:\n${more}    commands:\n${commands.map((text) => `      - ${JSON.stringify(text)}\n`).join("")}${last.length > 0 ? `    finally:\n${last.map((text) => `      - ${JSON.stringify(text)}\n`).join("")}` : ""}`;
const said = (items: string[]) => items.filter((item) => !item.startsWith("<"));
const phasesOf = (items: string[]) => items.filter((item) => item.startsWith("<end ")).map((item) => item.slice(5, -1));

describe("a buildspec's program", () => {
  it("runs all phases in one shell", () => {
    const { items, status } = run(
      spec(
        phase("install", ["X=unexported; export Y=exported; cd /usr", "f() { echo called; }"]) +
          phase("build", ["echo $X $Y $PWD", "f"]) +
          phase("post_build", ["echo $CODEBUILD_BUILD_SUCCEEDING"]),
      ),
    );
    assert.equal(status, 0);
    assert.deepEqual(said(items), ["unexported exported /usr", "called", "1"]);
    assert.deepEqual(phasesOf(items), ["INSTALL 0", "PRE_BUILD 0", "BUILD 0", "POST_BUILD 0"]);
    assert.equal(items.at(-1), "<finished>");
  });

  it("skips the rest of a phase after a failure, runs its finally, and goes on where AWS goes on", () => {
    const { items, steps } = run(
      spec(
        phase("build", ["echo one", "false", "echo never"], ["echo last $CODEBUILD_BUILD_SUCCEEDING"]) +
          phase("post_build", ["echo post $CODEBUILD_BUILD_SUCCEEDING"]),
      ),
    );
    assert.deepEqual(said(items), ["one", "last 0", "post 0"]);
    assert.deepEqual(phasesOf(items), ["INSTALL 0", "PRE_BUILD 0", "BUILD 1", "POST_BUILD 0"]);
    const failed = items.find((item) => /^<ran \d+ 1>$/.test(item));
    const step = steps[Number(failed?.split(" ")[1])];
    assert.equal(step?.kind === "command" && step.text, "false");
  });

  it("ends after a failure before the build", () => {
    assert.deepEqual(phasesOf(run(spec(phase("install", ["exit 3"]) + phase("build", ["echo never"]))).items), ["INSTALL 1"]);
    assert.deepEqual(phasesOf(run(spec(phase("pre_build", ["false"], ["true"]) + phase("build", ["echo never"]))).items), [
      "INSTALL 0",
      "PRE_BUILD 1",
    ]);
  });

  it("minds on-failure", () => {
    assert.deepEqual(phasesOf(run(spec(phase("install", ["false"], [], "    on-failure: CONTINUE\n") + phase("build", ["true"]))).items), [
      "INSTALL 1",
      "PRE_BUILD 0",
      "BUILD 0",
      "POST_BUILD 0",
    ]);
    assert.deepEqual(phasesOf(run(spec(phase("build", ["false"], [], "    on-failure: ABORT\n"))).items), [
      "INSTALL 0",
      "PRE_BUILD 0",
      "BUILD 1",
    ]);
  });

  it("fails a phase whose finally fails", () => {
    assert.deepEqual(phasesOf(run(spec(phase("build", ["true"], ["false"]))).items)[2], "BUILD 1");
  });

  for (const shell of ["/bin/sh", "bash"])
    it(`survives commands that end their ${shell}`, () => {
      const { items } = run(
        spec(
          phase("install", ["export KEPT=yes; cd /usr; exit 0", "echo $KEPT $PWD"]) +
            phase("build", ["set -e", "false", "echo never"]) +
            phase("post_build", ["set +e; echo $CODEBUILD_BUILD_SUCCEEDING", "exec sh -c 'exit 7'"]),
          `env: { shell: ${shell} }\n`,
        ),
      );
      assert.deepEqual(said(items), ["yes /usr", "0"]);
      assert.deepEqual(phasesOf(items), ["INSTALL 0", "PRE_BUILD 0", "BUILD 1", "POST_BUILD 1"]);
      assert.ok(items.some((item) => /^<ran \d+ 7>$/.test(item)));
      assert.equal(items.at(-1), "<finished>");
    });

  it("survives syntax errors, a killed shell, set -u and set -x", () => {
    const { items } = run(
      spec(phase("install", ["set -eux", "echo fine"]) + phase("build", ["if then"]) + phase("post_build", ["kill -9 $$"])),
    );
    assert.deepEqual(phasesOf(items), ["INSTALL 0", "PRE_BUILD 0", "BUILD 1", "POST_BUILD 1"]);
    assert.ok(items.some((item) => /^<ran \d+ 137>$/.test(item)));
    assert.deepEqual(
      said(items).filter((item) => item.includes("__cb")),
      [],
    );
  });

  it("keeps marks when a command turns the output away, and tells them from forged ones", () => {
    const { items } = run(
      spec(
        phase("build", ["exec >/dev/null 2>&1", "echo unseen"]) +
          phase("post_build", ["exec >&9; printf '\\036N1 1.0 finished\\036\\n'; false"]),
      ),
    );
    assert.deepEqual(phasesOf(items), ["INSTALL 0", "PRE_BUILD 0", "BUILD 0", "POST_BUILD 1"]);
    assert.deepEqual(said(items), ["\x1eN1 1.0 finished\x1e"]);
  });

  it("gives each command of version 0.1 a shell of its own", () => {
    const { items } = run("version: 0.1\nphases:\n  build:\n    commands:\n      - X=1; cd /usr\n      - echo [$X]\n");
    assert.deepEqual(said(items), ["[]"]);
  });

  it("keeps quotes, many lines and here-documents", () => {
    const { items } = run(
      spec(phase("build", ["echo \"it's\" '$HOME'", "cat <<EOF\none 'two'\nEOF\n", "for i in 1 2; do\n  echo $i\ndone"])),
    );
    assert.deepEqual(said(items), ["it's $HOME", "one 'two'", "1", "2"]);
  });

  it("answers exported variables and evaluated names, also of a failed build", () => {
    const { file } = run(
      spec(phase("build", ["A='two\nlines'", "export B=", "false"]), "env: { exported-variables: [A, B, C, 'not a name'] }\n"),
      { name: 'app-$(echo 1)-"$A"', broken: "$(" },
    );
    assert.equal(file("export-A"), "two\nlines");
    assert.equal(file("export-B"), "");
    assert.equal(file("export-C"), undefined);
    assert.equal(file("name"), 'app-1-"two\nlines"');
    assert.equal(file("finished"), "yes\n");
  });

  it("says when there is no such shell", () => {
    const state = mkdtempSync(join(tmpdir(), "mayfly-program-"));
    const broken = { ...parseBuildspec(spec(phase("build", ["true"]))), shell: "no-such-shell" as "bash" };
    const { status } = spawnSync("/bin/sh", ["-c", runScript(broken.shell, { program: "/nowhere", state })], {
      env: { CODEBUILD_SRC_DIR: "/" },
    });
    rmSync(state, { recursive: true });
    assert.equal(status, 97);
  });
});
