/** kill -9 in the middle of creations, updates and deletions: afterwards each goes on, and nothing was made twice. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as cfn from "@aws-sdk/client-cloudformation";
import { IAMClient, ListAccessKeysCommand, ListGroupsCommand, ListPoliciesCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ListSubscriptionsCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { setTimeout as pause } from "node:timers/promises";
import { type ServerProcess, startProcess } from "../../harness/process.ts";
import { ended, eventLines } from "./steps.ts";

let server: ServerProcess;
before(async () => {
  server = await startProcess();
});
after(() => server.end());

// biome-ignore lint/suspicious/noExplicitAny: each client class has its own configuration type
const client = <C>(of: new (config: any) => C): C => {
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = server.environment;
  // As our own services call themselves: answered when an operation has begun, not when it has ended.
  return new of({
    userAgentAppId: "mayfly",
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    forcePathStyle: true,
  });
};
const policy = "{Version: '2012-10-17', Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}";
const text = (shown: string) => `
Resources:
${[1, 2, 3, 4, 5, 6].map((n) => `  User${n}: {Type: AWS::IAM::User}\n  Key${n}: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref User${n}}}\n  Policy${n}: {Type: AWS::IAM::ManagedPolicy, Properties: {Description: ${shown}, PolicyDocument: ${policy}, Users: [!Ref User${n}]}}`).join("\n")}
  Group: {Type: AWS::IAM::Group, DependsOn: Policy1}
  Member: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: !Ref Group, Users: [!Ref User1]}}
  Topic: {Type: AWS::SNS::Topic, DependsOn: Group, Properties: {DisplayName: ${shown}, Subscription: [{Protocol: email, Endpoint: a@example.com}]}}
  Bucket: {Type: AWS::S3::Bucket, DependsOn: Topic, Properties: {VersioningConfiguration: {Status: Enabled}}}
  Secret: {Type: AWS::SecretsManager::Secret, DependsOn: Bucket, Properties: {GenerateSecretString: {}}}
  Last: {Type: AWS::SNS::Topic, DependsOn: Secret, Properties: {DisplayName: !Ref Key1}}
`;
const count = async () => {
  const iam = client(IAMClient);
  const { Users = [] } = await iam.send(new ListUsersCommand({}));
  const keys = await Promise.all(
    Users.map(async ({ UserName }) => (await iam.send(new ListAccessKeysCommand({ UserName }))).AccessKeyMetadata?.length),
  );
  return {
    users: Users.length,
    keys: keys.reduce<number>((sum, one) => sum + (one ?? 0), 0),
    policies: (await iam.send(new ListPoliciesCommand({ Scope: "Local" }))).Policies?.length ?? 0,
    groups: (await iam.send(new ListGroupsCommand({}))).Groups?.length ?? 0,
    topics: (await client(SNSClient).send(new ListTopicsCommand({}))).Topics?.length ?? 0,
    subscriptions: (await client(SNSClient).send(new ListSubscriptionsCommand({}))).Subscriptions?.length ?? 0,
    buckets: (await client(S3Client).send(new ListBucketsCommand({}))).Buckets?.length ?? 0,
    secrets: (await client(SecretsManagerClient).send(new ListSecretsCommand({}))).SecretList?.length ?? 0,
  };
};
const whole = { users: 6, keys: 6, policies: 6, groups: 1, topics: 2, subscriptions: 1, buckets: 1, secrets: 1 };
const nothing = Object.fromEntries(Object.keys(whole).map((name) => [name, 0]));
/** How many kills came between the begin and the end of an operation. */
let interrupted = 0;
/** Asks, kills that many milliseconds later, starts again and asks again, with the same token; then waits for the end. */
const survive = async (StackName: string, milliseconds: number, ask: (client: cfn.CloudFormationClient) => Promise<unknown>) => {
  const lost = ask(client(cfn.CloudFormationClient)).catch(() => {});
  await pause(milliseconds);
  const killed = Date.now();
  await server.kill();
  await lost;
  await server.restart();
  const from = client(cfn.CloudFormationClient);
  await ask(from);
  const stack = await ended(from, StackName);
  const { StackEvents = [] } = await from.send(new cfn.DescribeStackEventsCommand({ StackName }));
  const begun = StackEvents.find(
    (event) => event.PhysicalResourceId === event.StackId && /^(CREATE|UPDATE|DELETE)_IN_PROGRESS$/.test(event.ResourceStatus ?? ""),
  );
  if (Number(begun?.Timestamp) <= killed && Number(StackEvents[0]?.Timestamp) > killed) interrupted++;
  return stack;
};

for (const [round, at] of [25, 60, 110].entries()) {
  test(`killed ${at} ms into each operation`, async () => {
    const StackName = `survivor-${round}`;
    const Capabilities: cfn.Capability[] = ["CAPABILITY_IAM"];
    const common = { StackName, Capabilities };
    const lines = async (name: string) => (await eventLines(client(cfn.CloudFormationClient), name)).join("\n");
    const created = await survive(StackName, at, (from) =>
      from.send(new cfn.CreateStackCommand({ ...common, TemplateBody: text("one"), ClientRequestToken: `create-${round}` })),
    );
    assert.equal(created.StackStatus, "CREATE_COMPLETE", await lines(StackName));
    assert.deepEqual(await count(), whole);
    const updated = await survive(StackName, at, (from) =>
      from.send(new cfn.UpdateStackCommand({ ...common, TemplateBody: text("two"), ClientRequestToken: `update-${round}` })),
    );
    assert.equal(updated.StackStatus, "UPDATE_COMPLETE", await lines(StackName));
    assert.deepEqual(await count(), whole);
    const id = created.StackId as string;
    const deleted = await survive(id, at, (from) => from.send(new cfn.DeleteStackCommand({ StackName: id })));
    assert.equal(deleted.StackStatus, "DELETE_COMPLETE", await lines(id));
    assert.deepEqual(await count(), nothing);
  });
}
test("the kills came in the middle", () => assert.ok(interrupted >= 3, `${interrupted} of 9`));
