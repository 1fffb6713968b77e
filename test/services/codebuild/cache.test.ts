import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { InvalidateProjectCacheCommand, type ProjectCache } from "@aws-sdk/client-codebuild";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { openPlace, type Place } from "./builds.ts";

const spec = (cache: string, ...lines: string[]) =>
  `version: 0.2\nphases:\n  build:\n    commands:\n${lines.map((text) => `      - ${JSON.stringify(text)}\n`).join("")}cache:\n${cache.replace(/^/gm, "  ")}\n`;
const count =
  "mkdir -p /root/.m2 node_modules /data/c; cat /root/.m2/n node_modules/n /data/c/n 2>/dev/null; for d in /root/.m2 node_modules /data/c; do echo x >> $d/n; done; ln -sf n /root/.m2/link; chmod 700 /root/.m2/n; true";

describe("codebuild caches", () => {
  let place: Place;
  let s3: S3Client;
  before(async () => {
    place = await openPlace();
    s3 = place.server.client(S3Client);
    await s3.send(new CreateBucketCommand({ Bucket: "caches" }));
  });
  after(() => place.server.stop());

  for (const [name, cache] of [
    ["s3", { type: "S3", location: "caches/some/prefix" }],
    ["local", { type: "LOCAL", modes: ["LOCAL_CUSTOM_CACHE", "LOCAL_SOURCE_CACHE"] }],
  ] as [string, ProjectCache][])
    it(`in ${name} bring back files, modes and links until invalidated`, async () => {
      await place.inline(
        name,
        spec("paths: ['/root/.m2/**/*', 'node_modules/**/*', '/data/c']", count, "stat -c %a /root/.m2/n; readlink /root/.m2/link"),
        { cache },
      );
      assert.deepEqual(await place.said(await place.build(name)), ["700", "n"]);
      assert.deepEqual(await place.said(await place.build(name)), ["x", "x", "x", "700", "n"]);
      const third = await place.build(name);
      assert.equal((await place.said(third)).filter((line) => line === "x").length, 6);
      assert.match(await place.log(third), /Cache restored: 4 file\(s\)/);
      await place.codebuild.send(new InvalidateProjectCacheCommand({ projectName: name }));
      assert.deepEqual(await place.said(await place.build(name)), ["700", "n"]);
    });

  it("are not written again when nothing changed, nor after a failure", async () => {
    await place.inline(
      "still",
      spec(
        "paths: ['/root/c/**/*']",
        "[ -e /root/c/f ] || { mkdir /root/c; echo x > /root/c/f; }",
        '[ -z "$FAIL" ] || { echo y > /root/c/f; exit 1; }',
        "cat /root/c/f",
      ),
      { cache: { type: "S3", location: "caches" } },
    );
    await place.build("still");
    assert.match(await place.log(await place.build("still")), /The cache is unchanged/);
    const failed = await place.build("still", { environmentVariablesOverride: [{ name: "FAIL", value: "1" }] });
    assert.equal(failed.buildStatus, "FAILED");
    assert.deepEqual(await place.said(await place.build("still")), ["x"]);
  });

  it("go by key, and fall back to the newest that begins alike", async () => {
    const buildspec = spec(
      "key: deps-$(cat /codebuild/output/src/src/k 2>/dev/null)$K\nfallback-keys: [deps-]\npaths: ['/root/c/**/*']",
      "cat /root/c/f 2>/dev/null || true",
      "mkdir -p /root/c; echo $K >> /root/c/f",
    );
    await place.inline("keyed", buildspec, { cache: { type: "S3", location: "caches" } });
    const said = async (K: string) => place.said(await place.build("keyed", { environmentVariablesOverride: [{ name: "K", value: K }] }));
    assert.deepEqual(await said("one"), []);
    assert.deepEqual(await said("one"), ["one"]);
    assert.deepEqual(await said("one"), ["one"], "what stands under a key never changes");
    assert.deepEqual(await said("two"), ["one"]);
    assert.deepEqual(await said("two"), ["one", "two"]);
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: "caches", Prefix: "keyed/" }));
    assert.equal(Contents?.length, 2);
  });

  it("that cannot be had fail no build", async () => {
    await place.inline("absent", spec("paths: ['/root/c/**/*']", "mkdir /root/c; touch /root/c/f"), {
      cache: { type: "S3", location: "no-such-bucket" },
    });
    const build = await place.build("absent");
    assert.equal(build.buildStatus, "SUCCEEDED");
    assert.match(await place.log(build), /Unable to download cache/);
  });

  it("have the helper for their keys", async () => {
    await place.inline(
      "hash",
      "version: 0.2\nphases:\n  build:\n    commands: ['mkdir -p a/b; echo 1 > a/b/lock; echo 2 > lock', 'X=$(codebuild-hash-files lock); Y=$(codebuild-hash-files \"**/lock\"); echo 3 > a/b/lock; [ ${#X} = 64 ] && [ $X = $(codebuild-hash-files lock) ] && [ $Y != $(codebuild-hash-files \"**/lock\") ] && echo good']\n",
    );
    assert.deepEqual(await place.said(await place.build("hash")), ["good"]);
  });
});
