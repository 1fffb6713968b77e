import { CreateAliasCommand, DeleteAliasCommand, GetAliasCommand, LambdaClient, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";

const GONE = ["ResourceNotFoundException"];

const aliasOf = ({ properties }: Work) => ({
  FunctionName: properties.FunctionName as string,
  Name: properties.Name as string,
  FunctionVersion: properties.FunctionVersion as string,
  Description: properties.Description ?? "",
  RoutingConfig: {
    AdditionalVersionWeights: Object.fromEntries(
      (properties.RoutingConfig?.AdditionalVersionWeights ?? []).map((one: { FunctionVersion: string; FunctionWeight: number }) => [
        one.FunctionVersion,
        one.FunctionWeight,
      ]),
    ),
  },
});
const made = async (work: Work) => {
  const { FunctionName, Name } = aliasOf(work);
  const { AliasArn = "" } = await work.aws.client(LambdaClient).send(new GetAliasCommand({ FunctionName, Name }));
  return { physicalId: AliasArn, attributes: { AliasArn } };
};

const type: ResourceType = {
  properties: ["Description", "FunctionName", "FunctionVersion", "Name", "RoutingConfig"],
  async create(work) {
    await createOnce(work, ["ResourceConflictException"], () => work.aws.client(LambdaClient).send(new CreateAliasCommand(aliasOf(work))));
    return made(work);
  },
  async update(change) {
    await change.aws.client(LambdaClient).send(new UpdateAliasCommand(aliasOf(change)));
    return made(change);
  },
  async delete({ aws, properties }) {
    const { FunctionName, Name } = properties;
    await unlessGone(GONE, () => aws.client(LambdaClient).send(new DeleteAliasCommand({ FunctionName, Name })));
  },
};
export default type;
