import { AddPermissionCommand, LambdaClient, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import { createOnce, type ResourceType, unlessGone } from "./resource.ts";

const members = [
  "Action",
  "FunctionName",
  "Principal",
  "SourceArn",
  "SourceAccount",
  "EventSourceToken",
  "FunctionUrlAuthType",
  "PrincipalOrgID",
  "InvokedViaFunctionUrl",
];

export default {
  properties: members,

  async create(work) {
    const { FunctionName, Action, Principal, ...rest } = work.properties;
    await createOnce(work, ["ResourceConflictException"], () =>
      work.aws.client(LambdaClient).send(new AddPermissionCommand({ FunctionName, Action, Principal, ...rest, StatementId: work.name })),
    );
    return { physicalId: work.name, attributes: { Id: work.name } };
  },
  async delete({ aws, physicalId, properties: { FunctionName } }) {
    await unlessGone(["ResourceNotFoundException"], () =>
      aws.client(LambdaClient).send(new RemovePermissionCommand({ FunctionName, StatementId: physicalId })),
    );
  },
} satisfies ResourceType;
