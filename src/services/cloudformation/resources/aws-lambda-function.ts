import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetFunctionCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { inlineCode } from "./inline-code.ts";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { changedTags, tagMap } from "./tags.ts";

const GONE = ["ResourceNotFoundException"];

const configurationOf = ({ properties }: Work) => ({
  Description: properties.Description ?? "",
  Environment: { Variables: properties.Environment?.Variables ?? {} },
  Handler: properties.Handler,
  Layers: properties.Layers ?? [],
  MemorySize: properties.MemorySize ?? 128,
  Role: properties.Role,
  Runtime: properties.Runtime,
  Timeout: properties.Timeout ?? 3,
  ...(properties.EphemeralStorage && { EphemeralStorage: properties.EphemeralStorage }),
  ...(properties.LoggingConfig && { LoggingConfig: properties.LoggingConfig }),
  ...(properties.DeadLetterConfig && { DeadLetterConfig: properties.DeadLetterConfig }),
  ...(properties.TracingConfig && { TracingConfig: properties.TracingConfig }),
});

const codeOf = async ({ properties }: Work) => {
  const { ZipFile, S3Bucket, S3Key, S3ObjectVersion } = properties.Code;
  return ZipFile === undefined ? { S3Bucket, S3Key, S3ObjectVersion } : { ZipFile: await inlineCode(ZipFile, properties.Runtime) };
};

const setConcurrency = async (work: Work, name: string, before?: number) => {
  const wanted: number | undefined = work.properties.ReservedConcurrentExecutions;
  const client = work.aws.client(LambdaClient);
  if (wanted !== undefined) await client.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: wanted }));
  else if (before !== undefined) await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: name }));
};

const type: ResourceType = {
  properties: [
    "Architectures",
    "Code",
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FunctionName",
    "Handler",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "ReservedConcurrentExecutions",
    "Role",
    "Runtime",
    "Tags",
    "Timeout",
    "TracingConfig",
  ],
  refuses: ["Code.ImageUri", "Code.SourceKMSKeyArn", "Code.S3ObjectStorageMode"],
  name: { property: "FunctionName", most: 64 },
  taken: async ({ aws, name }) =>
    (await unlessGone(GONE, () => aws.client(LambdaClient).send(new GetFunctionCommand({ FunctionName: name })))) !== undefined,
  async create(work) {
    const client = work.aws.client(LambdaClient);
    const { Architectures, PackageType, Tags } = work.properties;
    const Code = await codeOf(work);
    await createOnce(work, ["ResourceConflictException"], () =>
      client.send(new CreateFunctionCommand({ ...configurationOf(work), FunctionName: work.name, Code, Architectures, PackageType, Tags: tagMap(Tags) })),
    );
    work.exists(work.name);
    await setConcurrency(work, work.name);
    const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName: work.name }));
    return { physicalId: work.name, attributes: { Arn: Configuration?.FunctionArn } };
  },
  async update(change) {
    const client = change.aws.client(LambdaClient);
    const FunctionName = change.physicalId;
    const { Code, Architectures, Tags, ReservedConcurrentExecutions } = change.was;
    await client.send(new UpdateFunctionConfigurationCommand({ ...configurationOf(change), FunctionName }));
    const newCode = JSON.stringify([Code, Architectures]) !== JSON.stringify([change.properties.Code, change.properties.Architectures]);
    if (newCode) await client.send(new UpdateFunctionCodeCommand({ ...(await codeOf(change)), FunctionName, Architectures: change.properties.Architectures }));
    const { set, gone } = changedTags(tagMap(Tags), tagMap(change.properties.Tags));
    const Resource = change.attributes.Arn as string;
    if (Object.keys(set).length > 0) await client.send(new TagResourceCommand({ Resource, Tags: set }));
    if (gone.length > 0) await client.send(new UntagResourceCommand({ Resource, TagKeys: gone }));
    await setConcurrency(change, FunctionName, ReservedConcurrentExecutions);
    return { physicalId: FunctionName, attributes: { Arn: Resource } };
  },
  async delete({ aws, physicalId }) {
    await unlessGone(GONE, () => aws.client(LambdaClient).send(new DeleteFunctionCommand({ FunctionName: physicalId })));
  },
};
export default type;
