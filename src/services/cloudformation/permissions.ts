import type { Permissions } from "../service.ts";

const onEverything = new Set(["DescribeStacks", "ListStacks", "ListExports", "ListImports", "ValidateTemplate", "GetTemplateSummary"]);

/** By the service authorization reference: nearly every operation is about one stack. */
export const permissions: Permissions = {
  of(operation, input: { StackName?: string; ChangeSetName?: string } | undefined, { account, region }) {
    const action = `cloudformation:${operation}`;
    const name = input?.StackName ?? input?.ChangeSetName;
    if (name?.startsWith("arn:")) return [{ action, resource: name }];
    if (name === undefined && onEverything.has(operation)) return [{ action, resource: "*" }];
    return [{ action, resource: name === undefined ? "*" : `arn:aws:cloudformation:${region}:${account}:stack/${name}/*` }];
  },
};
