import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { startServer, type TestServer } from "../../harness/server.ts";

const trust = (service: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" } });
const policy = (action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] });
const administrator = "arn:aws:iam::aws:policy/AdministratorAccess";

let server: TestServer;
let client: iam.IAMClient;
before(async () => {
  server = await startServer();
  client = server.client(iam.IAMClient);
});
after(() => server.stop());

const failsWith = (name: string, message?: RegExp) => (error: Error) => {
  assert.equal(error.name, name, error.message);
  if (message) assert.match(error.message, message);
  return true;
};

describe("roles", () => {
  it("are made, described and listed as AWS does", async () => {
    const { Role } = await client.send(
      new iam.CreateRoleCommand({
        RoleName: "builder",
        Path: "/service-role/",
        AssumeRolePolicyDocument: trust("codebuild.amazonaws.com"),
        Description: "builds",
        MaxSessionDuration: 7200,
        Tags: [{ Key: "team", Value: "a" }],
      }),
    );
    assert.equal(Role?.Arn, `arn:aws:iam::${server.account}:role/service-role/builder`);
    assert.match(Role?.RoleId ?? "", /^AROA[A-Z2-7]{17}$/);
    const got = await client.send(new iam.GetRoleCommand({ RoleName: "builder" }));
    assert.equal(decodeURIComponent(got.Role?.AssumeRolePolicyDocument ?? ""), trust("codebuild.amazonaws.com"));
    assert.equal(got.Role?.MaxSessionDuration, 7200);
    assert.deepEqual(got.Role?.Tags, [{ Key: "team", Value: "a" }]);
    const listed = await client.send(new iam.ListRolesCommand({ PathPrefix: "/service-role/" }));
    assert.deepEqual(
      listed.Roles?.map(({ RoleName }) => RoleName),
      ["builder"],
    );
    await assert.rejects(
      client.send(new iam.CreateRoleCommand({ RoleName: "Builder", AssumeRolePolicyDocument: trust("codebuild.amazonaws.com") })),
      failsWith("EntityAlreadyExistsException", /Role with name Builder already exists/),
    );
    await assert.rejects(
      client.send(new iam.GetRoleCommand({ RoleName: "nobody" })),
      failsWith("NoSuchEntityException", /role with name nobody cannot be found/),
    );
  });

  it("refuse a broken trust policy and leave nothing behind", async () => {
    await assert.rejects(
      client.send(new iam.CreateRoleCommand({ RoleName: "broken", AssumeRolePolicyDocument: "{" })),
      failsWith("MalformedPolicyDocumentException", /invalid Json/),
    );
    await assert.rejects(
      client.send(
        new iam.CreateRoleCommand({
          RoleName: "broken",
          AssumeRolePolicyDocument: trust("codebuild.amazonaws.com"),
          PermissionsBoundary: "arn:aws:iam::aws:policy/None",
        }),
      ),
      failsWith("NoSuchEntityException"),
    );
    await assert.rejects(client.send(new iam.GetRoleCommand({ RoleName: "broken" })), failsWith("NoSuchEntityException"));
  });

  it("hold inline and managed policies, and go only when they hold none", async () => {
    const RoleName = "holder";
    await client.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust("lambda.amazonaws.com") }));
    await client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument: policy("s3:GetObject") }));
    await client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn: administrator }));
    await client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn: administrator }));
    await assert.rejects(
      client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn: "arn:aws:iam::aws:policy/NoSuchPolicy" })),
      failsWith("NoSuchEntityException", /NoSuchPolicy does not exist or is not attachable/),
    );
    assert.deepEqual((await client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies, [
      { PolicyName: "AdministratorAccess", PolicyArn: administrator },
    ]);
    assert.deepEqual((await client.send(new iam.ListRolePoliciesCommand({ RoleName }))).PolicyNames, ["inline"]);
    const { PolicyDocument } = await client.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName: "inline" }));
    assert.equal(decodeURIComponent(PolicyDocument ?? ""), policy("s3:GetObject"));
    await assert.rejects(
      client.send(new iam.DeleteRoleCommand({ RoleName })),
      failsWith("DeleteConflictException", /must delete policies first/),
    );
    await client.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: "inline" }));
    await assert.rejects(
      client.send(new iam.DeleteRoleCommand({ RoleName })),
      failsWith("DeleteConflictException", /must detach all policies first/),
    );
    await client.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn: administrator }));
    await assert.rejects(
      client.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn: administrator })),
      failsWith("NoSuchEntityException"),
    );
    await client.send(new iam.DeleteRoleCommand({ RoleName }));
    await assert.rejects(client.send(new iam.GetRoleCommand({ RoleName })), failsWith("NoSuchEntityException"));
  });

  it("come page by page", async () => {
    for (const number of [1, 2, 3, 4, 5])
      await client.send(
        new iam.CreateRoleCommand({
          RoleName: `paged-${number}`,
          Path: "/paged/",
          AssumeRolePolicyDocument: trust("lambda.amazonaws.com"),
        }),
      );
    const names: (string | undefined)[] = [];
    let pages = 0;
    for await (const page of iam.paginateListRoles({ client, pageSize: 2 }, { PathPrefix: "/paged/" })) {
      pages++;
      names.push(...(page.Roles ?? []).map(({ RoleName }) => RoleName));
    }
    assert.deepEqual(names, ["paged-1", "paged-2", "paged-3", "paged-4", "paged-5"]);
    assert.equal(pages, 3);
  });
});

