import type { Aws } from "../../../aws/aws.ts";
import type { Clock } from "../../../lib/clock.ts";
import { invalid } from "../errors.ts";
import type { Delivery, Target as TargetRecord } from "../records.ts";

/** A kind of thing that events are sent to. */
export interface TargetKind {
  /** Throws what is wrong with a target of this kind. */
  check(target: TargetRecord): void;
  /** At least once; the same token is the same delivery. Throws what the target's service answers. */
  deliver(delivery: Delivery, means: { aws: Aws; token: string; clock: Clock }): Promise<void>;
}

/** The parts of an ARN. */
export const arnParts = (arn: string) => {
  const [, , service, region, account, ...rest] = arn.split(":");
  return { service, region, account, resource: rest.join(":") };
};

export const mustHaveRole = ({ arn, roleArn }: TargetRecord) => {
  if (roleArn === undefined) throw invalid(`RoleArn is required for target ${arn}.`);
};

/** The rule's author's own JSON object for the target; empty when there is none. */
export const ownParameters = ({ own, input }: Delivery): Record<string, unknown> => {
  if (!own) return {};
  try {
    const value = JSON.parse(input);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
};
