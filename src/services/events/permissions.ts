import type { Call, Permission, Permissions } from "../service.ts";
import { busNamed } from "./buses.ts";
import { busArn, ruleArn } from "./records.ts";

interface Input {
  readonly Name?: string;
  readonly Rule?: string;
  readonly EventBusName?: string;
  readonly ResourceARN?: string;
  readonly Entries?: readonly { EventBusName?: string }[];
}
const onBus = new Set(["CreateEventBus", "DeleteEventBus", "DescribeEventBus", "UpdateEventBus"]);
const onRule = new Set([
  "PutRule",
  "DeleteRule",
  "DescribeRule",
  "EnableRule",
  "DisableRule",
  "PutTargets",
  "RemoveTargets",
  "ListTargetsByRule",
]);

const resourcesOf = (operation: string, input: Input, call: Call): string[] => {
  if (operation === "PutEvents") return [...new Set((input.Entries ?? []).map(({ EventBusName }) => busArn(call, busNamed(EventBusName))))];
  if (onBus.has(operation)) return [busArn(call, busNamed(input.Name))];
  if (operation === "PutPermission" || operation === "RemovePermission") return [busArn(call, busNamed(input.EventBusName))];
  if (onRule.has(operation)) return [ruleArn(call, { bus: busNamed(input.EventBusName), name: (input.Rule ?? input.Name) as string })];
  return [input.ResourceARN ?? "*"];
};

export const permissions: Permissions = {
  of: (operation, input: Input, call): Permission[] =>
    resourcesOf(operation, input, call).map((resource) => ({ action: `events:${operation}`, resource })),
};
