import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Build } from "@aws-sdk/client-codebuild";
import type { Run } from "../records.ts";
import { buildRequest, messageOf } from "./codebuild.ts";

const located = (name: string) => ({ name, bucket: "b", key: `line/${name}/k` });
const run = (inputs: string[], outputs: string[], configuration: Record<string, string> = {}): Run => ({
  id: "run-1",
  stage: "Build",
  action: "Make",
  status: "Starting",
  started: 0,
  updated: 0,
  configuration: { ProjectName: "p", ...configuration },
  inputs: inputs.map(located),
  outputs: outputs.map(located),
  on: [],
  variables: {},
});

describe("what CodeBuild is asked for", () => {
  it("names source and artifact, and itself", () => {
    const request = buildRequest(run(["Src"], ["Out"]));
    assert.equal(request.idempotencyToken, "run-1");
    assert.equal(request.sourceLocationOverride, "b/line/Src/k");
    assert.deepEqual(request.secondarySourcesOverride, []);
    assert.deepEqual(request.artifactsOverride, { type: "CODEPIPELINE", location: "b", name: "line/Out/k", packaging: "ZIP" });
  });
  it("names further sources and artifacts", () => {
    const request = buildRequest(run(["A", "B"], ["X", "Y"], { PrimarySource: "B", EnvironmentVariables: '[{"name":"N","value":"V"}]' }));
    assert.equal(request.sourceLocationOverride, "b/line/B/k");
    assert.deepEqual(request.secondarySourcesOverride, [{ type: "CODEPIPELINE", sourceIdentifier: "A", location: "b/line/A/k" }]);
    assert.equal(request.artifactsOverride!.artifactIdentifier, "X");
    assert.deepEqual(request.secondaryArtifactsOverride, [
      { type: "CODEPIPELINE", location: "b", name: "line/Y/k", packaging: "ZIP", artifactIdentifier: "Y" },
    ]);
    assert.deepEqual(request.environmentVariablesOverride, [{ name: "N", value: "V", type: "PLAINTEXT" }]);
  });
});

describe("what a failed build says", () => {
  const cases: [Partial<Build>, string][] = [
    [{ buildStatus: "STOPPED" }, "Build terminated with state: STOPPED."],
    [
      {
        buildStatus: "FAILED",
        phases: [
          { phaseType: "INSTALL", phaseStatus: "SUCCEEDED", contexts: [] },
          {
            phaseType: "BUILD",
            phaseStatus: "FAILED",
            contexts: [{ statusCode: "COMMAND_EXECUTION_ERROR", message: "Error while executing command: mvn. Reason: exit status 1" }],
          },
          { phaseType: "POST_BUILD", phaseStatus: "FAILED" },
        ],
      },
      "Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, Message: Error while executing command: mvn. Reason: exit status 1",
    ],
    [
      { buildStatus: "TIMED_OUT", phases: [{ phaseType: "BUILD", phaseStatus: "TIMED_OUT" }] },
      "Build terminated with state: TIMED_OUT. Phase: BUILD",
    ],
  ];
  for (const [build, message] of cases) it(message, () => assert.equal(messageOf(build), message));
});
