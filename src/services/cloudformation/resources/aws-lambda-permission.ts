import { AddPermissionCommand, LambdaClient, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import { createOnce, type ResourceType, unlessGone } from "./resource.ts";

const type: ResourceType = {
  properties: ["Action", "EventSourceToken", "FunctionName", "FunctionUrlAuthType", "InvokedViaFunctionUrl", "Principal", "PrincipalOrgID", "SourceAccount", "SourceArn"],
  async create(work) {
    await createOnce(work, ["ResourceConflictException"], () =>
      work.aws.client(LambdaClient).send(new AddPermissionCommand({ ...work.properties, StatementId: work.name })),
    );
    return { physicalId: work.name, attributes: { Id: work.name } };
  },
  async delete({ aws, physicalId, properties }) {
    await unlessGone(["ResourceNotFoundException"], () =>
      aws.client(LambdaClient).send(new RemovePermissionCommand({ FunctionName: properties.FunctionName, StatementId: physicalId })),
    );
  },
};
export default type;
