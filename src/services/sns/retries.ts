/** How often and how far apart a delivery is tried again. */

export class BadPolicy extends Error {}

export interface RetryPolicy {
  readonly retries: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly atOnce: number;
  readonly atMinimum: number;
  readonly atMaximum: number;
  readonly backoff: "linear" | "arithmetic" | "geometric" | "exponential";
}

/** AWS's own: few and even for other people's servers, long and growing for its own services and for mail. */
const defaults: Record<"http" | "lambda" | "email", RetryPolicy> = {
  http: { retries: 3, minimum: 20, maximum: 20, atOnce: 0, atMinimum: 0, atMaximum: 0, backoff: "linear" },
  lambda: { retries: 500, minimum: 1, maximum: 3600, atOnce: 3, atMinimum: 2, atMaximum: 480, backoff: "exponential" },
  email: { retries: 50, minimum: 1, maximum: 600, atOnce: 0, atMinimum: 2, atMaximum: 38, backoff: "exponential" },
};

/** Throws `BadPolicy`. A delivery policy concerns only http and https. */
export const retryPolicyOf = (protocol: string, subscriptionPolicy?: string, topicPolicy?: string): RetryPolicy => {
  const kind = protocol.startsWith("http") ? "http" : protocol === "lambda" ? "lambda" : "email";
  if (kind !== "http") return defaults[kind];
  const own = subscriptionPolicy === undefined || subscriptionPolicy === "" ? undefined : parsed(subscriptionPolicy).healthyRetryPolicy;
  const topic = topicPolicy === undefined || topicPolicy === "" ? undefined : parsed(topicPolicy);
  const ofTopic = topic?.http?.defaultHealthyRetryPolicy;
  const chosen = (topic?.http?.disableSubscriptionOverrides ? undefined : own) ?? ofTopic;
  return chosen === undefined ? defaults.http : soundPolicy(chosen);
};

type Given = Record<string, unknown>;
interface Parsed {
  healthyRetryPolicy?: Given;
  http?: { defaultHealthyRetryPolicy?: Given; disableSubscriptionOverrides?: boolean };
}
const parsed = (text: string): Parsed => {
  try {
    const value = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Parsed;
  } catch {}
  throw new BadPolicy("must be a JSON object");
};

const soundPolicy = (given: Given): RetryPolicy => {
  const number = (name: string, otherwise: number, least: number, most: number): number => {
    const value = given[name] ?? otherwise;
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
      throw new BadPolicy(`healthyRetryPolicy.${name} must be a number from ${least} to ${most}`);
    return value;
  };
  const backoff = given.backoffFunction ?? "linear";
  if (!["linear", "arithmetic", "geometric", "exponential"].includes(backoff as string))
    throw new BadPolicy(`healthyRetryPolicy.backoffFunction ${backoff}`);
  const policy: RetryPolicy = {
    retries: number("numRetries", 3, 0, 100),
    minimum: number("minDelayTarget", 20, 1, 3600),
    maximum: number("maxDelayTarget", 20, 1, 3600),
    atOnce: number("numNoDelayRetries", 0, 0, 100),
    atMinimum: number("numMinDelayRetries", 0, 0, 100),
    atMaximum: number("numMaxDelayRetries", 0, 0, 100),
    backoff: backoff as RetryPolicy["backoff"],
  };
  if (policy.minimum > policy.maximum)
    throw new BadPolicy("healthyRetryPolicy.maxDelayTarget must be greater than or equal to minDelayTarget");
  if (policy.atOnce + policy.atMinimum + policy.atMaximum > policy.retries)
    throw new BadPolicy("healthyRetryPolicy.numRetries must be at least the sum of the others");
  return policy;
};

/** Seconds to wait before the next try, when `tries` were made; undefined: no more. */
export const pauseAfter = (policy: RetryPolicy, tries: number): number | undefined => {
  if (tries > policy.retries) return undefined;
  const { atOnce, atMinimum, atMaximum, minimum, maximum } = policy;
  if (tries <= atOnce) return 0;
  if (tries <= atOnce + atMinimum) return minimum;
  if (tries > policy.retries - atMaximum) return maximum;
  const between = policy.retries - atOnce - atMinimum - atMaximum;
  const done = (tries - atOnce - atMinimum) / Math.max(1, between);
  const share = { linear: done, arithmetic: done ** 2, geometric: done ** 3, exponential: (2 ** (done * 10) - 1) / 1023 }[policy.backoff];
  return minimum + (maximum - minimum) * share;
};
