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
import type { Aws } from "../../../aws/aws.ts";
import { functionCode } from "./function-code.ts";
import { createOnce, type ResourceType, unlessGone } from "./resource.ts";
import { changeTags, differ, tagMap } from "./tools.ts";

const settings = [
  "Role",
  "Handler",
  "Runtime",
  "Description",
  "Timeout",
  "MemorySize",
  "Environment",
  "Layers",
  "TracingConfig",
  "EphemeralStorage",
  "LoggingConfig",
  "DeadLetterConfig",
] as const;
/** What an update must say to take something back, since what it leaves out stays. */
const usual: Record<string, unknown> = {
  Description: "",
  Timeout: 3,
  MemorySize: 128,
  Environment: { Variables: {} },
  Layers: [],
  TracingConfig: { Mode: "PassThrough" },
  EphemeralStorage: { Size: 512 },
  LoggingConfig: { LogFormat: "Text" },
  DeadLetterConfig: { TargetArn: "" },
};
const look = (aws: Aws, name: string) => aws.client(LambdaClient).send(new GetFunctionCommand({ FunctionName: name }));
const made = async (aws: Aws, name: string) => ({
  physicalId: name,
  attributes: { Arn: (await look(aws, name)).Configuration?.FunctionArn },
});
const gone = ["ResourceNotFoundException"];

export default {
  properties: ["FunctionName", "Code", "PackageType", "Architectures", "Tags", "ReservedConcurrentExecutions", ...settings],
  refuses: ["Code.ImageUri", "Code.SourceKMSKeyArn", "Code.S3ObjectStorageMode"],
  name: { property: "FunctionName", most: 64 },

  async taken({ aws, name }) {
    return (await unlessGone(gone, () => look(aws, name))) !== undefined;
  },
  async create(work) {
    const { Code, PackageType, Architectures, Tags, ReservedConcurrentExecutions, Runtime } = work.properties;
    const lambda = work.aws.client(LambdaClient);
    const configuration = Object.fromEntries(settings.map((name) => [name, work.properties[name]]));
    const code = await functionCode(Code, Runtime);
    await createOnce(work, ["ResourceConflictException"], () =>
      lambda.send(
        new CreateFunctionCommand({
          FunctionName: work.name,
          Role: work.properties.Role,
          ...configuration,
          Code: code,
          PackageType,
          Architectures,
          Tags: tagMap(Tags),
        }),
      ),
    );
    work.exists(work.name);
    if (ReservedConcurrentExecutions !== undefined)
      await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: work.name, ReservedConcurrentExecutions }));
    return made(work.aws, work.name);
  },
  async update(change) {
    const { aws, physicalId: FunctionName, properties, was } = change;
    const lambda = aws.client(LambdaClient);
    const changed = settings.filter((name) => differ(was, properties, name));
    if (changed.length > 0) {
      const wanted = Object.fromEntries(changed.map((name) => [name, properties[name] ?? usual[name]]));
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...wanted }));
    }
    if (differ(was, properties, "Code", "Architectures")) {
      const code = await functionCode(properties.Code, properties.Runtime);
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ...code, Architectures: properties.Architectures }));
    }
    if (differ(was, properties, "ReservedConcurrentExecutions")) {
      const { ReservedConcurrentExecutions } = properties;
      if (ReservedConcurrentExecutions === undefined) await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
      else await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
    }
    const result = await made(aws, FunctionName);
    const Resource = result.attributes.Arn;
    await changeTags(
      was.Tags,
      properties.Tags,
      (tags) => lambda.send(new TagResourceCommand({ Resource, Tags: tagMap(tags) })),
      (TagKeys) => lambda.send(new UntagResourceCommand({ Resource, TagKeys })),
    );
    return result;
  },
  async delete({ aws, physicalId }) {
    await unlessGone(gone, () => aws.client(LambdaClient).send(new DeleteFunctionCommand({ FunctionName: physicalId })));
  },
} satisfies ResourceType;