describe("managed policies", () => {
  it("have at most five versions, one of them the default", async () => {
    const created = await client.send(
      new iam.CreatePolicyCommand({ PolicyName: "versions", PolicyDocument: policy("s3:Get*"), Description: "d" }),
    );
    const PolicyArn = created.Policy?.Arn;
    assert.equal(PolicyArn, `arn:aws:iam::${server.account}:policy/versions`);
    for (const version of [2, 3, 4, 5]) {
      const { PolicyVersion }: iam.CreatePolicyVersionCommandOutput = await client.send(
        new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policy(`s3:Put${version}`), SetAsDefault: version === 3 }),
      );
      assert.equal(PolicyVersion?.VersionId, `v${version}`);
    }
    await assert.rejects(
      client.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policy("s3:*") })),
      failsWith("LimitExceededException", /up to 5 versions/),
    );
    await assert.rejects(
      client.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: "v3" })),
      failsWith("DeleteConflictException", /default version/),
    );
    await client.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: "v5" }));
    const next = await client.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policy("s3:*") }));
    assert.equal(next.PolicyVersion?.VersionId, "v6");
    const { Policy } = await client.send(new iam.GetPolicyCommand({ PolicyArn }));
    assert.equal(Policy?.DefaultVersionId, "v3");
    const { PolicyVersion } = await client.send(new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: "v3" }));
    assert.equal(decodeURIComponent(PolicyVersion?.Document ?? ""), policy("s3:Put3"));
    await assert.rejects(
      client.send(new iam.DeletePolicyCommand({ PolicyArn })),
      failsWith("DeleteConflictException", /more than one version/),
    );
  });

  it("know who holds them, and stay while somebody does", async () => {
    const { Policy } = await client.send(new iam.CreatePolicyCommand({ PolicyName: "held", PolicyDocument: policy("s3:Get*") }));
    const PolicyArn = Policy?.Arn;
    await client.send(new iam.CreateUserCommand({ UserName: "held-by" }));
    await client.send(new iam.AttachUserPolicyCommand({ UserName: "held-by", PolicyArn }));
    const entities = await client.send(new iam.ListEntitiesForPolicyCommand({ PolicyArn }));
    assert.deepEqual(
      entities.PolicyUsers?.map(({ UserName }) => UserName),
      ["held-by"],
    );
    assert.equal((await client.send(new iam.GetPolicyCommand({ PolicyArn }))).Policy?.AttachmentCount, 1);
    await assert.rejects(
      client.send(new iam.DeletePolicyCommand({ PolicyArn })),
      failsWith("DeleteConflictException", /attached to entities/),
    );
    await client.send(new iam.UpdateUserCommand({ UserName: "held-by", NewUserName: "held-by-another" }));
    await client.send(new iam.DetachUserPolicyCommand({ UserName: "held-by-another", PolicyArn }));
    await client.send(new iam.DeletePolicyCommand({ PolicyArn }));
    await assert.rejects(client.send(new iam.GetPolicyCommand({ PolicyArn })), failsWith("NoSuchEntityException"));
  });

  it("of AWS are there by ARN", async () => {
    const { Policy } = await client.send(
      new iam.GetPolicyCommand({ PolicyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole" }),
    );
    assert.equal(Policy?.Path, "/service-role/");
    const { PolicyVersion } = await client.send(new iam.GetPolicyVersionCommand({ PolicyArn: administrator, VersionId: "v1" }));
    assert.deepEqual(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? "")).Statement, [
      { Effect: "Allow", Action: ["*"], Resource: "*" },
    ]);
    const own = await client.send(new iam.ListPoliciesCommand({ Scope: "Local" }));
    assert.ok(own.Policies?.every(({ Arn }) => Arn?.startsWith(`arn:aws:iam::${server.account}:`)));
  });
});

