/** Real git against a real server: what arrives, what is refused, and that nothing half done stays. */
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  GetBranchCommand,
  GetRepositoryCommand,
  ListBranchesCommand,
} from "@aws-sdk/client-codecommit";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { mustRun } from "../../harness/programs.ts";
import { startProcess } from "../../harness/process.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { unzipped } from "../codebuild/zips.ts";
import { addressOf, type GitClient, startGitClient } from "./git-client.ts";

let server: TestServer;
let client: CodeCommitClient;
let git: GitClient;
before(async () => {
  server = await startServer();
  client = server.client(CodeCommitClient);
  git = await startGitClient();
});
after(async () => {
  await server.stop();
  await git.end();
});

let count = 0;
/** A new repository on the server, a local one beside it whose `origin` it is, and its first commit, not pushed. */
const pair = async (files?: Record<string, string>) => {
  count += 1;
  const name = `repo-${count}`;
  await client.send(new CreateRepositoryCommand({ repositoryName: name }));
  const work = await git.repository(name, files);
  await git.git(work, "remote", "add", "origin", addressOf(server, name));
  return { name, work, head: (await git.git(work, "rev-parse", "HEAD")).trim() };
};
const branchOf = async (repositoryName: string, branchName = "main") =>
  (await client.send(new GetBranchCommand({ repositoryName, branchName }))).branch?.commitId;

test("push, clone, push again, fetch", async () => {
  const { name, work, head } = await pair();
  await git.git(work, "push", "--quiet", "origin", "main");
  assert.equal(await branchOf(name), head);
  assert.equal((await client.send(new GetRepositoryCommand({ repositoryName: name }))).repositoryMetadata?.defaultBranch, "main");
  const copy = join(git.folder, `${name}-copy`);
  await git.git(git.folder, "clone", "--quiet", addressOf(server, name), copy);
  assert.equal(await readFile(join(copy, "README.md"), "utf8"), "hello\n");
  const second = await git.commit(work, { "README.md": "hello again\n" });
  await git.git(work, "push", "--quiet", "origin", "main");
  await git.git(copy, "pull", "--quiet");
  assert.equal((await git.git(copy, "rev-parse", "HEAD")).trim(), second);
  assert.equal((await git.git(copy, "status", "--porcelain")).trim(), "");
  await git.git(copy, "fsck", "--strict");
});

test("an empty repository clones, and its clone's first push makes the default branch", async () => {
  const { name } = await pair();
  const copy = join(git.folder, `${name}-copy`);
  await git.git(git.folder, "clone", "--quiet", addressOf(server, name), copy);
  await git.git(copy, "checkout", "--quiet", "-b", "trunk");
  await git.commit(copy, { a: "1" });
  await git.git(copy, "push", "--quiet", "origin", "trunk");
  assert.equal((await client.send(new GetRepositoryCommand({ repositoryName: name }))).repositoryMetadata?.defaultBranch, "trunk");
  const again = join(git.folder, `${name}-again`);
  await git.git(git.folder, "clone", "--quiet", addressOf(server, name), again);
  assert.equal((await git.git(again, "branch", "--show-current")).trim(), "trunk");
});

for (const version of ["0", "1", "2"]) {
  test(`every protocol version: ${version}`, async () => {
    const { name, work, head } = await pair();
    await git.git(work, "-c", `protocol.version=${version}`, "push", "--quiet", "origin", "main");
    await git.git(work, "tag", "--annotate", "--message", "one", "v1");
    await git.git(work, "-c", `protocol.version=${version}`, "push", "--quiet", "origin", "v1");
    const copy = join(git.folder, `${name}-copy`);
    await git.git(git.folder, "-c", `protocol.version=${version}`, "clone", "--quiet", addressOf(server, name), copy);
    assert.equal((await git.git(copy, "rev-parse", "v1^{commit}")).trim(), head);
  });
}

