import type { Permissions } from "../service.ts";
import { askedFor } from "./names.ts";
import { arnOf } from "./records.ts";

interface Input {
  readonly Name?: string;
  readonly Names?: readonly string[];
  readonly Path?: string;
  readonly ResourceId?: string;
}
export const permissions: Permissions = {
  of: (operation, input: Input, call) => {
    const named = input.Names ?? [input.Name ?? input.Path ?? input.ResourceId].filter((name) => name !== undefined);
    const resources = named.length > 0 ? named.map((name) => arnOf(call, askedFor(name).name)) : ["*"];
    return resources.map((resource) => ({ action: `ssm:${operation}`, resource }));
  },
};
