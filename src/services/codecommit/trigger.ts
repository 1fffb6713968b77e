/** Carries one trigger out: SNS or Lambda, as its destination says. */
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import type { Announcement } from "./announcements.ts";
import { arnOf, type Trigger } from "./records.ts";
import { type TriggerReference, triggerRecords } from "./trigger-events.ts";

export const fire = async (
  context: Context,
  place: { account: string; region: string },
  destination: string,
  records: object,
): Promise<void> => {
  const aws = context.aws.at(place);
  const message = JSON.stringify(records);
  if (destination.split(":")[2] === "sns") {
    await aws.client(SNSClient).send(new PublishCommand({ TopicArn: destination, Message: message, Subject: "UPDATE: AWS CodeCommit" }));
    return;
  }
  await aws
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: destination, InvocationType: "Event", Payload: Buffer.from(message) }));
};

interface Payload extends Announcement {
  readonly trigger: Trigger;
  readonly references: readonly TriggerReference[];
  readonly configurationId: string;
}

export const trigger =
  (context: Context) =>
  async (task: Task): Promise<void> => {
    const payload: Payload = task.payload;
    const { account, region, callerArn, time } = payload;
    const repositoryArn = arnOf({ account, region, name: payload.repositoryName });
    const { trigger: of, references, configurationId } = payload;
    // The task's id names the event, so that a receiver can tell a repetition.
    const records = triggerRecords({ eventId: task.id, region, repositoryArn, configurationId, trigger: of, references, callerArn, time });
    await fire(context, payload, of.destinationArn, records);
  };