test("shallow and partial clones, deepened later; a push from a shallow clone", async () => {
  const { name, work } = await pair();
  await git.commit(work, { a: "1" });
  await git.commit(work, { a: "2" });
  await git.git(work, "push", "--quiet", "origin", "main");
  const copy = join(git.folder, `${name}-copy`);
  await git.git(git.folder, "clone", "--quiet", "--depth=1", addressOf(server, name), copy);
  assert.equal((await git.git(copy, "rev-list", "--count", "HEAD")).trim(), "1");
  const pushed = await git.commit(copy, { b: "1" });
  await git.git(copy, "push", "--quiet", "origin", "main");
  assert.equal(await branchOf(name), pushed);
  await git.git(copy, "fetch", "--quiet", "--unshallow");
  assert.equal((await git.git(copy, "rev-list", "--count", "HEAD")).trim(), "4");
  const partial = join(git.folder, `${name}-partial`);
  await git.git(git.folder, "clone", "--quiet", "--filter=blob:none", addressOf(server, name), partial);
  assert.equal(await readFile(join(partial, "b"), "utf8"), "1");
});

test("a single commit can be fetched by its id", async () => {
  const { name, work, head } = await pair();
  await git.commit(work, { a: "1" });
  await git.git(work, "push", "--quiet", "origin", "main");
  await git.git(git.folder, "init", "--quiet", `${name}-one`);
  await git.git(join(git.folder, `${name}-one`), "fetch", "--quiet", "--depth=1", addressOf(server, name), head);
  assert.equal((await git.git(join(git.folder, `${name}-one`), "rev-parse", "FETCH_HEAD")).trim(), head);
});

test("a history that diverged is refused, unless forced", async () => {
  const { name, work, head } = await pair();
  await git.git(work, "push", "--quiet", "origin", "main");
  const theirs = await git.commit(work, { a: "theirs" });
  await git.git(work, "push", "--quiet", "origin", "main");
  await git.git(work, "reset", "--quiet", "--hard", head);
  const ours = await git.commit(work, { a: "ours" });
  const refused = await git.tryGit(work, "push", "origin", "main");
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /non-fast-forward|fetch first/);
  assert.equal(await branchOf(name), theirs);
  await git.git(work, "push", "--quiet", "--force", "origin", "main");
  assert.equal(await branchOf(name), ours);
});

test("of two pushes at a time one wins, and the other hears of it", async () => {
  const { name, work } = await pair();
  await git.git(work, "push", "--quiet", "origin", "main");
  const copies = await Promise.all(
    [1, 2, 3].map(async (index) => {
      const copy = join(git.folder, `${name}-${index}`);
      await git.git(git.folder, "clone", "--quiet", addressOf(server, name), copy);
      return { copy, head: await git.commit(copy, { a: String(index) }) };
    }),
  );
  const results = await Promise.all(copies.map(({ copy }) => git.tryGit(copy, "push", "origin", "main")));
  const winners = copies.filter((_, index) => results[index]?.code === 0);
  assert.equal(winners.length, 1, results.map(({ stderr }) => stderr).join("\n"));
  assert.equal(await branchOf(name), winners[0]?.head);
});

test("branches are made, renamed into folders, deleted; the default branch stays", async () => {
  const { name, work } = await pair();
  await git.git(work, "push", "--quiet", "origin", "main", "main:a", "main:b/c");
  const clash = await git.tryGit(work, "push", "origin", "main:b");
  assert.match(clash.stderr, /'refs\/heads\/b\/c' exists; cannot create 'refs\/heads\/b'/);
  await git.git(work, "push", "--quiet", "origin", ":a", "main:a/d");
  const listed = await client.send(new ListBranchesCommand({ repositoryName: name }));
  assert.deepEqual(listed.branches, ["a/d", "b/c", "main"]);
  const refused = await git.tryGit(work, "push", "origin", ":main");
  assert.match(refused.stderr, /deletion of the current branch prohibited/);
});

test("an atomic push is done whole or not at all", async () => {
  const { name, work } = await pair();
  await git.git(work, "push", "--quiet", "origin", "main", "main:b/c");
  await git.commit(work, { a: "1" });
  const atomic = await git.tryGit(work, "push", "--atomic", "origin", "main:new", "main:b");
  assert.notEqual(atomic.code, 0);
  assert.match(atomic.stderr, /new.*atomic push failure/);
  assert.deepEqual((await client.send(new ListBranchesCommand({ repositoryName: name }))).branches, ["b/c", "main"]);
  const loose = await git.tryGit(work, "push", "origin", "main:new", "main:b");
  assert.notEqual(loose.code, 0);
  assert.deepEqual((await client.send(new ListBranchesCommand({ repositoryName: name }))).branches, ["b/c", "main", "new"]);
});

