/** What the attributes of topics and subscriptions may be. */
import { BadPattern } from "../../lib/pattern.ts";
import { invalid, notImplemented } from "./errors.ts";
import { filterOf } from "./filter.ts";
import { BadPolicy, retryPolicyOf } from "./retries.ts";

type Attributes = Readonly<Record<string, string>>;
type Check = (value: string, all: Attributes) => void;

const isJson: (name: string) => Check = (name) => (value) => {
  try {
    JSON.parse(value);
  } catch {
    throw invalid(`${name} Reason: Policy is not valid JSON`);
  }
};
const oneOf =
  (name: string, ...allowed: string[]): Check =>
  (value) => {
    if (!allowed.includes(value))
      throw invalid(`Attributes Reason: ${name}: Invalid value [${value}]. Must be one of ${allowed.join(" or ")}.`);
  };
const deliveryPolicy: Check = (value) => {
  try {
    retryPolicyOf("http", value);
  } catch (error) {
    if (error instanceof BadPolicy) throw invalid(`DeliveryPolicy: ${error.message}`);
    throw error;
  }
};
const unbuilt =
  (name: string): Check =>
  () => {
    throw notImplemented(`The attribute ${name}`);
  };

const topicChecks: Readonly<Record<string, Check>> = {
  DisplayName: (value) => {
    if (value.length > 100) throw invalid("DisplayName");
  },
  Policy: isJson("Policy"),
  DeliveryPolicy: deliveryPolicy,
  SignatureVersion: oneOf("SignatureVersion", "1", "2"),
  TracingConfig: oneOf("TracingConfig", "PassThrough"),
  FifoTopic: (value) => {
    if (value !== "false") unbuilt("FifoTopic")(value, {});
  },
  ...Object.fromEntries(
    ["KmsMasterKeyId", "ContentBasedDeduplication", "ArchivePolicy", "DataProtectionPolicy", "FifoThroughputScope"].map((name) => [
      name,
      unbuilt(name),
    ]),
  ),
};

const subscriptionChecks: Readonly<Record<string, Check>> = {
  FilterPolicy: (value, all) => {
    if (value === "" || value === "{}") return;
    try {
      filterOf(value, all.FilterPolicyScope);
    } catch (error) {
      if (error instanceof BadPattern) throw invalid(`FilterPolicy: ${error.message}`);
      throw error;
    }
  },
  FilterPolicyScope: oneOf("FilterPolicyScope", "MessageAttributes", "MessageBody"),
  RawMessageDelivery: oneOf("RawMessageDelivery", "true", "false"),
  DeliveryPolicy: deliveryPolicy,
  ...Object.fromEntries(["RedrivePolicy", "ReplayPolicy", "SubscriptionRoleArn"].map((name) => [name, unbuilt(name)])),
};

const checked = (checks: Readonly<Record<string, Check>>, attributes: Attributes, all: Attributes): void => {
  for (const [name, value] of Object.entries(attributes)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (!check) {
      if (/(Success|Failure)Feedback(RoleArn|SampleRate)$/.test(name)) throw notImplemented(`The attribute ${name}`);
      throw invalid("AttributeName");
    }
    check(value, all);
  }
};

/** Throws what is wrong with them. `before` is what is set already. */
export const checkTopicAttributes = (attributes: Attributes, before: Attributes = {}) =>
  checked(topicChecks, attributes, { ...before, ...attributes });
export const checkSubscriptionAttributes = (attributes: Attributes, before: Attributes = {}) =>
  checked(subscriptionChecks, attributes, { ...before, ...attributes });
