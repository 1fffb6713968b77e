import { CreateAliasCommand, DeleteAliasCommand, GetAliasCommand, LambdaClient, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";

const routing = (config: { AdditionalVersionWeights?: { FunctionVersion: string; FunctionWeight: number }[] } | undefined) => ({
  AdditionalVersionWeights: Object.fromEntries(
    (config?.AdditionalVersionWeights ?? []).map(({ FunctionVersion, FunctionWeight }) => [FunctionVersion, FunctionWeight]),
  ),
});
const made = async ({ aws, properties: { FunctionName, Name } }: Pick<Work, "aws" | "properties">) => {
  const { AliasArn = "" } = await aws.client(LambdaClient).send(new GetAliasCommand({ FunctionName, Name }));
  return { physicalId: AliasArn, attributes: { AliasArn } };
};
const update = async (work: Pick<Work, "aws" | "properties">) => {
  const { FunctionName, Name, FunctionVersion, Description, RoutingConfig } = work.properties;
  await work.aws.client(LambdaClient).send(
    new UpdateAliasCommand({
      FunctionName,
      Name,
      FunctionVersion,
      Description: Description ?? "",
      RoutingConfig: routing(RoutingConfig),
    }),
  );
  return made(work);
};

export default {
  properties: ["FunctionName", "FunctionVersion", "Name", "Description", "RoutingConfig"],

  async taken({ aws, properties: { FunctionName, Name } }) {
    return (
      (await unlessGone(["ResourceNotFoundException"], () =>
        aws.client(LambdaClient).send(new GetAliasCommand({ FunctionName, Name })),
      )) !== undefined
    );
  },
  name: { property: "Name", most: 128, shared: true },
  async create(work) {
    const { FunctionName, Name, FunctionVersion, Description, RoutingConfig } = work.properties;
    await createOnce(work, ["ResourceConflictException"], () =>
      work.aws.client(LambdaClient).send(
        new CreateAliasCommand({
          FunctionName,
          Name,
          FunctionVersion,
          Description,
          ...(RoutingConfig && { RoutingConfig: routing(RoutingConfig) }),
        }),
      ),
    );
    return made(work);
  },
  update,
  async delete({ aws, properties: { FunctionName, Name } }) {
    await unlessGone(["ResourceNotFoundException"], () => aws.client(LambdaClient).send(new DeleteAliasCommand({ FunctionName, Name })));
  },
} satisfies ResourceType;