test("ten megabytes in many chunks, with modes and links", async () => {
  const { name, work } = await pair();
  const bytes = randomBytes(10 * 1024 * 1024);
  await writeFile(join(work, "run.sh"), "#!/bin/sh\n");
  await chmod(join(work, "run.sh"), 0o755);
  await symlink("README.md", join(work, "link"));
  await git.commit(work, { big: bytes });
  await git.git(work, "push", "--quiet", "origin", "main");
  const copy = join(git.folder, `${name}-copy`);
  await git.git(git.folder, "clone", "--quiet", addressOf(server, name), copy);
  assert.ok(bytes.equals(await readFile(join(copy, "big"))));
  assert.equal((await stat(join(copy, "run.sh"))).mode & 0o111, 0o111);
  assert.equal((await git.git(copy, "ls-files", "-s", "link")).slice(0, 6), "120000");
});

test("a gzipped request body is understood, and a broken one refused", async () => {
  const { name, work, head } = await pair();
  await git.git(work, "push", "--quiet", "origin", "main");
  const line = (text: string) => (text.length + 4).toString(16).padStart(4, "0") + text;
  const body = gzipSync(Buffer.from(`${line("command=ls-refs\n")}0001${line("peel\n")}0000`));
  const ask = (service: string, bytes: Buffer) =>
    fetch(`${server.endpoint}/v1/repos/${name}/${service}`, {
      method: "POST",
      headers: { ...basic(), "content-encoding": "gzip", "git-protocol": "version=2", "content-type": `application/x-${service}-request` },
      body: new Uint8Array(bytes),
    });
  assert.match(await (await ask("git-upload-pack", body)).text(), new RegExp(`${head} refs/heads/main`));
  const broken = Buffer.concat([body.subarray(0, 12), Buffer.from("nonsense")]);
  assert.equal(await (await ask("git-upload-pack", broken)).text(), "");
  assert.equal((await ask("git-receive-pack", broken)).status, 400);
  assert.match(await (await ask("git-upload-pack", body)).text(), new RegExp(`${head} refs/heads/main`));
});
const basic = () => ({
  authorization: `Basic ${Buffer.from(`${server.credentials.accessKeyId}:${server.credentials.secretAccessKey}`).toString("base64")}`,
});

/** Sends a push by hand. */
const pushBytes = async (name: string, from: string, to: string, pack: Uint8Array, ref = "refs/heads/main") => {
  const command = `${from} ${to} ${ref}\0report-status`;
  const body = Buffer.concat([Buffer.from((command.length + 4).toString(16).padStart(4, "0") + command), Buffer.from("0000"), pack]);
  const answer = await fetch(`${server.endpoint}/v1/repos/${name}/git-receive-pack`, {
    method: "POST",
    headers: basic(),
    body: new Uint8Array(body),
  });
  return { status: answer.status, text: await answer.text() };
};
const none = "0".repeat(40);

test("a broken pack is refused and leaves nothing", async () => {
  const { name, work, head } = await pair();
  const pack = join(git.folder, `${name}.pack`);
  await mustRun("sh", ["-c", `git -C ${work} rev-parse HEAD | git -C ${work} pack-objects --revs --stdout -q > ${pack}`]);
  const good = await readFile(pack);
  const flipped = Buffer.from(good);
  flipped[good.length - 30]! ^= 0xff;
  const cases: [string, Buffer][] = [
    ["a flipped byte", flipped],
    ["cut short", good.subarray(0, good.length - 25)],
    ["nothing at all", Buffer.alloc(0)],
    ["no pack", Buffer.from("GIF89a, and more of it to be read")],
  ];
  for (const [what, bytes] of cases) {
    const { status, text } = await pushBytes(name, none, head, bytes);
    assert.equal(status, 200, what);
    assert.match(text, /unpack (?!ok)/, what);
    assert.match(text, /ng refs\/heads\/main unpacker error/, what);
  }
  await assert.rejects(branchOf(name), { name: "BranchDoesNotExistException" });
  assert.deepEqual((await client.send(new ListBranchesCommand({ repositoryName: name }))).branches, []);
  const { text } = await pushBytes(name, none, head, good);
  assert.match(text, /unpack ok/);
});

