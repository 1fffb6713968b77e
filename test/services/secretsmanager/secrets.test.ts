import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as sm from "@aws-sdk/client-secrets-manager";
import { awsCli, withoutAws } from "../../harness/programs.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

let server: TestServer;
let client: sm.SecretsManagerClient;
before(async () => {
  server = await startServer();
  client = server.client(sm.SecretsManagerClient);
});
after(() => server.stop());

const value = (SecretId: string, more: Partial<sm.GetSecretValueCommandInput> = {}) =>
  client.send(new sm.GetSecretValueCommand({ SecretId, ...more }));
const create = (Name: string, SecretString?: string, more: Partial<sm.CreateSecretCommandInput> = {}) =>
  client.send(new sm.CreateSecretCommand({ Name, SecretString, ...more }));

describe("a secret", () => {
  it("is made and read by name, ARN and half its ARN", async () => {
    const { ARN, VersionId } = await create("app/db-main", "pass-word", { Description: "d", Tags: [{ Key: "a", Value: "b" }] });
    assert.match(ARN ?? "", new RegExp(`^arn:aws:secretsmanager:us-east-1:${server.account}:secret:app/db-main-[A-Za-z0-9]{6}$`));
    for (const id of ["app/db-main", ARN as string, (ARN as string).slice(0, -7)]) {
      const got = await value(id);
      assert.deepEqual([got.SecretString, got.ARN, got.VersionId, got.VersionStages], ["pass-word", ARN, VersionId, ["AWSCURRENT"]]);
    }
    await assert.rejects(value(`${(ARN as string).slice(0, -6)}XXXXXX`), { name: "ResourceNotFoundException" });
    await assert.rejects(value("app/db"), {
      name: "ResourceNotFoundException",
      message: "Secrets Manager can't find the specified secret.",
    });
    await assert.rejects(create("app/db-main", "other"), { name: "ResourceExistsException" });
    const described = await client.send(new sm.DescribeSecretCommand({ SecretId: "app/db-main" }));
    assert.deepEqual(
      [described.Description, described.Tags, described.VersionIdsToStages],
      ["d", [{ Key: "a", Value: "b" }], { [VersionId as string]: ["AWSCURRENT"] }],
    );
    assert.ok(!JSON.stringify(described).includes("pass-word"));
  });

  it("holds bytes too, and may hold nothing yet", async () => {
    await client.send(new sm.CreateSecretCommand({ Name: "bytes", SecretBinary: new Uint8Array([0, 255, 7]) }));
    const got = await value("bytes");
    assert.deepEqual([...(got.SecretBinary ?? [])], [0, 255, 7]);
    assert.equal(got.SecretString, undefined);
    await create("empty");
    await assert.rejects(value("empty"), { name: "ResourceNotFoundException", message: /staging label: AWSCURRENT/ });
    await assert.rejects(client.send(new sm.PutSecretValueCommand({ SecretId: "empty" })), { name: "InvalidParameterException" });
    await client.send(new sm.PutSecretValueCommand({ SecretId: "empty", SecretString: "now" }));
    assert.equal((await value("empty")).SecretString, "now");
  });

  it("keeps the previous version, and moves labels", async () => {
    const first = await create("stages", "1");
    const second = await client.send(new sm.PutSecretValueCommand({ SecretId: "stages", SecretString: "2" }));
    assert.equal((await value("stages")).SecretString, "2");
    assert.equal((await value("stages", { VersionStage: "AWSPREVIOUS" })).SecretString, "1");
    assert.equal((await value("stages", { VersionId: first.VersionId })).SecretString, "1");
    await client.send(new sm.PutSecretValueCommand({ SecretId: "stages", SecretString: "3", VersionStages: ["AWSPENDING"] }));
    assert.equal((await value("stages", { VersionStage: "AWSPENDING" })).SecretString, "3");
    assert.equal((await value("stages")).SecretString, "2");
    const move = (RemoveFromVersionId: string | undefined, MoveToVersionId: string | undefined) =>
      client.send(
        new sm.UpdateSecretVersionStageCommand({ SecretId: "stages", VersionStage: "AWSCURRENT", RemoveFromVersionId, MoveToVersionId }),
      );
    await assert.rejects(move(undefined, first.VersionId), { name: "InvalidParameterException", message: /RemoveFromVersionId/ });
    await move(second.VersionId, first.VersionId);
    assert.equal((await value("stages")).SecretString, "1");
    assert.equal((await value("stages", { VersionStage: "AWSPREVIOUS" })).SecretString, "2");
    await client.send(new sm.UpdateSecretCommand({ SecretId: "stages", SecretString: "4", Description: "new" }));
    assert.equal((await value("stages")).SecretString, "4");
    const { Versions } = await client.send(new sm.ListSecretVersionIdsCommand({ SecretId: "stages", IncludeDeprecated: true }));
    assert.equal(Versions?.length, 4);
  });

  it("takes the same request twice as one", async () => {
    const ClientRequestToken = "11111111-2222-3333-4444-555555555555";
    const { VersionId } = await create("once", "x", { ClientRequestToken });
    assert.equal(VersionId, ClientRequestToken);
    assert.equal((await create("once", "x", { ClientRequestToken })).VersionId, ClientRequestToken);
    await assert.rejects(create("once", "y", { ClientRequestToken }), { name: "ResourceExistsException" });
    const again = { SecretId: "once", ClientRequestToken: "21111111-2222-3333-4444-555555555555" };
    await client.send(new sm.PutSecretValueCommand({ ...again, SecretString: "z" }));
    await client.send(new sm.PutSecretValueCommand({ ...again, SecretString: "z" }));
    await assert.rejects(client.send(new sm.PutSecretValueCommand({ ...again, SecretString: "other" })), {
      name: "ResourceExistsException",
    });
    assert.equal((await client.send(new sm.ListSecretVersionIdsCommand({ SecretId: "once" }))).Versions?.length, 2);
  });

  it("is deleted with a way back, or for good", async () => {
    const { ARN } = await create("gone", "x");
    const { DeletionDate } = await client.send(new sm.DeleteSecretCommand({ SecretId: "gone", RecoveryWindowInDays: 7 }));
    const days = ((DeletionDate?.getTime() ?? 0) - Date.now()) / 86_400_000;
    assert.ok(days > 6.9 && days <= 7, `${days} days`);
    await assert.rejects(value("gone"), { name: "InvalidRequestException", message: /marked for deletion/ });
    await assert.rejects(create("gone", "y"), { name: "InvalidRequestException", message: /scheduled for deletion/ });
    assert.ok((await client.send(new sm.DescribeSecretCommand({ SecretId: "gone" }))).DeletedDate);
    await client.send(new sm.RestoreSecretCommand({ SecretId: ARN }));
    assert.equal((await value("gone")).SecretString, "x");
    await client.send(new sm.DeleteSecretCommand({ SecretId: "gone", ForceDeleteWithoutRecovery: true }));
    await assert.rejects(value("gone"), { name: "ResourceNotFoundException" });
    assert.notEqual((await create("gone", "z")).ARN, ARN);
    await assert.rejects(client.send(new sm.DeleteSecretCommand({ SecretId: "gone", RecoveryWindowInDays: 3 })), {
      name: "InvalidParameterException",
    });
  });

  it("is refused by name what is not built", async () => {
    await assert.rejects(create("kms", "x", { KmsKeyId: "alias/mine" }), { message: /alias\/mine.*not implemented/ });
    await assert.rejects(create("replicated", "x", { AddReplicaRegions: [{ Region: "eu-west-1" }] }), {
      message: /AddReplicaRegions.*not implemented/,
    });
    await assert.rejects(client.send(new sm.RotateSecretCommand({ SecretId: "app/db-main" })), {
      message: /RotateSecret is not implemented/,
    });
  });

  it("is never in the log, nor in an error", async () => {
    const secret = "unheard-of-value";
    await create("silent", secret);
    await assert.rejects(create("silent", secret), (error: Error) => !error.message.includes(secret));
    await assert.rejects(create("too-long", secret.repeat(5000)), (error: Error) => !error.message.includes(secret));
    assert.ok(!server.log().includes(secret));
  });
});

