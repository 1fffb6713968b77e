import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { openPlace, type Place } from "./builds.ts";
import { unzipped } from "./zips.ts";

const spec = (artifacts: string, ...lines: string[]) =>
  `version: 0.2\nphases:\n  build:\n    commands:\n${lines.map((text) => `      - ${JSON.stringify(text)}\n`).join("")}artifacts:\n${artifacts.replace(/^/gm, "  ")}\n`;
const make =
  "mkdir -p target/sub && echo jar > target/app.jar && echo deep > target/sub/x.txt && echo top > top.txt && chmod 755 target/app.jar";

describe("codebuild artifacts", () => {
  let place: Place;
  let s3: S3Client;
  before(async () => {
    place = await openPlace();
    s3 = place.server.client(S3Client);
    await s3.send(new CreateBucketCommand({ Bucket: "out" }));
  });
  after(() => place.server.stop());
  const object = async (Key: string) =>
    (await s3.send(new GetObjectCommand({ Bucket: "out", Key }))).Body?.transformToByteArray() as Promise<Uint8Array>;
  const names = async (Prefix: string) =>
    (await s3.send(new ListObjectsV2Command({ Bucket: "out", Prefix }))).Contents?.map(({ Key }) => Key) ?? [];
  const zipped = async (name: string, buildspec: string, more = {}) => {
    await place.inline(name, buildspec, { artifacts: { type: "S3", location: "out", packaging: "ZIP", name: `${name}.zip`, ...more } });
    return place.build(name);
  };

  it("are a zip with modes, checksums and the build's name", async () => {
    const build = await zipped("modes", spec("files: ['target/*.jar', top.txt]", make));
    assert.equal(build.buildStatus, "SUCCEEDED", await place.log(build));
    const bytes = await object("modes.zip");
    const files = await unzipped(bytes);
    assert.deepEqual(
      Object.entries(files).map(([name, { text, mode }]) => [name, text, mode & 0o777]),
      [
        ["target/app.jar", "jar\n", 0o755],
        ["top.txt", "top\n", 0o644],
      ],
    );
    assert.equal(build.artifacts?.sha256sum, createHash("sha256").update(bytes).digest("hex"));
    assert.equal(build.artifacts?.md5sum, createHash("md5").update(bytes).digest("hex"));
    assert.equal(build.artifacts?.location, "arn:aws:s3:::out/modes.zip");
    assert.equal((await s3.send(new HeadObjectCommand({ Bucket: "out", Key: "modes.zip" }))).Metadata?.["codebuild-buildarn"], build.arn);
  });

  it("mind base-directory, exclude-paths and discard-paths", async () => {
    await zipped("based", spec("files: ['**/*']\nbase-directory: target\nexclude-paths: ['sub/**/*']", make));
    assert.deepEqual(Object.keys(await unzipped(await object("based.zip"))), ["app.jar"]);
    await zipped("flat", spec("files: ['target/**/*']\ndiscard-paths: yes", make));
    assert.deepEqual(Object.keys(await unzipped(await object("flat.zip"))), ["app.jar", "x.txt"]);
    await zipped("globbed", spec("files: ['*.jar']\nbase-directory: 'tar*'", make));
    assert.deepEqual(Object.keys(await unzipped(await object("globbed.zip"))), ["app.jar"]);
    await zipped("absolute", spec("files: ['**/*']\nbase-directory: /tmp/made", "mkdir /tmp/made && echo t > /tmp/made/f"));
    assert.deepEqual(Object.keys(await unzipped(await object("absolute.zip"))), ["f"]);
  });

  it("take a name from the shell", async () => {
    const buildspec = spec("files: [top.txt]\nname: app-$(cat version)-$V.zip", make, "echo 1.2 > version; V=x");
    await place.inline("named", buildspec, {
      artifacts: {
        type: "S3",
        location: "out",
        packaging: "ZIP",
        path: "named",
        namespaceType: "BUILD_ID",
        name: "plain.zip",
        overrideArtifactName: true,
      },
    });
    const build = await place.build("named");
    assert.deepEqual(await names("named/"), [`named/${build.id?.split(":")[1]}/app-1.2-x.zip`]);
  });

  it("are files when they are not packed", async () => {
    await place.inline("loose", spec("files: ['**/*']\nbase-directory: target", make), {
      artifacts: { type: "S3", location: "out", path: "site", name: "/" },
    });
    const build = await place.build("loose");
    assert.deepEqual(await names("site/"), ["site/app.jar", "site/sub/x.txt"]);
    assert.equal(build.artifacts?.location, "arn:aws:s3:::out/site");
  });

  it("are several, by identifier", async () => {
    const buildspec = spec("files: [top.txt]\nsecondary-artifacts:\n  docs:\n    files: ['**/*']\n    base-directory: target/sub", make);
    await place.inline("several", buildspec, {
      artifacts: { type: "S3", location: "out", packaging: "ZIP", name: "first.zip" },
      secondaryArtifacts: [{ type: "S3", location: "out", packaging: "ZIP", name: "docs.zip", artifactIdentifier: "docs" }],
    });
    const build = await place.build("several");
    assert.deepEqual(Object.keys(await unzipped(await object("docs.zip"))), ["x.txt"]);
    assert.equal(build.secondaryArtifacts?.[0]?.location, "arn:aws:s3:::out/docs.zip");
    const missing = await place.build("several", {
      secondaryArtifactsOverride: [{ type: "S3", location: "out", name: "x", artifactIdentifier: "absent" }],
    });
    assert.equal(missing.buildStatus, "FAILED");
    assert.match(missing.phases?.find(({ phaseType }) => phaseType === "UPLOAD_ARTIFACTS")?.contexts?.[0]?.message ?? "", /absent/);
  });

  it("of a pipeline go where it says", async () => {
    const artifacts = { type: "CODEPIPELINE", location: "out", packaging: "ZIP" } as const;
    await place.inline("piped", "version: 0.2\nphases: {}");
    await place.codebuild.send(
      new (await import("@aws-sdk/client-codebuild")).UpdateProjectCommand({
        name: "piped",
        source: {
          type: "CODEPIPELINE",
          buildspec: spec("secondary-artifacts:\n  One: { files: [top.txt] }\n  Two: { files: ['target/*'] }\nfiles: []", make),
        },
        artifacts: { type: "CODEPIPELINE" },
      }),
    );
    await s3.send(
      new (await import("@aws-sdk/client-s3")).PutObjectCommand({
        Bucket: "out",
        Key: "pipe/Src/1.zip",
        Body: await (await import("./zips.ts")).zipOf({ a: "a" }),
      }),
    );
    const build = await place.build("piped", {
      sourceLocationOverride: "out/pipe/Src/1.zip",
      artifactsOverride: { ...artifacts, name: "pipe/One/abc", artifactIdentifier: "One" },
      secondaryArtifactsOverride: [{ ...artifacts, name: "pipe/Two/def", artifactIdentifier: "Two" }],
    });
    assert.equal(build.buildStatus, "SUCCEEDED", await place.log(build));
    assert.deepEqual(Object.keys(await unzipped(await object("pipe/One/abc"))), ["top.txt"]);
    assert.deepEqual(Object.keys(await unzipped(await object("pipe/Two/def"))), ["target/app.jar"]);
  });

  it("follow links inside, and none to the machine's own files", async () => {
    const lines = [
      make,
      "ln -s target/app.jar inner.lnk; ln -s /codebuild/output/src/src/top.txt absolute.lnk; ln -s /etc/hostname outer.lnk; ln -s /proc/1/environ proc.lnk; ln -s ../../../../../../../../etc/hostname up.lnk; ln -s loop.lnk loop.lnk; ln -s . here",
    ];
    await zipped("links", spec("files: ['*.lnk']", ...lines));
    const files = await unzipped(await object("links.zip"));
    assert.deepEqual(
      Object.entries(files).map(([name, { text }]) => [name, text]),
      [
        ["absolute.lnk", "top\n"],
        ["inner.lnk", "jar\n"],
      ],
    );
    await zipped("kept", spec("files: ['*.lnk']\nenable-symlinks: yes", ...lines));
    const kept = await unzipped(await object("kept.zip"));
    assert.deepEqual([kept["inner.lnk"]?.text, (kept["inner.lnk"]?.mode ?? 0) & 0o170000], ["target/app.jar", 0o120000]);
  });

  it("that are not there fail the build, as on AWS", async () => {
    const build = await zipped("nothing", spec("files: ['*.nothing']", "true"));
    const phase = build.phases?.find(({ phaseType }) => phaseType === "UPLOAD_ARTIFACTS");
    assert.deepEqual(
      [build.buildStatus, phase?.contexts?.[0]],
      ["FAILED", { statusCode: "CLIENT_ERROR", message: "no matching artifact paths found" }],
    );
    const base = await zipped("baseless", spec("files: ['*']\nbase-directory: absent", "true"));
    assert.match(
      base.phases?.find(({ phaseType }) => phaseType === "UPLOAD_ARTIFACTS")?.contexts?.[0]?.message ?? "",
      /no matching base directory path found for absent/,
    );
    await place.inline("bucketless", spec("files: ['*']", make), {
      artifacts: { type: "S3", location: "absent-bucket", packaging: "ZIP" },
    });
    const bucket = await place.build("bucketless");
    assert.match(bucket.phases?.find(({ phaseType }) => phaseType === "UPLOAD_ARTIFACTS")?.contexts?.[0]?.message ?? "", /NoSuchBucket/);
  });

  it("of a failed build are uploaded too", async () => {
    const build = await zipped("failed", spec("files: [top.txt]", make, "false"));
    assert.equal(build.buildStatus, "FAILED");
    assert.deepEqual(Object.keys(await unzipped(await object("failed.zip"))), ["top.txt"]);
  });
});
