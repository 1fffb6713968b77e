/** The task `lambda.report`: tells a destination, or a dead-letter topic, what became of an event. */
import type { Task } from "../../queue/queue.ts";
import { notBuilt } from "./errors.ts";
import type { Place, World } from "./world.ts";

export interface Report {
  readonly place: Place;
  /** An SNS topic, a function or an event bus, by ARN. */
  readonly destination?: string;
  /** An SNS topic that is given the event itself. */
  readonly deadLetter?: string;
  readonly record: Record<string, unknown>;
}

/** Throws for destinations that are not here, by name. */
export const checkDestination = (arn: string | undefined): string | undefined => {
  if (arn === undefined || arn === "") return undefined;
  if (!/^arn:[^:]+:(sns|lambda|events):/.test(arn)) throw notBuilt(`The destination ${arn} (SNS topics, functions and event buses are)`);
  return arn;
};

export const report =
  ({ context }: World) =>
  async (task: Task): Promise<void> => {
    const { place, destination, deadLetter, record } = task.payload as Report;
    const aws = context.aws.at(place);
    const { requestId, functionArn, condition } = record.requestContext as { requestId: string; functionArn: string; condition: string };
    if (deadLetter) {
      const { SNSClient, PublishCommand } = await import("@aws-sdk/client-sns");
      const text = (StringValue: string) => ({ DataType: "String", StringValue });
      const failure = record.responsePayload as { errorMessage?: string } | undefined;
      await aws.client(SNSClient).send(
        new PublishCommand({
          TopicArn: deadLetter,
          Message: JSON.stringify(record.requestPayload),
          MessageAttributes: {
            RequestID: text(requestId),
            ErrorCode: text("200"),
            ErrorMessage: text((failure?.errorMessage || condition).slice(0, 1024)),
          },
        }),
      );
    }
    if (!destination) return;
    const kind = destination.split(":")[2];
    if (kind === "sns") {
      const { SNSClient, PublishCommand } = await import("@aws-sdk/client-sns");
      await aws.client(SNSClient).send(new PublishCommand({ TopicArn: destination, Message: JSON.stringify(record) }));
    } else if (kind === "lambda") {
      const { LambdaClient, InvokeCommand } = await import("@aws-sdk/client-lambda");
      await aws
        .client(LambdaClient)
        .send(new InvokeCommand({ FunctionName: destination, InvocationType: "Event", Payload: Buffer.from(JSON.stringify(record)) }));
    } else {
      const { EventBridgeClient, PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
      const { FailedEntryCount, Entries } = await aws.client(EventBridgeClient).send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: destination,
              Source: "lambda",
              DetailType: `Lambda Function Invocation Result - ${condition === "Success" ? "Success" : "Failure"}`,
              Resources: [destination, functionArn],
              Detail: JSON.stringify(record),
            },
          ],
        }),
      );
      if (FailedEntryCount) throw new Error(`${destination} took no event: ${Entries?.[0]?.ErrorMessage}`);
    }
  };
