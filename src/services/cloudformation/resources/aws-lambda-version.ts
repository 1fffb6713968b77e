import { DeleteFunctionCommand, LambdaClient, PublishVersionCommand } from "@aws-sdk/client-lambda";
import { type ResourceType, unlessGone } from "./resource.ts";

export default {
  properties: ["FunctionName", "CodeSha256", "Description"],

  /** Lambda answers with the last version where nothing has changed since: the same at every try. */
  async create(work) {
    const { FunctionName, CodeSha256, Description } = work.properties;
    const { FunctionArn = "", Version } = await work.aws
      .client(LambdaClient)
      .send(new PublishVersionCommand({ FunctionName, CodeSha256, Description }));
    return { physicalId: FunctionArn, attributes: { Version, FunctionArn } };
  },
  async delete({ aws, physicalId }) {
    const [, name, version] = /^(.*):([^:]+)$/.exec(physicalId) ?? [];
    await unlessGone(["ResourceNotFoundException"], () =>
      aws.client(LambdaClient).send(new DeleteFunctionCommand({ FunctionName: name, Qualifier: version })),
    );
  },
} satisfies ResourceType;
