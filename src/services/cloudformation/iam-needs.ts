/** Which capabilities a template wants: AWS asks for a nod before it makes what grants rights. */
const iam = "AccessKey Group InstanceProfile ManagedPolicy Policy Role RolePolicy UserPolicy GroupPolicy User UserToGroupAddition"
  .split(" ")
  .map((name) => `AWS::IAM::${name}`);
const names: Readonly<Record<string, string>> = {
  "AWS::IAM::Role": "RoleName",
  "AWS::IAM::User": "UserName",
  "AWS::IAM::Group": "GroupName",
  "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
  "AWS::IAM::InstanceProfile": "InstanceProfileName",
};

export interface Needs {
  readonly capabilities: readonly string[];
  readonly reason?: string;
}
export const neededCapabilities = (resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: object }>>): Needs => {
  const ids = Object.entries(resources).filter(([, { Type }]) => iam.includes(Type));
  if (ids.length === 0) return { capabilities: [] };
  const named = ids.filter(
    ([, { Type, Properties }]) => (Properties as Record<string, unknown> | undefined)?.[names[Type] ?? ""] !== undefined,
  );
  const types = [...new Set(ids.map(([, { Type }]) => Type))].join(", ");
  return {
    capabilities: [named.length > 0 ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM"],
    reason: `The following resource(s) require capabilities: [${types}]`,
  };
};
/** Those that are wanted and were not granted; the named one includes the other. */
export const missingCapabilities = (needed: readonly string[], granted: readonly string[]): string[] =>
  needed.filter((one) => !granted.includes(one) && !(one === "CAPABILITY_IAM" && granted.includes("CAPABILITY_NAMED_IAM")));
