/** The tutorial's templates, as they are written. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import * as cfn from "@aws-sdk/client-cloudformation";
import { BatchGetProjectsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { CodePipelineClient, GetPipelineCommand } from "@aws-sdk/client-codepipeline";
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { PutObjectCommand, DeleteObjectCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { startServer, type TestServer } from "../../harness/server.ts";
import { ended, eventLines, resourcesOf } from "./steps.ts";

const template = (name: string) => readFileSync(new URL(`../../../../shared/tutorial/${name}`, import.meta.url), "utf8");
let server: TestServer;
let client: cfn.CloudFormationClient;
before(async () => {
  server = await startServer();
  client = server.client(cfn.CloudFormationClient);
});
after(() => server.stop());

const Capabilities: cfn.Capability[] = ["CAPABILITY_IAM"];
const phase = async (name: string, more: Partial<cfn.UpdateStackCommandInput> = {}) => {
  await client.send(new cfn.UpdateStackCommand({ StackName: "build-pipeline", TemplateBody: template(name), Capabilities, ...more }));
  const stack = await ended(client, "build-pipeline");
  assert.equal(stack.StackStatus, "UPDATE_COMPLETE", (await eventLines(client, "build-pipeline")).join("\n"));
  return resourcesOf(client, "build-pipeline");
};

const skip =
  !existsSync(new URL("../../../../shared/tutorial/", import.meta.url)) && "the tutorial's templates are not beside this checkout";

test("six phases and the teardown", { skip }, async () => {
  await client.send(new cfn.CreateStackCommand({ StackName: "repository", TemplateBody: template("phase1/repository-cfn.yml") }));
  assert.equal((await ended(client, "repository")).StackStatus, "CREATE_COMPLETE");

  await client.send(
    new cfn.CreateStackCommand({ StackName: "build-pipeline", TemplateBody: template("phase2/build-pipeline-cfn.yml"), Capabilities }),
  );
  const two = await ended(client, "build-pipeline");
  assert.equal(two.StackStatus, "CREATE_COMPLETE", (await eventLines(client, "build-pipeline")).join("\n"));
  const first = await resourcesOf(client, "build-pipeline");
  const role = await server.client(IAMClient).send(new GetRoleCommand({ RoleName: first.CodeBuildRole?.PhysicalResourceId }));
  assert.ok(
    !Array.isArray(JSON.parse(decodeURIComponent(role.Role?.AssumeRolePolicyDocument ?? "")).Statement),
    "the trust policy is as the user wrote it",
  );

  await phase("phase3/build-pipeline-cfn.yml");
  const four = await phase("phase4/build-pipeline-cfn.yml");
  const pipeline = await server
    .client(CodePipelineClient)
    .send(new GetPipelineCommand({ name: four.CodePipeline?.PhysicalResourceId as string }));
  assert.equal(pipeline.pipeline?.stages?.[1]?.actions?.[0]?.actionTypeId?.version, "1");
  assert.equal(four.CodeBuildProject?.PhysicalResourceId, first.CodeBuildProject?.PhysicalResourceId);
  await phase("phase5/build-pipeline-cfn.yml");
  const six = await phase("phase6/build-pipeline-cfn.yml", { Parameters: [{ ParameterKey: "Email", ParameterValue: "joe@example.com" }] });
  const project = await server
    .client(CodeBuildClient)
    .send(new BatchGetProjectsCommand({ names: [six.CodeBuildProject?.PhysicalResourceId as string] }));
  assert.equal(project.projects?.[0]?.cache?.location, six.CacheBucket?.PhysicalResourceId);
  assert.equal(project.projects?.[0]?.environment?.environmentVariables?.[0]?.value, six.CfnBucket?.PhysicalResourceId);

  // A bucket that holds something keeps its stack from going, until it is emptied.
  const s3 = server.client(S3Client);
  const Bucket = six.ArtifactBucket?.PhysicalResourceId;
  await s3.send(new PutObjectCommand({ Bucket, Key: "left-over", Body: "x" }));
  await client.send(new cfn.DeleteStackCommand({ StackName: "build-pipeline" }));
  const refused = await ended(client, "build-pipeline");
  assert.equal(refused.StackStatus, "DELETE_FAILED");
  assert.match(refused.StackStatusReason ?? "", /The following resource\(s\) failed to delete: \[ArtifactBucket\]/);
  assert.match(
    (await eventLines(client, "build-pipeline")).find((line) => line.startsWith("ArtifactBucket DELETE_FAILED")) ?? "",
    /The bucket you tried to delete is not empty/,
  );
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  await client.send(new cfn.DeleteStackCommand({ StackName: "build-pipeline" }));
  assert.equal((await ended(client, refused.StackId as string)).StackStatus, "DELETE_COMPLETE");
  const { StackId } = (await client.send(new cfn.DescribeStacksCommand({ StackName: "repository" }))).Stacks?.[0] ?? {};
  await client.send(new cfn.DeleteStackCommand({ StackName: "repository" }));
  assert.equal((await ended(client, StackId as string)).StackStatus, "DELETE_COMPLETE");
  assert.deepEqual((await client.send(new cfn.DescribeStacksCommand({}))).Stacks ?? [], []);
});