describe("many", () => {
  it("are listed by age, by filters and page by page", async () => {
    const own = await startServer();
    try {
      const there = own.client(sm.SecretsManagerClient);
      for (const Name of ["b/one", "a/two", "c/three"])
        await there.send(new sm.CreateSecretCommand({ Name, SecretString: Name, Tags: [{ Key: "first", Value: Name[0] }] }));
      const list = async (more: Partial<sm.ListSecretsCommandInput>) => {
        const found: (string | undefined)[] = [];
        for await (const page of sm.paginateListSecrets({ client: there, pageSize: 2 }, more))
          found.push(...(page.SecretList ?? []).map(({ Name }) => Name));
        return found;
      };
      assert.deepEqual(await list({ SortOrder: "asc" }), ["b/one", "a/two", "c/three"]);
      assert.deepEqual(await list({}), ["c/three", "a/two", "b/one"]);
      assert.deepEqual(await list({ Filters: [{ Key: "name", Values: ["a/"] }] }), ["a/two"]);
      assert.deepEqual(await list({ Filters: [{ Key: "tag-value", Values: ["!a"] }], SortOrder: "asc" }), ["b/one", "c/three"]);
      assert.deepEqual(await list({ Filters: [{ Key: "all", Values: ["Three"] }] }), ["c/three"]);
      await there.send(new sm.DeleteSecretCommand({ SecretId: "a/two" }));
      assert.deepEqual(await list({ SortOrder: "asc" }), ["b/one", "c/three"]);
      const batch = await there.send(new sm.BatchGetSecretValueCommand({ SecretIdList: ["b/one", "a/two", "none"] }));
      assert.deepEqual(
        [
          batch.SecretValues?.map(({ SecretString }) => SecretString),
          batch.Errors?.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode]),
        ],
        [
          ["b/one"],
          [
            ["a/two", "InvalidRequestException"],
            ["none", "ResourceNotFoundException"],
          ],
        ],
      );
    } finally {
      await own.stop();
    }
  });
});

