import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProjectArtifacts } from "@aws-sdk/client-codebuild";
import type { ArtifactSpec } from "./buildspec.ts";
import { artifactPlace } from "./artifact-place.ts";

const spec: ArtifactSpec = { files: ["**/*"], discardPaths: false, excludePaths: [], enableSymlinks: false };
const build = { project: "app", uuid: "u-1" };
const keyOf = (declared: Partial<ProjectArtifacts>, more: Partial<ArtifactSpec> = {}, name?: string) => {
  const { bucket, key, packed } = artifactPlace({ type: "S3", location: "b", ...declared }, { ...spec, ...more }, build, name);
  return `${bucket} ${key} ${packed ? "zip" : "files"}`;
};

describe("artifactPlace", () => {
  for (const [expected, declared, more, name] of [
    ["b app/ files", {}, {}],
    ["b app zip", { packaging: "ZIP" }, {}],
    ["b out/app.zip zip", { packaging: "ZIP", path: "out", name: "app.zip" }, {}],
    ["b out/u-1/app.zip zip", { packaging: "ZIP", path: "/out/", namespaceType: "BUILD_ID", name: "app.zip" }, {}],
    ["b out/u-1/ files", { path: "out", namespaceType: "BUILD_ID", name: "/" }, {}],
    ["b  files", { name: "/" }, {}],
    ["b app.zip zip", { name: "/", packaging: "ZIP" }, {}],
    ["b pre/u-1/x.zip zip", { packaging: "ZIP", namespaceType: "BUILD_ID", name: "x.zip" }, { s3Prefix: "pre" }],
    ["b v2.zip zip", { packaging: "ZIP", name: "x.zip", overrideArtifactName: true }, { name: "v2.zip" }, "v2.zip"],
    ["b x.zip zip", { packaging: "ZIP", name: "x.zip" }, { name: "v2.zip" }, "v2.zip"],
    ["b p/MyApp/abc zip", { type: "CODEPIPELINE", name: "p/MyApp/abc", packaging: "ZIP" }, {}],
  ] as [string, Partial<ProjectArtifacts>, Partial<ArtifactSpec>, string?][])
    it(expected, () => assert.equal(keyOf(declared, more, name), expected));
});