test("a pack whose objects refer to others that are nowhere is refused", async () => {
  const { name, work } = await pair();
  const second = await git.commit(work, { a: "1" });
  const pack = join(git.folder, `${name}.pack`);
  // The second commit and its tree, without the first commit and without the files.
  await mustRun("sh", ["-c", `git -C ${work} rev-parse HEAD 'HEAD^{tree}' | git -C ${work} pack-objects --stdout -q > ${pack}`]);
  const { text } = await pushBytes(name, none, second, await readFile(pack));
  assert.match(text, /unpack (?!ok)/);
  await assert.rejects(branchOf(name), { name: "BranchDoesNotExistException" });
});

test("a reference to an object that is nowhere, or that is no commit, is refused", async () => {
  const { name, work, head } = await pair();
  await git.git(work, "push", "--quiet", "origin", "main");
  const tree = (await git.git(work, "rev-parse", "HEAD^{tree}")).trim();
  const empty = Buffer.from("5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e", "hex");
  assert.match((await pushBytes(name, none, "1".repeat(40), empty, "refs/heads/x")).text, /ng refs\/heads\/x missing necessary objects/);
  assert.match(
    (await pushBytes(name, none, tree, empty, "refs/heads/x")).text,
    /ng refs\/heads\/x trying to write non-commit object to branch/,
  );
  assert.match((await pushBytes(name, none, head, empty, "refs/heads/../x")).text, /ng refs\/heads\/\.\.\/x funny refname/);
  assert.match((await pushBytes(name, none, head, empty, "refs/heads/x")).text, /ok refs\/heads\/x/);
  assert.match((await pushBytes(name, none, head, empty, "refs/heads/x")).text, /ng refs\/heads\/x reference already exists/);
});

test("a malformed request is a 400", async () => {
  const { name } = await pair();
  const answer = await fetch(`${server.endpoint}/v1/repos/${name}/git-receive-pack`, {
    method: "POST",
    headers: basic(),
    body: "nonsense",
  });
  assert.equal(answer.status, 400);
});

test("the folder on disk is a cache: without it everything is there", async () => {
  const data = await mkdtemp(join(git.folder, "data-"));
  const folder = join(data, "services", "codecommit", "repositories");
  /** A server on the same data, whose cache is lost afterwards. */
  const during = async (work: (durable: TestServer) => Promise<void>) => {
    const durable = await startServer({ data });
    await work(durable).finally(() => durable.stop());
    assert.equal((await readdir(folder)).length, 1);
    await rm(folder, { recursive: true });
  };
  const copy = join(git.folder, "kept-copy");
  let head = "";
  await during(async (durable) => {
    await durable.client(CodeCommitClient).send(new CreateRepositoryCommand({ repositoryName: "kept" }));
    const work = await git.repository("kept");
    await git.git(work, "push", "--quiet", addressOf(durable, "kept"), "main");
    head = await git.commit(work, { a: "1" });
    await git.git(work, "push", "--quiet", addressOf(durable, "kept"), "main");
  });
  await during(async (durable) => {
    await git.git(git.folder, "clone", "--quiet", addressOf(durable, "kept"), copy);
    assert.equal((await git.git(copy, "rev-parse", "HEAD")).trim(), head);
  });
  await during(async (durable) => {
    head = await git.commit(copy, { a: "2" });
    await git.git(copy, "push", "--quiet", addressOf(durable, "kept"), "main");
    const found = await durable.client(CodeCommitClient).send(new GetBranchCommand({ repositoryName: "kept", branchName: "main" }));
    assert.equal(found.branch?.commitId, head);
  });
});

test("a push that was answered survives the server's sudden end", async () => {
  const killed = await startProcess();
  try {
    const name = "survivor";
    const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = killed.environment;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    const codecommit = new CodeCommitClient({ endpoint: killed.endpoint, region: "us-east-1", credentials });
    await codecommit.send(new CreateRepositoryCommand({ repositoryName: name }));
    codecommit.destroy();
    const address = () => addressOf({ endpoint: killed.endpoint }, name, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY);
    const work = await git.repository(name);
    for (let index = 0; index < 5; index += 1) {
      const head = await git.commit(work, { a: String(index) });
      await git.git(work, "push", "--quiet", address(), "main");
      await killed.kill();
      await killed.restart();
      const copy = join(git.folder, `${name}-${index}`);
      await git.git(git.folder, "clone", "--quiet", address(), copy);
      assert.equal((await git.git(copy, "rev-parse", "HEAD")).trim(), head);
    }
  } finally {
    await killed.end();
  }
});

