/** What SNS sends: the JSON around a message, and the text that its signature covers. */
import type { Message } from "./records.ts";
import { textFor } from "./message.ts";

export interface Signer {
  /** Base64, over that text, as the version asks. */
  sign(text: string, version: "1" | "2"): string;
  readonly certificateUrl: string;
}
export interface Links {
  readonly topicArn: string;
  readonly version: "1" | "2";
  /** Where the subscription is ended. */
  readonly unsubscribe: string;
  /** Where it is confirmed. */
  readonly subscribe: string;
  readonly token: string;
}

/** Name and value, line by line, in the order of the names. */
const signedText = (values: Readonly<Record<string, string | undefined>>): string =>
  Object.keys(values)
    .sort()
    .filter((name) => values[name] !== undefined)
    .map((name) => `${name}\n${values[name]}\n`)
    .join("");

export const notification = (message: Message, protocol: string, links: Links, signer: Signer) => {
  const signed = {
    Type: "Notification",
    MessageId: message.id,
    TopicArn: links.topicArn,
    Subject: message.subject,
    Message: textFor(message, protocol),
    Timestamp: message.at,
  };
  const attributes = Object.entries(message.attributes).map(([name, { type, value }]) => [name, { Type: type, Value: value }]);
  return {
    ...signed,
    SignatureVersion: links.version,
    Signature: signer.sign(signedText(signed), links.version),
    SigningCertURL: signer.certificateUrl,
    UnsubscribeURL: links.unsubscribe,
    ...(attributes.length > 0 && { MessageAttributes: Object.fromEntries(attributes) as Record<string, { Type: string; Value: string }> }),
  };
};

export const confirmation = (id: string, at: string, links: Links, signer: Signer) => {
  const signed = {
    Type: "SubscriptionConfirmation",
    MessageId: id,
    Token: links.token,
    TopicArn: links.topicArn,
    Message: `You have chosen to subscribe to the topic ${links.topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
    SubscribeURL: links.subscribe,
    Timestamp: at,
  };
  return {
    ...signed,
    SignatureVersion: links.version,
    Signature: signer.sign(signedText(signed), links.version),
    SigningCertURL: signer.certificateUrl,
  };
};

/** The same notification as a function gets it. */
export const lambdaEvent = (message: Message, subscriptionArn: string, links: Links, signer: Signer) => {
  const { SigningCertURL, UnsubscribeURL, ...rest } = notification(message, "lambda", links, signer);
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscriptionArn,
        Sns: {
          ...rest,
          Subject: rest.Subject ?? null,
          SigningCertUrl: SigningCertURL,
          UnsubscribeUrl: UnsubscribeURL,
          MessageAttributes: rest.MessageAttributes ?? {},
        },
      },
    ],
  };
};
