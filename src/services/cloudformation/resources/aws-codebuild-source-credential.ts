import { CodeBuildClient, DeleteSourceCredentialsCommand, ImportSourceCredentialsCommand } from "@aws-sdk/client-codebuild";
import { type ResourceType, unlessGone, type Work } from "./resource.ts";

const put = async (work: Pick<Work, "aws" | "properties">) => {
  const { ServerType, AuthType, Username, Token } = work.properties;
  const { arn = "" } = await work.aws.client(CodeBuildClient).send(
    new ImportSourceCredentialsCommand({
      serverType: ServerType,
      authType: AuthType,
      username: Username,
      token: Token,
      shouldOverwrite: true,
    }),
  );
  return { physicalId: arn, attributes: { Arn: arn } };
};

export default {
  properties: ["ServerType", "AuthType", "Username", "Token"],
  create: put,
  update: put,
  async delete({ aws, physicalId }) {
    await unlessGone(["ResourceNotFoundException"], () =>
      aws.client(CodeBuildClient).send(new DeleteSourceCredentialsCommand({ arn: physicalId })),
    );
  },
} satisfies ResourceType;
