/** `AWS::CloudFormation::CustomResource` and `Custom::…`: somebody's function, or topic, does the work and answers. */
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  type Change,
  type Made,
  type Removal,
  ResourceFailure,
  type ResourceType,
  type Wait,
  type Waiting,
  type Work,
} from "./resource.ts";

const texts = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(texts)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, texts(item)]))
      : String(value);

/** Sends the request; the same request again carries the same id. Properties arrive as texts, as CloudFormation sends them. */
const ask = async (work: Omit<Work, "exists">, kind: "Create" | "Update" | "Delete", more: object): Promise<Wait> => {
  const { ServiceToken: token, ServiceTimeout } = work.properties as { ServiceToken: string; ServiceTimeout?: string | number };
  const seconds = Math.min(Math.max(Number(ServiceTimeout ?? 3600) || 3600, 1), 3600);
  const request = JSON.stringify({
    RequestType: kind,
    RequestId: work.token,
    StackId: work.stack.id,
    ResponseURL: await work.desk.address(work, "custom"),
    ServiceToken: token,
    ResourceType: work.type,
    LogicalResourceId: work.logicalId,
    ResourceProperties: texts(work.properties),
    ...more,
  });
  const [, , service] = token.split(":");
  if (service === "lambda")
    await work.aws
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: token, InvocationType: "Event", Payload: Buffer.from(request) }));
  else if (service === "sns")
    await work.aws
      .client(SNSClient)
      .send(new PublishCommand({ TopicArn: token, Subject: "AWS CloudFormation custom resource request", Message: request }));
  else throw new ResourceFailure(`Invalid service token: ${token}: it is the ARN of neither a function nor a topic`);
  return { wait: true, until: new Date(work.startedAt.getTime() + seconds * 1000) };
};

const answered = async (waiting: Waiting): Promise<Made | Wait> => {
  const seconds = Math.min(Math.max(Number(waiting.properties.ServiceTimeout ?? 3600) || 3600, 1), 3600);
  const until = new Date(waiting.startedAt.getTime() + seconds * 1000);
  const answer = (await waiting.desk.answers(waiting)).get("");
  const { physicalId } = waiting;
  if (!answer) {
    if (waiting.now < until) return { wait: true, until, ...(physicalId && { physicalId }) };
    throw new ResourceFailure(
      "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [" +
        waiting.token +
        "]. If you are using the Python cfn-response module, you may need to update your Lambda function code so that CloudFormation can attach the updated version.",
    );
  }
  const { Status, Reason, PhysicalResourceId, Data } = answer as {
    Status?: string;
    Reason?: string;
    PhysicalResourceId?: string;
    Data?: Record<string, unknown>;
  };
  if (Status !== "SUCCESS" && Status !== "FAILED") throw new ResourceFailure(`Invalid Status [${Status}] in the custom resource's answer`);
  if (Status === "FAILED")
    throw new ResourceFailure(
      `Received response status [FAILED] from custom resource. Message returned: ${Reason ?? "none"} (RequestId: ${waiting.token})`,
    );
  if (!PhysicalResourceId && waiting.action === "create") throw new ResourceFailure("Invalid PhysicalResourceId");
  return { physicalId: PhysicalResourceId || (physicalId as string), attributes: Data ?? {} };
};

export default {
  properties: [],
  changing: "all",

  async create(work) {
    // Where nobody answers, this is the name that the deletion will give.
    work.exists(work.name);
    return { ...(await ask(work, "Create", {})), physicalId: work.name };
  },
  update: async (change: Change) => ({
    ...(await ask(change, "Update", { PhysicalResourceId: change.physicalId, OldResourceProperties: texts(change.was) })),
    physicalId: change.physicalId,
  }),
  delete: async (removal: Removal) => ({
    ...(await ask(removal, "Delete", { PhysicalResourceId: removal.physicalId })),
    physicalId: removal.physicalId,
  }),
  look: answered,
} satisfies ResourceType;