describe("users", () => {
  it("sign with their access keys until these are switched off or deleted", async () => {
    const UserName = "ann";
    const { User } = await client.send(new iam.CreateUserCommand({ UserName, Path: "/staff/" }));
    const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }));
    const sts = server.client(STSClient, {
      credentials: { accessKeyId: AccessKey?.AccessKeyId, secretAccessKey: AccessKey?.SecretAccessKey },
    });
    const own = server.client(iam.IAMClient, {
      credentials: { accessKeyId: AccessKey?.AccessKeyId, secretAccessKey: AccessKey?.SecretAccessKey },
    });
    const who = await sts.send(new GetCallerIdentityCommand({}));
    assert.deepEqual([who.Arn, who.UserId, who.Account], [`arn:aws:iam::${server.account}:user/staff/ann`, User?.UserId, server.account]);
    assert.equal((await own.send(new iam.GetUserCommand({}))).User?.UserName, "ann");

    await client.send(new iam.UpdateUserCommand({ UserName, NewUserName: "anna" }));
    assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Arn, `arn:aws:iam::${server.account}:user/staff/anna`);

    const AccessKeyId = AccessKey?.AccessKeyId;
    await client.send(new iam.UpdateAccessKeyCommand({ UserName: "anna", AccessKeyId, Status: "Inactive" }));
    await assert.rejects(sts.send(new GetCallerIdentityCommand({})), failsWith("InvalidClientTokenId"));
    await client.send(new iam.UpdateAccessKeyCommand({ UserName: "anna", AccessKeyId, Status: "Active" }));
    await sts.send(new GetCallerIdentityCommand({}));
    await assert.rejects(client.send(new iam.DeleteUserCommand({ UserName: "anna" })), failsWith("DeleteConflictException", /access keys/));
    await client.send(new iam.DeleteAccessKeyCommand({ UserName: "anna", AccessKeyId }));
    await assert.rejects(sts.send(new GetCallerIdentityCommand({})), failsWith("InvalidClientTokenId"));
    await client.send(new iam.DeleteUserCommand({ UserName: "anna" }));
  });

  it("have at most two access keys", async () => {
    await client.send(new iam.CreateUserCommand({ UserName: "keys" }));
    await client.send(new iam.CreateAccessKeyCommand({ UserName: "keys" }));
    await client.send(new iam.CreateAccessKeyCommand({ UserName: "keys" }));
    await assert.rejects(client.send(new iam.CreateAccessKeyCommand({ UserName: "keys" })), failsWith("LimitExceededException"));
    const { AccessKeyMetadata } = await client.send(new iam.ListAccessKeysCommand({ UserName: "keys" }));
    assert.equal(AccessKeyMetadata?.length, 2);
    assert.ok(!JSON.stringify(AccessKeyMetadata).includes("Secret"));
  });

  it("get git credentials, whose password is shown once", async () => {
    const UserName = "gil";
    await client.send(new iam.CreateUserCommand({ UserName }));
    const create = () => client.send(new iam.CreateServiceSpecificCredentialCommand({ UserName, ServiceName: "codecommit.amazonaws.com" }));
    const first = (await create()).ServiceSpecificCredential;
    assert.equal(first?.ServiceUserName, `gil-at-${server.account}`);
    assert.ok((first?.ServicePassword?.length ?? 0) >= 40);
    const second = (await create()).ServiceSpecificCredential;
    assert.equal(second?.ServiceUserName, `gil+1-at-${server.account}`);
    await assert.rejects(create(), failsWith("LimitExceededException"));
    const { ServiceSpecificCredentials } = await client.send(new iam.ListServiceSpecificCredentialsCommand({ UserName }));
    assert.equal(ServiceSpecificCredentials?.length, 2);
    assert.ok(!JSON.stringify(ServiceSpecificCredentials).includes("Password"));
    const ServiceSpecificCredentialId = first?.ServiceSpecificCredentialId;
    const reset = await client.send(new iam.ResetServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId }));
    assert.notEqual(reset.ServiceSpecificCredential?.ServicePassword, first?.ServicePassword);
    await client.send(new iam.UpdateServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId, Status: "Inactive" }));
    await client.send(new iam.DeleteServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId }));
    await assert.rejects(client.send(new iam.DeleteUserCommand({ UserName })), failsWith("DeleteConflictException"));
    await assert.rejects(
      client.send(new iam.CreateServiceSpecificCredentialCommand({ UserName, ServiceName: "cassandra.amazonaws.com" })),
      failsWith("ServiceNotSupportedException"),
    );
  });

  it("belong to groups", async () => {
    await client.send(new iam.CreateUserCommand({ UserName: "member" }));
    await client.send(new iam.CreateGroupCommand({ GroupName: "team" }));
    await client.send(new iam.AddUserToGroupCommand({ UserName: "member", GroupName: "team" }));
    await client.send(new iam.UpdateGroupCommand({ GroupName: "team", NewGroupName: "crew" }));
    const { Users } = await client.send(new iam.GetGroupCommand({ GroupName: "crew" }));
    assert.deepEqual(
      Users?.map(({ UserName }) => UserName),
      ["member"],
    );
    const { Groups } = await client.send(new iam.ListGroupsForUserCommand({ UserName: "member" }));
    assert.deepEqual(
      Groups?.map(({ GroupName }) => GroupName),
      ["crew"],
    );
    await assert.rejects(client.send(new iam.DeleteGroupCommand({ GroupName: "crew" })), failsWith("DeleteConflictException"));
    await assert.rejects(client.send(new iam.DeleteUserCommand({ UserName: "member" })), failsWith("DeleteConflictException"));
    await client.send(new iam.RemoveUserFromGroupCommand({ UserName: "member", GroupName: "crew" }));
    await client.send(new iam.DeleteGroupCommand({ GroupName: "crew" }));
    await client.send(new iam.DeleteUserCommand({ UserName: "member" }));
  });
});

