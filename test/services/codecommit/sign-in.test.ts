/** The ways to sign in to git, and those that do not work. */
import { CodeCommitClient, CreateRepositoryCommand } from "@aws-sdk/client-codecommit";
import {
  CreateServiceSpecificCredentialCommand,
  CreateUserCommand,
  IAMClient,
  UpdateServiceSpecificCredentialCommand,
} from "@aws-sdk/client-iam";
import { GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { helperSignature } from "../../../src/services/codecommit/helper-password.ts";
import { withoutAws } from "../../harness/programs.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { addressOf, type GitClient, startGitClient, withHelper } from "./git-client.ts";

let server: TestServer;
let git: GitClient;
let work: string;
before(async () => {
  server = await startServer();
  git = await startGitClient();
  work = await git.repository("work");
  await server.client(CodeCommitClient).send(new CreateRepositoryCommand({ repositoryName: "demo" }));
});
after(async () => {
  await server.stop();
  await git.end();
});

const listing = async (user: string, password: string, path = "/v1/repos/demo") => {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const answer = await fetch(`${server.endpoint}${path}/info/refs?service=git-receive-pack`, {
    headers: user === "" ? {} : { authorization },
  });
  return { status: answer.status, challenge: answer.headers.get("www-authenticate"), text: await answer.text() };
};
const stamp = (ago = 0) =>
  new Date(Date.now() - ago * 60_000)
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replace(/[-:]/g, "");
/** What git-remote-codecommit and the CLI's helper do. */
const helperPassword = (secret: string, path: string, options: { region?: string; host?: string; ago?: number } = {}) => {
  const time = stamp(options.ago);
  return `${time}Z${helperSignature(secret, options.region ?? "us-east-1", time, options.host ?? new URL(server.endpoint).hostname, path)}`;
};

test("without credentials there is a challenge", async () => {
  const { status, challenge } = await listing("", "");
  assert.equal(status, 401);
  assert.match(challenge ?? "", /^Basic /);
});

test("the root keys, and wrong ones", async () => {
  const { accessKeyId, secretAccessKey } = server.credentials;
  assert.equal((await listing(accessKeyId, secretAccessKey)).status, 200);
  assert.equal((await listing(accessKeyId, `${secretAccessKey}x`)).status, 401);
  assert.equal((await listing(accessKeyId, "")).status, 401);
  assert.equal((await listing("AKIANOBODY", secretAccessKey)).status, 401);
  const failed = await git.tryGit(work, "push", addressOf(server, "demo", accessKeyId, "wrong"), "main");
  assert.match(failed.stderr, /Authentication failed/);
});

test("a signed password: for its path, host and time only", async () => {
  const { accessKeyId, secretAccessKey } = server.credentials;
  const path = "/v1/repos/demo";
  const good = helperPassword(secretAccessKey, path);
  assert.equal((await listing(accessKeyId, good)).status, 200);
  assert.equal((await listing(accessKeyId, helperPassword(secretAccessKey, path, { host: new URL(server.endpoint).host }))).status, 200);
  assert.equal((await listing(accessKeyId, helperPassword(secretAccessKey, path, { ago: 16 }))).status, 401);
  assert.equal((await listing(accessKeyId, helperPassword(secretAccessKey, "/v1/repos/other"))).status, 401);
  assert.equal((await listing(accessKeyId, helperPassword("other", path))).status, 401);
  assert.equal((await listing(accessKeyId, good, "/v1/repos/demo.git")).status, 401);
});

test("the region is the one that was signed for, or that the path names", async () => {
  const { accessKeyId, secretAccessKey } = server.credentials;
  const path = "/v1/repos/far";
  await server.client(CodeCommitClient, { region: "ap-south-1" }).send(new CreateRepositoryCommand({ repositoryName: "far" }));
  assert.equal((await listing(accessKeyId, helperPassword(secretAccessKey, path, { region: "ap-south-1" }), path)).status, 200);
  assert.equal((await listing(accessKeyId, helperPassword(secretAccessKey, path, { region: "eu-west-1" }), path)).status, 404);
  assert.equal((await listing(accessKeyId, secretAccessKey, path)).status, 200);
  assert.equal((await listing(accessKeyId, secretAccessKey, `/ap-south-1${path}`)).status, 200);
  assert.equal((await listing(accessKeyId, secretAccessKey, `/eu-west-1${path}`)).status, 404);
});

test("a session's keys come with their token", async () => {
  const { Credentials } = await server.client(STSClient).send(new GetSessionTokenCommand({}));
  assert.ok(Credentials?.AccessKeyId && Credentials.SecretAccessKey && Credentials.SessionToken);
  const password = helperPassword(Credentials.SecretAccessKey, "/v1/repos/demo");
  assert.equal((await listing(`${Credentials.AccessKeyId}%${Credentials.SessionToken}`, password)).status, 200);
  assert.equal((await listing(Credentials.AccessKeyId, password)).status, 401);
  assert.equal((await listing(`${Credentials.AccessKeyId}%x`, password)).status, 401);
});

test("git credentials of IAM, until they are switched off", async () => {
  const iam = server.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: "ann" }));
  const made = await iam.send(new CreateServiceSpecificCredentialCommand({ UserName: "ann", ServiceName: "codecommit.amazonaws.com" }));
  const { ServiceUserName = "", ServicePassword = "", ServiceSpecificCredentialId } = made.ServiceSpecificCredential ?? {};
  await git.git(work, "push", "--quiet", addressOf(server, "demo", ServiceUserName, ServicePassword), "main");
  assert.equal((await listing(ServiceUserName, "wrong")).status, 401);
  await iam.send(new UpdateServiceSpecificCredentialCommand({ UserName: "ann", ServiceSpecificCredentialId, Status: "Inactive" }));
  assert.equal((await listing(ServiceUserName, ServicePassword)).status, 401);
});

test("the AWS CLI's own credential helper", { skip: withoutAws }, async () => {
  const client = await startGitClient(server.environment);
  try {
    const repository = await client.repository("work");
    const url = `${server.endpoint}/v1/repos/demo`;
    await client.git(repository, ...withHelper, "push", "--quiet", url, "main:helper");
    const copy = join(client.folder, "copy");
    await client.git(client.folder, ...withHelper, "clone", "--quiet", "--branch", "helper", url, copy);
  } finally {
    await client.end();
  }
});

test("no repository is a 404, which git understands", async () => {
  const failed = await git.tryGit(git.folder, "clone", addressOf(server, "nothing"), "x");
  assert.match(failed.stderr, /not found/);
});

test("with authentication off anybody is root", async () => {
  const open = await startServer({ auth: "off" });
  try {
    await open.client(CodeCommitClient).send(new CreateRepositoryCommand({ repositoryName: "demo" }));
    await git.git(work, "push", "--quiet", `${open.endpoint}/v1/repos/demo`, "main");
    await git.git(git.folder, "ls-remote", "--exit-code", addressOf(open, "demo", "any", "body"), "main");
  } finally {
    await open.stop();
  }
});
