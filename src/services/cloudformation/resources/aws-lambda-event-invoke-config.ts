import { DeleteFunctionEventInvokeConfigCommand, LambdaClient, PutFunctionEventInvokeConfigCommand } from "@aws-sdk/client-lambda";
import { type ResourceType, unlessGone, type Work } from "./resource.ts";

const put = async (work: Work) => {
  const { FunctionName, Qualifier, MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = work.properties;
  await work.aws
    .client(LambdaClient)
    .send(new PutFunctionEventInvokeConfigCommand({ FunctionName, Qualifier, MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig }));
  return { physicalId: `${FunctionName}|${Qualifier}` };
};

const type: ResourceType = {
  properties: ["DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier"],
  create: put,
  update: put,
  async delete({ aws, properties }) {
    const { FunctionName, Qualifier } = properties;
    await unlessGone(["ResourceNotFoundException"], () =>
      aws.client(LambdaClient).send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName, Qualifier })),
    );
  },
};
export default type;