describe("instance profiles", () => {
  it("hold one role", async () => {
    await client.send(new iam.CreateRoleCommand({ RoleName: "machine", AssumeRolePolicyDocument: trust("ec2.amazonaws.com") }));
    await client.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName: "profile" }));
    await client.send(new iam.AddRoleToInstanceProfileCommand({ InstanceProfileName: "profile", RoleName: "machine" }));
    const { InstanceProfile } = await client.send(new iam.GetInstanceProfileCommand({ InstanceProfileName: "profile" }));
    assert.deepEqual(
      InstanceProfile?.Roles?.map(({ RoleName }) => RoleName),
      ["machine"],
    );
    await assert.rejects(client.send(new iam.DeleteRoleCommand({ RoleName: "machine" })), failsWith("DeleteConflictException"));
    await client.send(new iam.RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: "profile", RoleName: "machine" }));
    await client.send(new iam.DeleteInstanceProfileCommand({ InstanceProfileName: "profile" }));
    await client.send(new iam.DeleteRoleCommand({ RoleName: "machine" }));
  });
});

describe("the account", () => {
  it("counts what it holds", async () => {
    const before = (await client.send(new iam.GetAccountSummaryCommand({}))).SummaryMap;
    await client.send(new iam.CreateUserCommand({ UserName: "counted" }));
    const after = (await client.send(new iam.GetAccountSummaryCommand({}))).SummaryMap;
    assert.equal((after?.Users ?? 0) - (before?.Users ?? 0), 1);
  });
  it("has an alias", async () => {
    await client.send(new iam.CreateAccountAliasCommand({ AccountAlias: "here" }));
    assert.deepEqual((await client.send(new iam.ListAccountAliasesCommand({}))).AccountAliases, ["here"]);
    await client.send(new iam.DeleteAccountAliasCommand({ AccountAlias: "here" }));
    assert.deepEqual((await client.send(new iam.ListAccountAliasesCommand({}))).AccountAliases, []);
  });
  it("knows its root", async () =>
    assert.equal((await client.send(new iam.GetUserCommand({}))).User?.Arn, `arn:aws:iam::${server.account}:root`));
});
