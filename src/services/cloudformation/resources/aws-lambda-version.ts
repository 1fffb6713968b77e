import { DeleteFunctionCommand, LambdaClient, ListVersionsByFunctionCommand, PublishVersionCommand } from "@aws-sdk/client-lambda";
import { ResourceFailure, type ResourceType, unlessGone } from "./resource.ts";

const GONE = ["ResourceNotFoundException"];

const type: ResourceType = {
  properties: ["CodeSha256", "Description", "FunctionName"],
  async create(work) {
    const client = work.aws.client(LambdaClient);
    const { FunctionName, CodeSha256, Description } = work.properties;
    // What has not changed is not published anew: Lambda answers with the version that is there, which belongs to somebody else.
    const before = work.again ? [] : ((await client.send(new ListVersionsByFunctionCommand({ FunctionName }))).Versions ?? []);
    const { Version, FunctionArn = "" } = await client.send(new PublishVersionCommand({ FunctionName, CodeSha256, Description }));
    if (before.some((one) => one.Version === Version))
      throw new ResourceFailure(`A version for this Lambda function exists ( ${Version} ). Modify the function to create a new version.`);
    return { physicalId: FunctionArn, attributes: { Version, FunctionArn } };
  },
  async delete({ aws, physicalId }) {
    const [, FunctionName, Qualifier] = /^(.*):([^:]+)$/.exec(physicalId) ?? [];
    await unlessGone(GONE, () => aws.client(LambdaClient).send(new DeleteFunctionCommand({ FunctionName, Qualifier })));
  },
};
export default type;
