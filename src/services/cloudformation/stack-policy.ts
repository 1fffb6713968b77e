/** Stack policies: which updates of which resources are allowed. Pure. */
import { same } from "./template/value.ts";

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}
export type PolicyAction = "Update:Modify" | "Update:Replace" | "Update:Delete";

const listOf = (value: unknown): string[] => (value === undefined ? [] : [value].flat().map(String));
const like = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "i",
  ).test(text);

/** Complains of a policy that could not be judged; undefined when it is good. */
export const policyComplaint = (body: string): string | undefined => {
  let policy: { Statement?: unknown };
  try {
    policy = JSON.parse(body) as { Statement?: unknown };
  } catch {
    return "Error validating stack policy: Invalid stack policy";
  }
  const statements = Array.isArray(policy?.Statement) ? (policy.Statement as Statement[]) : [];
  if (statements.length === 0) return "Error validating stack policy: Invalid stack policy: Statement is required";
  for (const statement of statements) {
    if (statement.Effect !== "Allow" && statement.Effect !== "Deny") return "Error validating stack policy: Invalid Effect";
    if ((statement.Action === undefined) === (statement.NotAction === undefined))
      return "Error validating stack policy: one of Action and NotAction is required";
    const actions = [...listOf(statement.Action), ...listOf(statement.NotAction)];
    const bad = actions.find((action) => !/^Update:(\*|Modify|Replace|Delete)$/i.test(action));
    if (bad) return `Error validating stack policy: Unknown action ${bad}`;
    if (!same(statement.Principal, "*") && !same(statement.Principal, { AWS: "*" }))
      return "Error validating stack policy: Invalid Principal: only * is supported";
    if ((statement.Resource === undefined) === (statement.NotResource === undefined))
      return "Error validating stack policy: one of Resource and NotResource is required";
    for (const operator of Object.keys(statement.Condition ?? {})) {
      if (operator !== "StringEquals" && operator !== "StringLike")
        return `Error validating stack policy: Unsupported condition operator ${operator}`;
      for (const key of Object.keys(statement.Condition?.[operator] ?? {}))
        if (key !== "ResourceType") return `Error validating stack policy: Unsupported condition key ${key}`;
    }
  }
  return undefined;
};

/** Why the policy refuses, in CloudFormation's words; undefined when it allows. */
export const denied = (body: string, action: PolicyAction, logicalId: string, type: string): string | undefined => {
  const { Statement: statements } = JSON.parse(body) as { Statement: Statement[] };
  const resource = `LogicalResourceId/${logicalId}`;
  const hits = (statement: Statement): boolean => {
    const some = (patterns: unknown, text: string) => listOf(patterns).some((pattern) => like(pattern, text));
    if (statement.Action !== undefined ? !some(statement.Action, action) : some(statement.NotAction, action)) return false;
    if (statement.Resource !== undefined ? !some(statement.Resource, resource) : some(statement.NotResource, resource)) return false;
    return Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.values(keys).every((values) =>
        listOf(values).some((value) => (operator === "StringEquals" ? value === type : like(value, type))),
      ),
    );
  };
  const deny = statements.findIndex((statement) => statement.Effect === "Deny" && hits(statement));
  if (deny >= 0) return `Action denied by stack policy: Statement [#${deny + 1}] does not allow [${action}] for resource [${resource}]`;
  if (statements.some((statement) => statement.Effect === "Allow" && hits(statement))) return undefined;
  return `Action denied by stack policy: no statement allows [${action}] for resource [${resource}]`;
};