it("random passwords follow their rules", async () => {
  const password = async (more: Partial<sm.GetRandomPasswordCommandInput>) =>
    (await client.send(new sm.GetRandomPasswordCommand(more))).RandomPassword;
  assert.equal((await password({}))?.length, 32);
  assert.match((await password({ PasswordLength: 20, ExcludePunctuation: true, ExcludeCharacters: "0O" })) ?? "", /^[A-NP-Za-z1-9]{20}$/);
  await assert.rejects(password({ PasswordLength: 2 }), { name: "InvalidParameterException" });
});

it("tags and policies hang on it", async () => {
  await create("hung", "x");
  await client.send(
    new sm.TagResourceCommand({
      SecretId: "hung",
      Tags: [
        { Key: "a", Value: "b" },
        { Key: "c", Value: "d" },
      ],
    }),
  );
  await client.send(new sm.UntagResourceCommand({ SecretId: "hung", TagKeys: ["a"] }));
  assert.deepEqual((await client.send(new sm.DescribeSecretCommand({ SecretId: "hung" }))).Tags, [{ Key: "c", Value: "d" }]);
  await client.send(new sm.PutResourcePolicyCommand({ SecretId: "hung", ResourcePolicy: '{"Version":"2012-10-17","Statement":[]}' }));
  assert.match((await client.send(new sm.GetResourcePolicyCommand({ SecretId: "hung" }))).ResourcePolicy ?? "", /2012/);
  await client.send(new sm.DeleteResourcePolicyCommand({ SecretId: "hung" }));
  assert.equal((await client.send(new sm.GetResourcePolicyCommand({ SecretId: "hung" }))).ResourcePolicy, undefined);
});

it("the aws CLI works with it", { skip: withoutAws }, async () => {
  const aws = awsCli(server.endpoint, server.environment);
  await aws("secretsmanager", "create-secret", "--name", "cli", "--secret-string", '{"user":"u"}');
  assert.equal((await aws("secretsmanager", "get-secret-value", "--secret-id", "cli")).SecretString, '{"user":"u"}');
});
