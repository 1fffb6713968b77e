import { lambdaEvent } from "../envelope.ts";
import { invalid } from "../errors.ts";
import { type Kind, NotTaken } from "./kind.ts";

/** An asynchronous invocation: the function's own retries are Lambda's business. */
export const lambda: Kind = {
  confirmsItself: true,
  check(endpoint) {
    if (!/^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:.+$/.test(endpoint)) throw invalid("Lambda endpoint ARN");
  },
  async deliver({ subscription, arn, message, links }, { context, signing }) {
    if (!message) return;
    const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
    const [, , , region, account] = subscription.endpoint.split(":");
    const payload = JSON.stringify(lambdaEvent(message, arn, links, await signing.signer()));
    try {
      await context.aws
        .at({ account, region })
        .client(LambdaClient)
        .send(new InvokeCommand({ FunctionName: subscription.endpoint, InvocationType: "Event", Payload: Buffer.from(payload) }));
    } catch (error) {
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 500;
      throw new NotTaken(
        `${(error as Error).name}: ${(error as Error).message}`,
        (status >= 400 && status < 500 && status !== 429) || status === 501,
      );
    }
  },
};
