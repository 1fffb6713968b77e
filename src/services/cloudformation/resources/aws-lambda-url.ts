import {
  CreateFunctionUrlConfigCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  LambdaClient,
  UpdateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";

const nameOf = ({ properties: { TargetFunctionArn, Qualifier } }: Pick<Work, "properties">) => ({
  FunctionName: TargetFunctionArn as string,
  Qualifier: Qualifier as string | undefined,
});
const made = async (work: Pick<Work, "aws" | "properties">) => {
  const { FunctionArn = "", FunctionUrl } = await work.aws.client(LambdaClient).send(new GetFunctionUrlConfigCommand(nameOf(work)));
  return { physicalId: FunctionArn, attributes: { FunctionArn, FunctionUrl } };
};

export default {
  properties: ["TargetFunctionArn", "Qualifier", "AuthType", "Cors", "InvokeMode"],

  async create(work) {
    const { AuthType, Cors, InvokeMode } = work.properties;
    await createOnce(work, ["ResourceConflictException"], () =>
      work.aws.client(LambdaClient).send(new CreateFunctionUrlConfigCommand({ ...nameOf(work), AuthType, Cors, InvokeMode })),
    );
    return made(work);
  },
  async update(change) {
    const { AuthType, Cors, InvokeMode } = change.properties;
    await change.aws.client(LambdaClient).send(
      new UpdateFunctionUrlConfigCommand({
        ...nameOf(change),
        AuthType,
        Cors: Cors ?? (change.was.Cors ? {} : undefined),
        InvokeMode: InvokeMode ?? "BUFFERED",
      }),
    );
    return made(change);
  },
  async delete(removal) {
    await unlessGone(["ResourceNotFoundException"], () =>
      removal.aws.client(LambdaClient).send(new DeleteFunctionUrlConfigCommand(nameOf(removal))),
    );
  },
} satisfies ResourceType;
