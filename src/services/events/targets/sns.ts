import { arnParts, type TargetKind } from "./target.ts";

export const sns: TargetKind = {
  check() {},
  async deliver({ target, input }, { aws }) {
    const { PublishCommand, SNSClient } = await import("@aws-sdk/client-sns");
    const { account, region } = arnParts(target.arn);
    await aws
      .at({ account, region })
      .client(SNSClient)
      .send(new PublishCommand({ TopicArn: target.arn, Message: input }));
  },
};
