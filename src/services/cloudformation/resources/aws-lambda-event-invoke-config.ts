import { DeleteFunctionEventInvokeConfigCommand, LambdaClient, PutFunctionEventInvokeConfigCommand } from "@aws-sdk/client-lambda";
import { type ResourceType, unlessGone, type Work } from "./resource.ts";

const put = async ({ aws, properties }: Pick<Work, "aws" | "properties">) => {
  const { FunctionName, Qualifier, MaximumEventAgeInSeconds, MaximumRetryAttempts, DestinationConfig } = properties;
  await aws.client(LambdaClient).send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName,
      Qualifier,
      MaximumEventAgeInSeconds,
      MaximumRetryAttempts,
      DestinationConfig,
    }),
  );
  return { physicalId: `${FunctionName}|${Qualifier}` };
};

export default {
  properties: ["FunctionName", "Qualifier", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "DestinationConfig"],
  create: put,
  update: put,
  async delete({ aws, properties: { FunctionName, Qualifier } }) {
    await unlessGone(["ResourceNotFoundException"], () =>
      aws.client(LambdaClient).send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName, Qualifier })),
    );
  },
} satisfies ResourceType;
