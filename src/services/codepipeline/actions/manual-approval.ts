/** Approval: waits for PutApprovalResult, and tells a topic that it does. */
import { approvalLink, pipelineLink } from "../links.ts";
import type { Act, Outcome, Provider } from "./action.ts";

/** The body that AWS sends to the topic. */
export const approvalMessage = (act: Pick<Act, "place" | "run">, endpoint: string): object => {
  const { place, run } = act;
  return {
    region: place.region,
    consoleLink: pipelineLink(endpoint, place),
    approval: {
      pipelineName: place.pipeline,
      stageName: run.stage,
      actionName: run.action,
      token: run.token,
      expires: new Date(run.deadline!).toISOString().replace(/:\d\d\.\d+Z$/, "Z"),
      externalEntityLink: run.configuration.ExternalEntityLink ?? null,
      approvalReviewLink: approvalLink(endpoint, place, run.stage, run.action),
      customData: run.configuration.CustomData ?? null,
    },
  };
};

const mostSubject = 100;

const start = async (act: Act): Promise<Outcome> => {
  const { NotificationArn } = act.run.configuration;
  if (NotificationArn !== undefined) {
    const { PublishCommand, SNSClient } = await import("@aws-sdk/client-sns");
    const Subject = `APPROVAL NEEDED: AWS CodePipeline ${act.place.pipeline} for action ${act.action.name}`.slice(0, mostSubject);
    const Message = JSON.stringify(approvalMessage(act, act.context.endpoint()));
    await act.aws.client(SNSClient).send(new PublishCommand({ TopicArn: NotificationArn, Subject, Message }));
  }
  return { kind: "waiting", on: [] };
};

export const manualApproval: Provider = {
  category: "Approval",
  provider: "Manual",
  inputs: { min: 0, max: 0 },
  outputs: { min: 0, max: 0 },
  properties: [
    { name: "NotificationArn", required: false, description: "The SNS topic that is told of the approval request" },
    { name: "ExternalEntityLink", required: false, description: "The address of what is to be reviewed" },
    { name: "CustomData", required: false, description: "Comments for the reviewer" },
  ],
  timeoutMinutes: 7 * 24 * 60,
  timeoutMessage: "The approval request expired before it was answered.",
  start,
};
