/** A server with a role, buckets and a few words to build pipelines with. */
import { buffer } from "node:stream/consumers";
import * as codepipeline from "@aws-sdk/client-codepipeline";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetObjectCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import yazl from "yazl";
import { startServer, type TestServer } from "../../harness/server.ts";

export interface Workshop {
  readonly server: TestServer;
  readonly client: codepipeline.CodePipelineClient;
  readonly s3: S3Client;
  readonly roleArn: string;
  /** Makes a pipeline; it runs at once. */
  create(
    name: string,
    stages: codepipeline.ActionDeclaration[][],
    more?: Partial<codepipeline.PipelineDeclaration>,
  ): Promise<codepipeline.PipelineDeclaration>;
  start(name: string): Promise<string>;
  state(name: string): Promise<codepipeline.StageState[]>;
  /** Of the newest execution first: `Succeeded`, … */
  statuses(name: string): Promise<(string | undefined)[]>;
  /** What an action was last seen doing. */
  action(name: string, action: string): Promise<codepipeline.ActionExecution | undefined>;
  approve(name: string, stage: string, action: string, status?: "Approved" | "Rejected"): Promise<void>;
  putSource(files: Record<string, string>, key?: string): Promise<string>;
  read(bucket: string, key: string): Promise<Buffer>;
}

export const bucket = "artifacts";
export const sourceBucket = "sources";

export const openWorkshop = async (options: Parameters<typeof startServer>[0] = {}): Promise<Workshop> => {
  const server = await startServer(options);
  const client = server.client(codepipeline.CodePipelineClient);
  const s3 = server.client(S3Client);
  const roleArn = `arn:aws:iam::${server.account}:role/pipes`;
  const workshop: Workshop = {
    server,
    client,
    s3,
    roleArn,
    async create(name, stages, more = {}) {
      const { pipeline } = await client.send(new codepipeline.CreatePipelineCommand({ pipeline: declare(name, roleArn, stages, more) }));
      return pipeline!;
    },
    start: async (name) => (await client.send(new codepipeline.StartPipelineExecutionCommand({ name }))).pipelineExecutionId!,
    state: async (name) => (await client.send(new codepipeline.GetPipelineStateCommand({ name }))).stageStates!,
    async statuses(pipelineName) {
      const { pipelineExecutionSummaries } = await client.send(new codepipeline.ListPipelineExecutionsCommand({ pipelineName }));
      return pipelineExecutionSummaries!.map(({ status }) => status);
    },
    async action(name, action) {
      const stages = await workshop.state(name);
      return stages.flatMap(({ actionStates }) => actionStates!).find(({ actionName }) => actionName === action)?.latestExecution;
    },
    async approve(pipelineName, stageName, actionName, status = "Approved") {
      const token = (await workshop.action(pipelineName, actionName))?.token;
      const result = { status, summary: "I looked at it" };
      await client.send(new codepipeline.PutApprovalResultCommand({ pipelineName, stageName, actionName, token, result }));
      await server.idle();
    },
    async putSource(files, Key = "app.zip") {
      const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: sourceBucket, Key, Body: await zip(files) }));
      return VersionId!;
    },
    async read(Bucket, Key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from(await Body!.transformToByteArray());
    },
  };
  return workshop;
};

/** Role and buckets; once per data folder. */
export const furnish = async ({ server, s3 }: Workshop): Promise<void> => {
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "codepipeline.amazonaws.com" }, Action: "sts:AssumeRole" }],
  });
  await server.client(IAMClient).send(new CreateRoleCommand({ RoleName: "pipes", AssumeRolePolicyDocument }));
  for (const Bucket of [bucket, sourceBucket]) await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: sourceBucket, VersioningConfiguration: { Status: "Enabled" } }));
};

export const declare = (
  name: string,
  roleArn: string,
  stages: codepipeline.ActionDeclaration[][],
  more: Partial<codepipeline.PipelineDeclaration> = {},
): codepipeline.PipelineDeclaration => ({
  name,
  roleArn,
  artifactStore: { type: "S3", location: bucket },
  stages: stages.map((actions, index) => ({ name: ["Source", "Build", "Deploy", "After"][index], actions })),
  ...more,
});

const type = (category: codepipeline.ActionCategory, provider: string): codepipeline.ActionTypeId => ({
  category,
  owner: "AWS",
  provider,
  version: "1",
});

export const s3Source = (more: Record<string, string> = {}): codepipeline.ActionDeclaration => ({
  name: "Get",
  actionTypeId: type("Source", "S3"),
  configuration: { S3Bucket: sourceBucket, S3ObjectKey: "app.zip", ...more },
  outputArtifacts: [{ name: "Src" }],
  namespace: "Source",
});
export const commitSource = (repository: string, more: Record<string, string> = {}): codepipeline.ActionDeclaration => ({
  name: "Get",
  actionTypeId: type("Source", "CodeCommit"),
  configuration: { RepositoryName: repository, BranchName: "main", ...more },
  outputArtifacts: [{ name: "Src" }],
  namespace: "Source",
});
export const approval = (name: string, more: Partial<codepipeline.ActionDeclaration> = {}): codepipeline.ActionDeclaration => ({
  name,
  actionTypeId: type("Approval", "Manual"),
  ...more,
});
export const s3Deploy = (configuration: Record<string, string>): codepipeline.ActionDeclaration => ({
  name: "Put",
  actionTypeId: type("Deploy", "S3"),
  configuration,
  inputArtifacts: [{ name: "Src" }],
});

export const zip = async (files: Record<string, string>): Promise<Buffer> => {
  const archive = new yazl.ZipFile();
  for (const [path, content] of Object.entries(files)) archive.addBuffer(Buffer.from(content), path);
  archive.end();
  return buffer(archive.outputStream as NodeJS.ReadableStream);
};

export const failsWith = (name: string, message?: RegExp) => (error: Error) => {
  if (!name.split("|").includes(error.name)) throw new Error(`expected ${name}, got ${error.name}: ${error.message}`);
  if (message && !message.test(error.message)) throw new Error(`${name} says ${JSON.stringify(error.message)}`);
  return true;
};
