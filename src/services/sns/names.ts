import { invalid } from "./errors.ts";
import type { Place } from "./records.ts";

/** A topic's ARN: the place is the ARN's, since a link that was mailed names no other. Throws InvalidParameter. */
export const topicOf = (arn: string | undefined, member = "TopicArn"): { place: Place; topic: string } => {
  const [, region, account, topic] = /^arn:aws[a-z-]*:sns:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]{1,256}(?:\.fifo)?)$/.exec(arn ?? "") ?? [];
  if (topic === undefined) throw invalid(`${member} Reason: An ARN must have at least 6 elements, not ${(arn ?? "").split(":").length}`);
  return { place: { account, region }, topic };
};

/** A subscription's ARN. Throws InvalidParameter. */
export const subscriptionOf = (arn: string | undefined): { place: Place; topic: string; id: string } => {
  const cut = arn?.lastIndexOf(":") ?? -1;
  const id = arn?.slice(cut + 1) ?? "";
  if (!/^[0-9a-f-]{36}$/.test(id))
    throw invalid(`SubscriptionArn Reason: An ARN must have at least 6 elements, not ${(arn ?? "").split(":").length}`);
  return { ...topicOf(arn?.slice(0, cut), "SubscriptionArn"), id };
};
