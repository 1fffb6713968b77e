import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AWS_CLI, awsCli, mustRun, runProgram, withoutAws } from "../../harness/programs.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

let server: TestServer;
let folder: string;
// biome-ignore lint/suspicious/noExplicitAny: whatever the CLI prints
let aws: (...args: string[]) => Promise<any>;
const high = (...args: string[]) =>
  runProgram(AWS_CLI, ["--endpoint-url", server.endpoint, "--no-cli-pager", "s3", ...args], { cwd: folder, env: server.environment });
const s3 = async (...args: string[]) => {
  const { code, stdout, stderr } = await high(...args);
  assert.equal(code, 0, stdout + stderr);
  return stdout;
};
before(async () => {
  if (withoutAws) return;
  server = await startServer();
  folder = await mkdtemp(join(tmpdir(), "mayfly-cli-"));
  aws = awsCli(server.endpoint, server.environment);
});
after(async () => {
  if (withoutAws) return;
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

test("aws s3: make, copy, synchronise, move, empty and remove", { skip: withoutAws }, async () => {
  await s3("mb", "s3://from-the-cli");
  await mkdir(join(folder, "site/deep/er"), { recursive: true });
  const files: Record<string, string> = { "index.html": "<h1>", "deep/a b+c&ü.txt": "text", "deep/er/x.bin": "\u0000\u0001" };
  // Older than their copies: S3 tells whole seconds, and a file of the same second would count as newer.
  const earlier = new Date(Date.now() - 60_000);
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, "site", name), text);
    await utimes(join(folder, "site", name), earlier, earlier);
  }
  await s3("sync", "site", "s3://from-the-cli/site");
  assert.doesNotMatch(await s3("sync", "site", "s3://from-the-cli/site"), /upload/);
  assert.equal((await aws("s3api", "head-object", "--bucket", "from-the-cli", "--key", "site/index.html")).ContentType, "text/html");

  await s3("sync", "s3://from-the-cli/site", "back");
  for (const [name, text] of Object.entries(files)) assert.equal(await readFile(join(folder, "back", name), "utf8"), text);
  await rm(join(folder, "site/deep/er"), { recursive: true });
  assert.match(await s3("sync", "--delete", "site", "s3://from-the-cli/site"), /delete: s3:\/\/from-the-cli\/site\/deep\/er\/x.bin/);

  const listed = await s3("ls", "s3://from-the-cli/site/");
  assert.match(listed, /PRE deep\//);
  assert.match(listed, / 4 index\.html/);
  await s3("cp", "s3://from-the-cli/site/", "s3://from-the-cli/copy/", "--recursive");
  await s3("mv", "s3://from-the-cli/copy/index.html", "s3://from-the-cli/moved.html");
  assert.match(await s3("ls", "--recursive", "s3://from-the-cli"), /copy\/deep\/a b\+c&ü\.txt[\s\S]*moved\.html/);
  assert.equal(await s3("cp", "s3://from-the-cli/moved.html", "-"), "<h1>");

  assert.notEqual((await high("rb", "s3://from-the-cli")).code, 0);
  await s3("rm", "s3://from-the-cli/", "--recursive");
  assert.equal(await s3("ls", "s3://from-the-cli"), "");
  await s3("rb", "s3://from-the-cli");
  assert.doesNotMatch(await s3("ls"), /from-the-cli/);
});

test("aws s3 cp of a large file goes in parts, there and back, and is copied in parts", { skip: withoutAws }, async () => {
  await s3("mb", "s3://large");
  const bytes = Buffer.from(Uint32Array.from({ length: 5 << 20 }, (_, i) => i * 2654435761).buffer);
  await writeFile(join(folder, "large.bin"), bytes);
  await s3("cp", "large.bin", "s3://large/large.bin");
  const head = await aws("s3api", "head-object", "--bucket", "large", "--key", "large.bin");
  assert.match(head.ETag, /-3"$/);
  await s3("cp", "s3://large/large.bin", "s3://large/second.bin");
  await s3("cp", "s3://large/second.bin", "back.bin");
  assert.ok((await readFile(join(folder, "back.bin"))).equals(bytes));
  await s3("rb", "--force", "s3://large");
});

test("aws s3 presign; anybody may follow it", { skip: withoutAws }, async () => {
  await s3("mb", "s3://signed");
  await writeFile(join(folder, "x"), "hello");
  await s3("cp", "x", "s3://signed/x");
  const url = (await s3("presign", "s3://signed/x")).trim();
  assert.equal(await (await fetch(url)).text(), "hello");
});

test("aws s3api: versions, tags, errors", { skip: withoutAws }, async () => {
  const Bucket = ["--bucket", "api-bucket"];
  await aws("s3api", "create-bucket", ...Bucket);
  await aws("s3api", "put-bucket-versioning", ...Bucket, "--versioning-configuration", "Status=Enabled");
  await writeFile(join(folder, "body"), "one");
  const one = await aws(
    "s3api",
    "put-object",
    ...Bucket,
    "--key",
    "k",
    "--body",
    join(folder, "body"),
    "--tagging",
    "a=b",
    "--metadata",
    "colour=blue",
  );
  await aws("s3api", "delete-object", ...Bucket, "--key", "k");
  const { Versions, DeleteMarkers } = await aws("s3api", "list-object-versions", ...Bucket);
  assert.deepEqual([Versions.length, DeleteMarkers.length, Versions[0].VersionId], [1, 1, one.VersionId]);
  const got = await aws("s3api", "get-object", ...Bucket, "--key", "k", "--version-id", one.VersionId, join(folder, "got"));
  assert.deepEqual(got.Metadata, { colour: "blue" });
  assert.deepEqual((await aws("s3api", "get-object-tagging", ...Bucket, "--key", "k", "--version-id", one.VersionId)).TagSet, [
    { Key: "a", Value: "b" },
  ]);
  assert.equal((await aws("s3api", "get-bucket-location", ...Bucket)).LocationConstraint, null);
  const call = (...args: string[]) =>
    runProgram(AWS_CLI, ["--endpoint-url", server.endpoint, "s3api", ...args], { env: server.environment });
  assert.match((await call("get-object", ...Bucket, "--key", "k", "/dev/null")).stderr, /NoSuchKey/);
  assert.match((await call("head-bucket", "--bucket", "not-there")).stderr, /404/);
  assert.match(
    (await call("put-bucket-website", ...Bucket, "--website-configuration", "IndexDocument={Suffix=x}")).stderr,
    /NotImplemented.*PutBucketWebsite/,
  );
  await mustRun(AWS_CLI, ["--endpoint-url", server.endpoint, "s3api", "wait", "bucket-exists", ...Bucket], { env: server.environment });
  assert.deepEqual(await readdir(folder).then((names) => names.includes("got")), true);
});