test("nothing stays of a deleted repository", async () => {
  const data = await mkdtemp(join(git.folder, "data-"));
  const durable = await startServer({ data });
  try {
    const codecommit = durable.client(CodeCommitClient);
    const filesIn = async (folder: string) =>
      (await readdir(join(data, folder), { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
    const before = (await filesIn("blobs")).length;
    await codecommit.send(new CreateRepositoryCommand({ repositoryName: "gone" }));
    const work = await git.repository("gone");
    await git.git(work, "push", "--quiet", addressOf(durable, "gone"), "main");
    await durable.idle();
    assert.equal((await filesIn("blobs")).length, before + 1);
    await codecommit.send(new DeleteRepositoryCommand({ repositoryName: "gone" }));
    await durable.idle();
    assert.equal((await filesIn("blobs")).length, before);
    assert.deepEqual(await filesIn("services/codecommit"), []);
    assert.match((await git.tryGit(work, "push", addressOf(durable, "gone"), "main")).stderr, /not found/);
  } finally {
    await durable.stop();
  }
});

test("an archive holds the tree of a commit, whatever its attributes leave out", async () => {
  const { name, work } = await pair({ ".gitattributes": "secret export-ignore\n", secret: "1", run: "#!/bin/sh\n" });
  await chmod(join(work, "run"), 0o755);
  const head = await git.commit(work, { more: "1" });
  await git.git(work, "push", "--quiet", "origin", "main");
  const get = (commit: string) => fetch(`${server.endpoint}/v1/repos/${name}/archive/${commit}.zip`, { headers: basic() });
  const answer = await get(head);
  assert.equal(answer.headers.get("content-type"), "application/zip");
  const files = await unzipped(new Uint8Array(await answer.arrayBuffer()));
  assert.equal(files.secret?.text, "1");
  assert.equal(files.run?.mode, 0o100755);
  assert.equal((await get("1".repeat(40))).status, 404);
});

test("a bundle is a clone of one branch, with the tags on it", async () => {
  const { name, work } = await pair();
  await git.git(work, "tag", "-a", "-m", "one", "v1");
  await git.git(work, "checkout", "--quiet", "-b", "a/b#c");
  await git.commit(work, { other: "1" });
  await git.git(work, "tag", "elsewhere");
  await git.git(work, "push", "--quiet", "--tags", "origin", "main", "a/b#c");
  const get = (branch: string) => fetch(`${server.endpoint}/v1/repos/${name}/bundle/${branch}`, { headers: basic() });
  const cloned = async (branch: string) => {
    const file = join(git.folder, `${name}.bundle`);
    await writeFile(file, Buffer.from(await (await get(encodeURIComponent(branch))).arrayBuffer()));
    const copy = join(git.folder, `${name}-${encodeURIComponent(branch)}`);
    await git.git(git.folder, "clone", "--quiet", "--branch", branch, file, copy);
    return (await git.git(copy, "for-each-ref", "--format=%(refname)")).trim().split("\n");
  };
  assert.deepEqual(await cloned("main"), ["refs/heads/main", "refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/tags/v1"]);
  assert.deepEqual(await cloned("a/b#c"), ["refs/heads/a/b#c", "refs/remotes/origin/a/b#c", "refs/tags/elsewhere", "refs/tags/v1"]);
  assert.equal((await get("main2")).status, 404);
  assert.equal((await fetch(`${server.endpoint}/v1/repos/${name}/bundle/main`)).status, 401);
});

test("many pushes are joined into one pack, and nothing is lost", async () => {
  const { name, work } = await pair();
  await git.git(work, "push", "--quiet", "origin", "main");
  let head = "";
  for (let index = 0; index < 52; index += 1) {
    head = await git.commit(work, { a: String(index) }, `change ${index}`);
    await git.git(work, "push", "--quiet", "origin", "main");
  }
  await server.idle();
  const copy = join(git.folder, `${name}-copy`);
  await git.git(git.folder, "clone", "--quiet", addressOf(server, name), copy);
  assert.equal((await git.git(copy, "rev-parse", "HEAD")).trim(), head);
  assert.equal((await git.git(copy, "rev-list", "--count", "HEAD")).trim(), "53");
});
