import {
  CreateFunctionUrlConfigCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  LambdaClient,
  UpdateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";

const whose = ({ properties }: Pick<Work, "properties">) => ({ FunctionName: properties.TargetFunctionArn as string, Qualifier: properties.Qualifier });
const made = async (work: Work) => {
  const { FunctionArn = "", FunctionUrl } = await work.aws.client(LambdaClient).send(new GetFunctionUrlConfigCommand(whose(work)));
  return { physicalId: FunctionArn, attributes: { FunctionArn, FunctionUrl } };
};

const type: ResourceType = {
  properties: ["AuthType", "Cors", "InvokeMode", "Qualifier", "TargetFunctionArn"],
  async create(work) {
    const { AuthType, Cors, InvokeMode } = work.properties;
    await createOnce(work, ["ResourceConflictException"], () =>
      work.aws.client(LambdaClient).send(new CreateFunctionUrlConfigCommand({ ...whose(work), AuthType, Cors, InvokeMode })),
    );
    return made(work);
  },
  async update(change) {
    const { AuthType, Cors = {}, InvokeMode } = change.properties;
    await change.aws.client(LambdaClient).send(new UpdateFunctionUrlConfigCommand({ ...whose(change), AuthType, Cors, InvokeMode }));
    return made(change);
  },
  async delete(removal) {
    await unlessGone(["ResourceNotFoundException"], () => removal.aws.client(LambdaClient).send(new DeleteFunctionUrlConfigCommand(whose(removal))));
  },
};
export default type;
