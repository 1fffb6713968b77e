/** What a resource's record becomes when a step has an outcome. Pure. */
import type { Draft } from "./history.ts";
import type { Resource, ResourceStatus, Standing, Step } from "./records.ts";
import type { Made, Wait } from "./resources/resource.ts";

export const madeOf = (step: Step, type: string, made: Made): Standing => ({
  type,
  physicalId: made.physicalId,
  properties: step.properties,
  attributes: made.attributes ?? {},
  ...(made.state !== undefined && { state: made.state }),
  ...step.declared,
});

const withoutStep = ({ step: _, attempted: __, ...record }: Resource): Omit<Resource, "step" | "attempted"> => record;
const eventOf = (
  record: Pick<Resource, "logicalId" | "type">,
  status: ResourceStatus,
  physicalId: string | undefined,
  step: Step,
  reason?: string,
): Draft => ({
  logicalId: record.logicalId,
  type: record.type,
  status,
  ...(physicalId !== undefined && { physicalId }),
  ...(reason !== undefined && { reason }),
  ...(step.shown !== undefined && { properties: step.shown }),
});

export interface Settled {
  readonly record: Resource;
  readonly event: Draft;
}

/** Created or updated. */
export const settledMade = (record: Resource, step: Step, made: Made, operation: string, at: string): Settled => {
  const status: ResourceStatus = step.action === "create" && !step.replaces ? "CREATE_COMPLETE" : "UPDATE_COMPLETE";
  const { statusReason: _, ...rest } = withoutStep(record);
  return {
    record: { ...rest, status, at, touched: operation, stands: madeOf(step, record.type, made) },
    event: eventOf(record, status, made.physicalId, step),
  };
};

export const settledFailed = (
  record: Resource,
  step: Step,
  reason: string,
  physicalId: string | undefined,
  operation: string,
  at: string,
): Settled => {
  const creating = step.action === "create" && !step.replaces;
  const status: ResourceStatus = creating ? "CREATE_FAILED" : "UPDATE_FAILED";
  const partial = step.action === "create" && physicalId !== undefined ? madeOf(step, record.type, { physicalId }) : undefined;
  return {
    record: {
      ...withoutStep(record),
      status,
      statusReason: reason,
      at,
      touched: operation,
      ...(step.action === "update" && { attempted: step.properties }),
      ...(partial && creating && { stands: partial }),
      ...(partial && !creating && { debris: [...(record.debris ?? []), partial] }),
    },
    event: eventOf(record, status, physicalId ?? record.stands?.physicalId, step, reason),
  };
};

export const settledWaiting = (record: Resource, step: Step, wait: Wait, at: string): Settled => {
  const first = step.waiting === undefined;
  const status: ResourceStatus = step.action === "create" && !step.replaces ? "CREATE_IN_PROGRESS" : "UPDATE_IN_PROGRESS";
  return {
    record: {
      ...record,
      status,
      at: first ? at : record.at,
      step: {
        ...step,
        waiting: {
          ...(wait.until && { until: wait.until.toISOString() }),
          ...(wait.physicalId !== undefined && { physicalId: wait.physicalId }),
          ...(wait.state !== undefined && { state: wait.state }),
        },
      },
    },
    event: eventOf(record, status, wait.physicalId, step, "Resource creation Initiated"),
  };
};
