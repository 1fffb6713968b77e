import type { Call, Permissions } from "../service.ts";

/** What an operation of IAM is about, told from the name its input carries. */
const resourceOf = (operation: string, input: Record<string, unknown>, { account }: Call): string => {
  const named = (kind: string, name: unknown) => `arn:aws:iam::${account}:${kind}/${String(name)}`;
  if (/^(List(Users|Groups|Roles|Policies|InstanceProfiles|AccountAliases)|GetAccountSummary|(Create|Delete)AccountAlias)$/.test(operation))
    return "*";
  if (/InstanceProfile$/.test(operation)) return named("instance-profile", input.InstanceProfileName);
  if (/^(AddUserTo|RemoveUserFrom)Group$/.test(operation)) return named("group", input.GroupName);
  if (operation === "CreatePolicy") return named("policy", input.PolicyName);
  if (typeof input.RoleName === "string") return named("role", input.RoleName);
  if (typeof input.GroupName === "string") return named("group", input.GroupName);
  if (typeof input.UserName === "string") return named("user", input.UserName);
  if (typeof input.PolicyArn === "string") return input.PolicyArn;
  return "*";
};

export const permissions: Permissions = {
  of: (operation, input, call) => [{ action: `iam:${operation}`, resource: resourceOf(operation, input, call) }],
};
