import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BuildspecError, parseBuildspec } from "./buildspec.ts";

const read = (...lines: string[]) => parseBuildspec(lines.join("\n"));
const refusal = (...lines: string[]) => {
  try {
    read(...lines);
  } catch (error) {
    assert.ok(error instanceof BuildspecError, String(error));
    return error.message;
  }
  throw new Error("was accepted");
};

describe("parseBuildspec", () => {
  it("reads every key", () => {
    const spec = read(
      "version: 0.2",
      "run-as: codebuild-user",
      "env:",
      "  shell: bash",
      "  variables: { A: one, N: 1.10, T: true, E: }",
      "  parameter-store: { P: /p/q }",
      "  secrets-manager: { S: 'secret:key:AWSCURRENT' }",
      "  exported-variables: [A, B]",
      "  git-credential-helper: yes",
      "phases:",
      "  install: { runtime-versions: { java: corretto17, nodejs: 20 }, commands: [npm ci] }",
      "  pre_build: { commands: echo one }",
      "  build: { on-failure: ABORT, run-as: root, commands: [make, 'echo a: b'], finally: [echo done] }",
      "  post_build:",
      "artifacts:",
      "  type: zip",
      "  files: ['**/*']",
      "  name: app-$(date +%F)",
      "  discard-paths: yes",
      "  base-directory: target",
      "  exclude-paths: ['*.log']",
      "  secondary-artifacts: { docs: { files: [docs/**/*], base-directory: d } }",
      "cache: { paths: ['/root/.m2/**/*'], key: k, fallback-keys: [j], action: restore }",
      "comment: ignored",
    );
    assert.deepEqual(spec.variables, { A: "one", N: "1.10", T: "true", E: "" });
    assert.deepEqual(spec.runtimeVersions, { java: "corretto17", nodejs: "20" });
    assert.deepEqual(spec.phases.build, { runAs: "root", onFailure: "ABORT", commands: ["make", "echo a: b"], finally: ["echo done"] });
    assert.deepEqual(spec.phases.pre_build?.commands, ["echo one"]);
    assert.deepEqual(spec.phases.post_build?.commands, []);
    assert.equal(spec.artifacts?.discardPaths, true);
    assert.deepEqual(spec.secondaryArtifacts.docs?.files, ["docs/**/*"]);
    assert.deepEqual(spec.cache, { paths: ["/root/.m2/**/*"], key: "k", fallbackKeys: ["j"], restore: true, save: false });
    assert.deepEqual(
      [spec.version, spec.shell, spec.runAs, spec.exportedVariables, spec.ignored],
      ["0.2", "bash", "codebuild-user", ["A", "B"], ["comment"]],
    );
  });

  it("reads block texts, folded texts, anchors and JSON", () => {
    const spec = read(
      "version: 0.2",
      "x: &list",
      "  - one",
      "phases:",
      "  install:",
      "    commands: *list",
      "  build:",
      "    commands:",
      "      - |",
      "        if true; then",
      "          echo x",
      "        fi",
      "      - aws package --a b",
      "            --c d",
    );
    assert.deepEqual(spec.phases.build?.commands, ["if true; then\n  echo x\nfi\n", "aws package --a b --c d"]);
    assert.deepEqual(spec.phases.install?.commands, ["one"]);
    assert.deepEqual(parseBuildspec('{"version":"0.2","phases":{"build":{"commands":["ls"]}}}').phases.build?.commands, ["ls"]);
  });

  it("reads version 0.1", () => {
    const spec = read("version: 0.1", "environment_variables:", "  plaintext: { A: b }", "phases: { build: { commands: [ls] } }");
    assert.deepEqual([spec.version, spec.variables], ["0.1", { A: "b" }]);
  });

  for (const [name, lines, complaint] of [
    ["broken YAML", ["version: 0.2", "phases:", "  build: [", ""], /^yaml: line \d+: /],
    ["a key twice", ["version: 0.2", "phases: {}", "phases: {}"], /^yaml: line 3: Map keys must be unique/],
    ["no version", ["phases: {}"], /^missing version$/],
    ["an unknown version", ["version: 0.3", "phases: {}"], /^invalid buildspec version 0.3.* at line 1$/],
    ["no phases", ["version: 0.2"], /^missing phases$/],
    ["a misspelt phase", ["version: 0.2", "phases:", "  biuld:", "    commands: [ls]"], /^Unknown phase biuld .* at line 3$/],
    [
      "a misspelt key of a phase",
      ["version: 0.2", "phases:", "  build:", "    command: [ls]"],
      /^Unknown key phases.build.command .* at line 4$/,
    ],
    [
      "commands that are mappings",
      ["version: 0.2", "phases:", "  build:", "    commands:", "      - ls", "      - echo a: b"],
      /^Expected phases.build.commands\[1\] to be of string type: found subkeys instead at line 6/,
    ],
    [
      "an empty command",
      ["version: 0.2", "phases:", "  build:", "    commands:", "      -"],
      /^phases.build.commands\[0\] is empty at line 5$/,
    ],
    [
      "artifacts without files",
      ["version: 0.2", "phases: {}", "artifacts:", "  base-directory: x"],
      /^artifacts.files is missing at line 3$/,
    ],
    ["a foreign shell", ["version: 0.2", "env: { shell: powershell.exe }", "phases: {}"], /^env.shell powershell.exe is not supported/],
    ["batch", ["version: 0.2", "phases: {}", "batch: {}"], /^not implemented: batch at line 3$/],
    ["reports", ["version: 0.2", "phases: {}", "reports: { r: { files: [x] } }"], /^not implemented: reports at line 3$/],
    ["retries", ["version: 0.2", "phases: { build: { on-failure: RETRY-2 } }"], /^not implemented: phases.build.on-failure RETRY-2/],
    ["a phase that is a list", ["version: 0.2", "phases: [build]"], /^phases must be a mapping at line 2$/],
    [
      "a flag that is none",
      ["version: 0.2", "phases: {}", "artifacts: { files: [a], discard-paths: maybe }"],
      /^artifacts.discard-paths must be yes or no/,
    ],
  ] as [string, string[], RegExp][])
    it(`refuses ${name}`, () => assert.match(refusal(...lines), complaint));

  it("takes the tutorial's buildspec", () => {
    const text =
      "version: 0.2\n\nphases:\n  build:\n    commands:\n      - mvn package\nartifacts:\n  type: zip\n  files:\n    - packaged-sam.yml\n";
    assert.deepEqual(parseBuildspec(text).artifacts?.files, ["packaged-sam.yml"]);
  });
});
