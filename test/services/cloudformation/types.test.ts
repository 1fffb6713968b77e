/** Every type: created, changed, and gone without a trace. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as cfn from "@aws-sdk/client-cloudformation";
import { CodeCommitClient, GetFileCommand } from "@aws-sdk/client-codecommit";
import { DescribeLogGroupsCommand, CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import {
  GetPolicyVersionCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
} from "@aws-sdk/client-iam";
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  GetBucketVersioningCommand,
  GetBucketEncryptionCommand,
  GetBucketTaggingCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { ZipFile } from "yazl";
import { startServer, type TestServer } from "../../harness/server.ts";
import { ended, eventLines, resourcesOf, stackOf } from "./steps.ts";

let server: TestServer;
let client: cfn.CloudFormationClient;
before(async () => {
  server = await startServer();
  client = server.client(cfn.CloudFormationClient);
  await server.client(S3Client).send(new CreateBucketCommand({ Bucket: "code" }));
});
after(() => server.stop());

const Capabilities: cfn.Capability[] = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"];
const lines = async (name: string) => (await eventLines(client, name)).join("\n");
const create = async (StackName: string, TemplateBody: string) => {
  const { StackId = "" } = await client.send(new cfn.CreateStackCommand({ StackName, TemplateBody, Capabilities }));
  const stack = await ended(client, StackId);
  assert.equal(stack.StackStatus, "CREATE_COMPLETE", await lines(StackId));
  return physical(StackName);
};
const update = async (StackName: string, TemplateBody: string) => {
  await client.send(new cfn.UpdateStackCommand({ StackName, TemplateBody, Capabilities }));
  assert.equal((await ended(client, StackName)).StackStatus, "UPDATE_COMPLETE", await lines(StackName));
  return physical(StackName);
};
const physical = async (name: string) =>
  Object.fromEntries(Object.entries(await resourcesOf(client, name)).map(([id, one]) => [id, one.PhysicalResourceId as string]));
const remove = async (StackName: string) => {
  const { StackId = "" } = await stackOf(client, StackName);
  await client.send(new cfn.DeleteStackCommand({ StackName }));
  assert.equal((await ended(client, StackId)).StackStatus, "DELETE_COMPLETE", await lines(StackId));
};
const outputs = async (name: string) =>
  Object.fromEntries((await stackOf(client, name)).Outputs?.map((one) => [one.OutputKey, one.OutputValue]) ?? []);
const archive = async (files: Record<string, string>) => {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
const putCode = async (Key: string, files: Record<string, string>) =>
  server.client(S3Client).send(new PutObjectCommand({ Bucket: "code", Key, Body: await archive(files) }));
const trust = (service: string) =>
  `{Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ${service}.amazonaws.com}, Action: 'sts:AssumeRole'}]}`;
const document = (action: string) => `{Version: '2012-10-17', Statement: [{Effect: Allow, Action: '${action}', Resource: '*'}]}`;

test("iam", async () => {
  const iam = server.client(IAMClient);
  const text = (action: string, extra: string) => `
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: ${trust("lambda")}
      Description: ${extra}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/${extra}]
      Policies: [{PolicyName: ${extra}, PolicyDocument: ${document(action)}}]
  Policy: {Type: AWS::IAM::Policy, Properties: {PolicyName: beside, PolicyDocument: ${document(action)}, Roles: [!Ref Role], Groups: [!Ref Group]}}
  Managed: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: ${document(action)}, Roles: [!Ref Role]}}
  Group: {Type: AWS::IAM::Group}
  User: {Type: AWS::IAM::User, Properties: {ManagedPolicyArns: [!Ref Managed]}}
  Member: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: !Ref Group, Users: [!Ref User]}}
  Key: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref User, Status: ${extra === "ReadOnlyAccess" ? "Active" : "Inactive"}}}
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref Role]}}
Outputs: {Arn: {Value: !GetAtt Role.Arn}, Secret: {Value: !GetAtt Key.SecretAccessKey}}
`;
  const ids = await create("iam", text("s3:Get*", "ReadOnlyAccess"));
  assert.match((await outputs("iam")).Arn ?? "", /^arn:aws:iam::123456789012:role\/iam-Role-/);
  const again = await update("iam", text("s3:Put*", "AdministratorAccess"));
  assert.deepEqual(again, ids);
  assert.deepEqual(
    (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: ids.Role }))).AttachedPolicies?.map((one) => one.PolicyName).sort(),
    ["AdministratorAccess", ids.Managed?.split("/").at(-1)],
  );
  assert.deepEqual((await iam.send(new ListRolePoliciesCommand({ RoleName: ids.Role }))).PolicyNames, ["AdministratorAccess", "beside"]);
  assert.match(
    decodeURIComponent(
      (await iam.send(new GetPolicyVersionCommand({ PolicyArn: ids.Managed, VersionId: "v2" }))).PolicyVersion?.Document ?? "",
    ),
    /s3:Put/,
  );
  await remove("iam");
  assert.deepEqual(
    (await iam.send(new ListRolesCommand({}))).Roles?.filter((one) => one.RoleName?.startsWith("iam-")),
    [],
  );
  assert.deepEqual((await iam.send(new ListUsersCommand({}))).Users, []);
});

test("s3, logs, ssm, secrets", async () => {
  const s3 = server.client(S3Client);
  const text = (second: boolean) => `
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: ${second ? "Suspended" : "Enabled"}}
      ${second ? "Tags: [{Key: a, Value: b}]" : "BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}"}
      PublicAccessBlockConfiguration: {BlockPublicAcls: true}
      NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}
      OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
      LifecycleConfiguration: {Rules: [{Id: old, Status: Enabled, Prefix: tmp/, ExpirationInDays: ${second ? 2 : 1}}]}
  BucketPolicy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Bucket, PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: !Sub '\${Bucket.Arn}/*'}]}}}
  Group: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: ${second ? 7 : 14}}}
  Stream: {Type: AWS::Logs::LogStream, Properties: {LogGroupName: !Ref Group}}
  Parameter: {Type: AWS::SSM::Parameter, Properties: {Name: /types/it, Type: String, Value: ${second ? "two" : "one"}, Tags: {k: v}}}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Description: ${second}, GenerateSecretString: {SecretStringTemplate: '{"user":"joe"}', GenerateStringKey: word, PasswordLength: 20}}}
Outputs: {Value: {Value: !GetAtt Parameter.Value}, Domain: {Value: !GetAtt Bucket.RegionalDomainName}}
`;
  const ids = await create("stores", text(false));
  assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket: ids.Bucket }))).Status, "Enabled");
  assert.ok(await s3.send(new GetBucketEncryptionCommand({ Bucket: ids.Bucket })));
  const secrets = server.client(SecretsManagerClient);
  const secret = (await secrets.send(new GetSecretValueCommand({ SecretId: ids.Secret }))).SecretString ?? "";
  assert.equal(JSON.parse(secret).user, "joe");
  assert.equal(JSON.parse(secret).word.length, 20);
  assert.deepEqual(await update("stores", text(true)), ids);
  assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket: ids.Bucket }))).Status, "Suspended");
  assert.deepEqual((await s3.send(new GetBucketTaggingCommand({ Bucket: ids.Bucket }))).TagSet, [{ Key: "a", Value: "b" }]);
  assert.equal((await secrets.send(new GetSecretValueCommand({ SecretId: ids.Secret }))).SecretString, secret, "the secret stays");
  assert.equal((await server.client(SSMClient).send(new GetParameterCommand({ Name: "/types/it" }))).Parameter?.Value, "two");
  assert.equal((await outputs("stores")).Value, "two");
  assert.equal(
    (await server.client(CloudWatchLogsClient).send(new DescribeLogGroupsCommand({ logGroupNamePrefix: ids.Group }))).logGroups?.[0]
      ?.retentionInDays,
    7,
  );
  await remove("stores");
  assert.deepEqual(
    (await s3.send(new ListBucketsCommand({}))).Buckets?.map((one) => one.Name),
    ["code"],
  );
});

test("topics, rules and buses", async () => {
  const events = server.client(EventBridgeClient);
  const text = (second: boolean) => `
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: email, Endpoint: ${second ? "b" : "a"}@example.com}]}}
  Policy: {Type: AWS::SNS::TopicPolicy, Properties: {Topics: [!Ref Topic], PolicyDocument: {Version: '2012-10-17', Statement: [{Sid: x${second}, Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: 'sns:Publish', Resource: !Ref Topic}]}}}
  Other: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Topic, Protocol: email, Endpoint: c@example.com, FilterPolicy: {kind: [${second ? "x" : "y"}]}}}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: types-bus, Description: ${second}}}
  Rule: {Type: AWS::Events::Rule, Properties: {EventBusName: !Ref Bus, EventPattern: {source: [mine]}, Targets: [{Id: ${second ? "two" : "one"}, Arn: !Ref Topic}]}}
  Clock: {Type: AWS::Events::Rule, Properties: {ScheduleExpression: rate(1 day), State: DISABLED, Targets: [{Id: t, Arn: !Ref Topic, Input: '{"a":${second ? 2 : 1}}'}]}}
`;
  const ids = await create("bus", text(false));
  assert.match(ids.Rule ?? "", /^types-bus\|bus-Rule-/);
  assert.deepEqual(await update("bus", text(true)), ids);
  const rule = ids.Rule?.split("|")[1];
  assert.deepEqual(
    (await events.send(new ListTargetsByRuleCommand({ Rule: rule, EventBusName: "types-bus" }))).Targets?.map((one) => one.Id),
    ["two"],
  );
  const sns = server.client(SNSClient);
  assert.deepEqual(
    (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: ids.Topic }))).Subscriptions?.map((one) => one.Endpoint).sort(),
    [
      // Nobody has confirmed it: there is no subscription yet that could be taken back.
      "a@example.com",
      "b@example.com",
      "c@example.com",
    ],
  );
  assert.match((await sns.send(new GetTopicAttributesCommand({ TopicArn: ids.Topic }))).Attributes?.Policy ?? "", /xtrue/);
  await remove("bus");
});

test("a repository with its first content", async () => {
  await putCode("seed.zip", { "README.md": "hello", "src/a.txt": "a" });
  const text = (name: string) => `
Resources:
  Repository: {Type: AWS::CodeCommit::Repository, Properties: {RepositoryName: ${name}, RepositoryDescription: d, Code: {BranchName: main, S3: {Bucket: code, Key: seed.zip}}}}
Outputs: {Url: {Value: !GetAtt Repository.CloneUrlHttp}}
`;
  const ids = await create("repository", text("seeded"));
  const { fileContent } = await server
    .client(CodeCommitClient)
    .send(new GetFileCommand({ repositoryName: "seeded", filePath: "src/a.txt", commitSpecifier: "main" }));
  assert.equal(Buffer.from(fileContent ?? []).toString(), "a");
  assert.deepEqual(await update("repository", text("renamed")), ids);
  assert.match((await outputs("repository")).Url ?? "", /\/renamed$/);
  await remove("repository");
});

test("functions, versions, aliases, layers, addresses", async () => {
  const lambda = server.client(LambdaClient);
  await putCode("layer.zip", { "nodejs/node_modules/greeting/index.js": "module.exports = 'hello';" });
  for (const name of ["one", "two"])
    await putCode(`${name}.zip`, { "index.js": `exports.handler = async () => require("greeting") + " ${name}";` });
  const text = (name: string) => `
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: ${trust("lambda")}}}
  Layer: {Type: AWS::Lambda::LayerVersion, Properties: {LayerName: greetings, Content: {S3Bucket: code, S3Key: layer.zip}, Description: ${name}}}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Layers: [!Ref Layer]
      Timeout: 30
      MemorySize: 256
      Environment: {Variables: {NAME: ${name}}}
      Code: {S3Bucket: code, S3Key: ${name}.zip}
  Version${name}: {Type: AWS::Lambda::Version, DeletionPolicy: Retain, Properties: {FunctionName: !Ref Function}}
  Alias: {Type: AWS::Lambda::Alias, Properties: {Name: live, FunctionName: !Ref Function, FunctionVersion: !GetAtt Version${name}.Version}}
  Permission: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref Alias, Action: 'lambda:InvokeFunction', Principal: sns.amazonaws.com}}
  Retries: {Type: AWS::Lambda::EventInvokeConfig, Properties: {FunctionName: !Ref Function, Qualifier: live, MaximumRetryAttempts: 0}, DependsOn: Alias}
  Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Function, Qualifier: live, AuthType: NONE}, DependsOn: Alias}
Outputs: {Url: {Value: !GetAtt Url.FunctionUrl}}
`;
  const invoke = async (FunctionName: string) =>
    JSON.parse(Buffer.from((await lambda.send(new InvokeCommand({ FunctionName, Qualifier: "live" }))).Payload ?? []).toString());
  const ids = await create("functions", text("one"));
  const name = ids.Function as string;
  assert.equal(await invoke(name), "hello one");
  const next = await update("functions", text("two"));
  assert.equal(next.Alias, ids.Alias);
  assert.notEqual(next.Layer, ids.Layer);
  assert.equal((await lambda.send(new GetAliasCommand({ FunctionName: name, Name: "live" }))).FunctionVersion, "2");
  assert.equal(await invoke(name), "hello two");
  assert.deepEqual(
    (await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: name }))).Versions?.map((one) => one.Version),
    ["$LATEST", "1", "2"],
  );
  assert.equal((await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }))).Environment?.Variables?.NAME, "two");
  await remove("functions");
  assert.deepEqual((await lambda.send(new ListFunctionsCommand({}))).Functions, []);
});

test("a serverless application, from change set to answer", async () => {
  await putCode("app.zip", { "index.mjs": "export const handler = async () => ({ statusCode: 200, body: 'served' });" });
  const text =
    "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Runtime: nodejs22.x, AutoPublishAlias: live}}\nResources:\n  Hello: {Type: AWS::Serverless::Function, Properties: {Handler: index.handler, CodeUri: s3://code/app.zip, FunctionUrlConfig: {AuthType: NONE}}}\nOutputs: {Url: {Value: !GetAtt HelloUrl.FunctionUrl}}\n";
  await create("serverless", text);
  const [, id] = /^http:\/\/([a-z0-9]+)\.lambda-url\./.exec((await outputs("serverless")).Url ?? "") ?? [];
  const answer = await fetch(`${server.endpoint}/_mayfly/url/${id}/`);
  assert.equal(await answer.text(), "served");
  const { TemplateBody = "" } = await client.send(new cfn.GetTemplateCommand({ StackName: "serverless", TemplateStage: "Processed" }));
  assert.equal(JSON.parse(TemplateBody).Resources.Hello.Type, "AWS::Lambda::Function");
  await assert.rejects(client.send(new cfn.UpdateStackCommand({ StackName: "serverless", TemplateBody: text, Capabilities })), {
    message: "No updates are to be performed.",
  });
  await assert.rejects(client.send(new cfn.CreateStackCommand({ StackName: "unasked", TemplateBody: text })), {
    message: "Requires capabilities : [CAPABILITY_IAM, CAPABILITY_AUTO_EXPAND]",
  });
  await remove("serverless");
});
