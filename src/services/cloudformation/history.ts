import { randomUUID } from "node:crypto";
import type { Writing } from "../../store/store.ts";
import { announceLater, withDetails } from "./announcements.ts";
import { eventKey, events, type Stack, type StackEvent, type StackStatus, stackKey, stacks } from "./records.ts";

export type Draft = Pick<StackEvent, "logicalId" | "type" | "status"> & Partial<Pick<StackEvent, "physicalId" | "reason" | "properties">>;

/** Writes a stack with what happened to it: events in order, and what is told of them. */
export const writeStack = async (
  tx: Writing,
  stack: Stack,
  drafts: readonly Draft[],
  now: Date,
  notificationArns: readonly string[],
): Promise<Stack> => {
  const at = now.toISOString();
  const written: StackEvent[] = drafts.map(({ physicalId = "", ...draft }) => ({
    ...draft,
    ...(notificationArns.length > 0 && { topics: notificationArns }),
    physicalId,
    at,
    id: physicalId === stack.id ? randomUUID() : `${draft.logicalId}-${draft.status}-${at}-${randomUUID().slice(0, 4)}`,
    ...(stack.operation?.clientToken && { clientToken: stack.operation.clientToken }),
    ...(stack.operation && { operation: stack.operation.id }),
  }));
  let number = stack.eventCount;
  for (const event of written) await tx.put(events, [...stackKey(stack), eventKey(++number)], withDetails(stack, event));
  const next: Stack = { ...stack, eventCount: number };
  await tx.put(stacks, stackKey(stack), next);
  if (written.length > 0) await announceLater(tx, next, now);
  return next;
};

export const stackEvent = (stack: Pick<Stack, "name" | "id">, status: StackStatus, reason?: string): Draft => ({
  logicalId: stack.name,
  physicalId: stack.id,
  type: "AWS::CloudFormation::Stack",
  status,
  ...(reason && { reason }),
});

/** The task that goes on with a stack's operation. Each wake-up is a task of its own, so that none is lost while another runs. */
export const wake = (stack: Pick<Stack, "account" | "region" | "uuid">, at?: Date) => ({
  name: "cloudformation.execute",
  payload: { account: stack.account, region: stack.region, uuid: stack.uuid },
  oneAtATimeFor: `cloudformation.execute ${stack.uuid}`,
  ...(at && { at }),
});
