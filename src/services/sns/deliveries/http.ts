import { confirmation, notification } from "../envelope.ts";
import { invalid } from "../errors.ts";
import { textFor } from "../message.ts";
import { type Kind, NotTaken } from "./kind.ts";

const timeoutMs = 15_000;

/** POST to somebody's server. */
export const http: Kind = {
  confirmsItself: false,
  check(endpoint, protocol) {
    if (!endpoint.startsWith(`${protocol}://`)) throw invalid("Endpoint must match the specified protocol");
    if (!URL.canParse(endpoint)) throw invalid("Endpoint");
  },
  async deliver({ subscription, arn, message, id, links }, { signing, now, signal }) {
    const signer = await signing.signer();
    const raw = message !== undefined && subscription.attributes.RawMessageDelivery === "true";
    const body = raw
      ? textFor(message, subscription.protocol)
      : JSON.stringify(
          message ? notification(message, subscription.protocol, links, signer) : confirmation(id, now.toISOString(), links, signer),
          null,
          2,
        );
    const { url, authorization } = withoutCredentials(subscription.endpoint);
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        "content-type": "text/plain; charset=UTF-8",
        "user-agent": "Amazon Simple Notification Service Agent",
        "x-amz-sns-message-type": message ? "Notification" : "SubscriptionConfirmation",
        "x-amz-sns-message-id": id,
        "x-amz-sns-topic-arn": links.topicArn,
        ...(message && { "x-amz-sns-subscription-arn": arn }),
        ...(raw && { "x-amz-sns-rawdelivery": "true" }),
        ...(authorization && { authorization }),
      },
      body,
    });
    await response.body?.cancel();
    const { status } = response;
    if (status < 200 || status > 299) throw new NotTaken(`HTTP status ${status}`, status >= 300 && status < 500 && status !== 429);
  },
};

/** `https://name:password@host/` becomes a header. */
const withoutCredentials = (endpoint: string): { url: string; authorization?: string } => {
  const url = new URL(endpoint);
  if (url.username === "" && url.password === "") return { url: endpoint };
  const authorization = `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString("base64")}`;
  url.username = "";
  url.password = "";
  return { url: url.href, authorization };
};
