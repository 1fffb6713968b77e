import { arnParts, type TargetKind } from "./target.ts";

export const lambda: TargetKind = {
  check() {},
  async deliver({ target, input }, { aws }) {
    const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
    const { account, region } = arnParts(target.arn);
    await aws
      .at({ account, region })
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: target.arn, InvocationType: "Event", Payload: Buffer.from(input) }));
  },
};
