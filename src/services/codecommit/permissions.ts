import type { Permissions } from "../service.ts";

/** Without a repository in their input. */
const unbound = new Set([
  "ListRepositories",
  "CreateApprovalRuleTemplate",
  "DeleteApprovalRuleTemplate",
  "GetApprovalRuleTemplate",
  "ListApprovalRuleTemplates",
  "ListRepositoriesForApprovalRuleTemplate",
  "UpdateApprovalRuleTemplateContent",
  "UpdateApprovalRuleTemplateDescription",
  "UpdateApprovalRuleTemplateName",
]);

/** `GitPull` and `GitPush` are asked for by the git addresses, with `{ repositoryName }`. */
export const permissions: Permissions = {
  of(operation, input, call) {
    const arn = (name: unknown) =>
      `arn:aws:codecommit:${call.region}:${call.account}:${typeof name === "string" && name !== "" ? name : "*"}`;
    const action = `codecommit:${operation}`;
    if (unbound.has(operation)) return [{ action, resource: "*" }];
    if (operation === "BatchGetRepositories" && Array.isArray(input?.repositoryNames))
      return input.repositoryNames.map((name: unknown) => ({ action, resource: arn(name) }));
    if (operation === "UpdateRepositoryName") return [input?.oldName, input?.newName].map((name) => ({ action, resource: arn(name) }));
    if (typeof input?.resourceArn === "string") return [{ action, resource: input.resourceArn }];
    return [{ action, resource: arn(input?.repositoryName) }];
  },
};
