import type { Permissions } from "../service.ts";

export const permissions: Permissions = {
  of: (operation, input: { RoleArn?: string }) => {
    // Everybody may ask who they are.
    if (operation === "GetCallerIdentity" || operation === "GetSessionToken") return [];
    return [{ action: `sts:${operation}`, resource: input.RoleArn ?? "*" }];
  },
};
