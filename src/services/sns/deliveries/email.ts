import { confirmation, notification } from "../envelope.ts";
import { invalid } from "../errors.ts";
import { keep } from "../mail.ts";
import { textFor } from "../message.ts";
import type { Mail } from "../records.ts";
import type { Kind, Means, Share } from "./kind.ts";

/** An e-mail, plain or with the JSON that a server would get. Without a mail server it is kept, to be read with `mayfly mail`. */
export const email: Kind = {
  confirmsItself: false,
  check(endpoint) {
    if (!/^[^\s@]+@[^\s@]+$/.test(endpoint)) throw invalid("Email address");
  },
  async deliver(share, means) {
    const letter: Mail = {
      id: `${share.id}.${share.subscription.id}`,
      at: means.now.toISOString(),
      to: share.subscription.endpoint,
      subject: share.message ? (share.message.subject ?? "AWS Notification Message") : "AWS Notification - Subscription Confirmation",
      text: await textOf(share, means),
      topicArn: share.links.topicArn,
      kind: share.message ? "notification" : "confirmation",
      link: share.message ? undefined : share.links.subscribe,
    };
    const { smtp } = means.context.settings;
    if (!smtp) return (tx) => keep(tx, share.place, letter);
    const { createTransport } = await import("nodemailer");
    const transport = createTransport(smtp.url);
    try {
      await transport.sendMail({
        from: smtp.from,
        to: letter.to,
        subject: letter.subject,
        text: letter.text,
        messageId: `<${letter.id}@mayfly>`,
      });
    } finally {
      transport.close();
    }
  },
};

const textOf = async ({ subscription, message, id, links }: Share, { signing, now }: Means): Promise<string> => {
  if (subscription.protocol === "email-json") {
    const signer = await signing.signer();
    return JSON.stringify(
      message ? notification(message, "email-json", links, signer) : confirmation(id, now.toISOString(), links, signer),
      null,
      2,
    );
  }
  if (!message)
    return `You have chosen to subscribe to the topic:\n${links.topicArn}\n\nTo confirm this subscription, open this address (if this was in error no action is necessary):\n${links.subscribe}\n`;
  return `${textFor(message, "email")}\n\n--\nIf you wish to stop receiving notifications from this topic, open this address:\n${links.unsubscribe}\n`;
};
