import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { awsCli, withoutAws } from "../../harness/programs.ts";

let server: TestServer;
let client: sts.STSClient;
before(async () => {
  server = await startServer();
  client = server.client(sts.STSClient);
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: server.account }, Action: "sts:AssumeRole" }],
  });
  await server.client(IAMClient).send(new CreateRoleCommand({ RoleName: "deployer", Path: "/x/", AssumeRolePolicyDocument }));
});
after(() => server.stop());

const role = () => `arn:aws:iam::${server.account}:role/x/deployer`;
const credentialsOf = (of: sts.Credentials | undefined) => ({
  accessKeyId: of?.AccessKeyId ?? "",
  secretAccessKey: of?.SecretAccessKey ?? "",
  sessionToken: of?.SessionToken ?? "",
});
const assume = (more: Partial<sts.AssumeRoleCommandInput> = {}, as = client) =>
  as.send(new sts.AssumeRoleCommand({ RoleArn: role(), RoleSessionName: "me", ...more }));

describe("AssumeRole", () => {
  it("opens a session that signs as the role", async () => {
    const { Credentials, AssumedRoleUser } = await assume({ DurationSeconds: 900 });
    assert.match(Credentials?.AccessKeyId ?? "", /^ASIA[A-Z2-7]{16}$/);
    const left = ((Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000;
    assert.ok(left > 840 && left <= 900, `${left} s left`);
    const session = server.client(sts.STSClient, { credentials: credentialsOf(Credentials) });
    const who = await session.send(new sts.GetCallerIdentityCommand({}));
    assert.equal(who.Arn, `arn:aws:sts::${server.account}:assumed-role/deployer/me`);
    assert.equal(who.Arn, AssumedRoleUser?.Arn);
    assert.equal(who.UserId, AssumedRoleUser?.AssumedRoleId);
    assert.match(who.UserId ?? "", /^AROA[A-Z2-7]{17}:me$/);
    const info = await client.send(new sts.GetAccessKeyInfoCommand({ AccessKeyId: Credentials?.AccessKeyId }));
    assert.equal(info.Account, server.account);
  });

  it("is nothing without the session's own token", async () => {
    const one = credentialsOf((await assume()).Credentials);
    const other = credentialsOf((await assume()).Credentials);
    const { sessionToken: _, ...bare } = one;
    for (const credentials of [bare, { ...one, sessionToken: other.sessionToken }, { ...one, sessionToken: "x" }])
      await assert.rejects(server.client(sts.STSClient, { credentials }).send(new sts.GetCallerIdentityCommand({})), {
        name: "InvalidClientTokenId",
      });
  });

  it("refuses a role that does not exist, of another account, or by half its name", async () => {
    for (const RoleArn of [
      `arn:aws:iam::${server.account}:role/nobody`,
      `arn:aws:iam::${server.account}:role/deployer`,
      "arn:aws:iam::999999999999:role/x/deployer",
      `arn:aws:iam::${server.account}:user/x/deployer`,
    ])
      await assert.rejects(assume({ RoleArn }), { name: "AccessDenied", message: /not authorized to perform: sts:AssumeRole/ });
  });

  it("keeps to the role's longest session", async () => {
    await assert.rejects(assume({ DurationSeconds: 3601 }), { name: "ValidationError", message: /MaxSessionDuration/ });
    const chained = server.client(sts.STSClient, { credentials: credentialsOf((await assume()).Credentials) });
    assert.ok((await assume({}, chained)).Credentials);
  });

  it("refuses a session policy that is no JSON", async () => {
    await assert.rejects(assume({ Policy: "{" }), { name: "MalformedPolicyDocumentException" });
  });
});

describe("GetSessionToken", () => {
  it("opens a session of the user, which opens no other", async () => {
    const own = server.client(IAMClient);
    await own.send(new CreateUserCommand({ UserName: "tom" }));
    const { AccessKey } = await own.send(new CreateAccessKeyCommand({ UserName: "tom" }));
    const user = server.client(sts.STSClient, {
      credentials: { accessKeyId: AccessKey?.AccessKeyId, secretAccessKey: AccessKey?.SecretAccessKey },
    });
    const { Credentials } = await user.send(new sts.GetSessionTokenCommand({}));
    const session = server.client(sts.STSClient, { credentials: credentialsOf(Credentials) });
    assert.equal((await session.send(new sts.GetCallerIdentityCommand({}))).Arn, `arn:aws:iam::${server.account}:user/tom`);
    await assert.rejects(session.send(new sts.GetSessionTokenCommand({})), { name: "AccessDenied" });
  });
});

describe("the rest", () => {
  it("GetCallerIdentity tells the root", async () => {
    const who = await client.send(new sts.GetCallerIdentityCommand({}));
    assert.deepEqual([who.Arn, who.UserId, who.Account], [`arn:aws:iam::${server.account}:root`, server.account, server.account]);
  });

  it("what is not built says so", async () => {
    await assert.rejects(client.send(new sts.DecodeAuthorizationMessageCommand({ EncodedMessage: "x" })), /DecodeAuthorizationMessage/);
  });

  it("the aws CLI works with it", { skip: withoutAws }, async () => {
    const aws = awsCli(server.endpoint, server.environment);
    assert.equal((await aws("sts", "get-caller-identity")).Account, server.account);
    const { Credentials } = await aws("sts", "assume-role", "--role-arn", role(), "--role-session-name", "cli");
    const session = awsCli(server.endpoint, {
      ...server.environment,
      AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials.SessionToken,
    });
    assert.equal((await session("sts", "get-caller-identity")).Arn, `arn:aws:sts::${server.account}:assumed-role/deployer/cli`);
    const roles = await session("iam", "list-roles", "--path-prefix", "/x/");
    assert.equal(roles.Roles[0].AssumeRolePolicyDocument.Statement[0].Principal.AWS, server.account);
  });
});
