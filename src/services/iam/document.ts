/** The rules of a policy document's shape; what it allows is `evaluate`'s business. */

/** The first thing wrong with the document, in AWS's words; undefined when it is well-formed. */
export const faultOf = (text: string, kind: "identity" | "trust"): string | undefined => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return kind === "trust" ? "This policy contains invalid Json" : "Syntax errors in policy.";
  }
  if (!isObject(document)) return "Syntax errors in policy.";
  const unknown = Object.keys(document).find((key) => !["Version", "Id", "Statement"].includes(key));
  if (unknown !== undefined) return `Syntax errors in policy. (unknown element ${unknown})`;
  if (document.Version !== undefined && document.Version !== "2012-10-17" && document.Version !== "2008-10-17")
    return "The policy failed legacy parsing";
  if (document.Statement === undefined) return "Syntax errors in policy. (no Statement)";
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  if (statements.length === 0) return "Syntax errors in policy. (Statement is empty)";
  for (const statement of statements) {
    const fault = isObject(statement) ? statementFault(statement, kind) : "Syntax errors in policy. (a statement is no object)";
    if (fault !== undefined) return fault;
  }
  const sids = statements.map((statement: Json) => statement.Sid).filter((sid) => sid !== undefined && sid !== "");
  if (new Set(sids).size < sids.length) return "Statement IDs (SID) in a single policy must be unique.";
  return undefined;
};

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): boolean =>
  typeof value === "string" || (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string"));
const texts = (value: unknown): string[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]) as string[];

const elements = ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
const principalKinds = ["AWS", "Service", "Federated", "CanonicalUser"];
const operator =
  /^(ForAllValues:|ForAnyValue:)?(Null|Bool|BinaryEquals|(String(Not)?Equals(IgnoreCase)?|String(Not)?Like|Numeric(Not)?Equals|(Numeric|Date)(Less|Greater)Than(Equals)?|Date(Not)?Equals|(Not)?IpAddress|Arn(Not)?(Equals|Like)))(IfExists)?$/;

const statementFault = (statement: Json, kind: "identity" | "trust"): string | undefined => {
  const unknown = Object.keys(statement).find((key) => !elements.includes(key));
  if (unknown !== undefined) return `Syntax errors in policy. (unknown element ${unknown})`;
  if (statement.Effect !== "Allow" && statement.Effect !== "Deny") return "Syntax errors in policy. (Effect must be Allow or Deny)";
  if (statement.Sid !== undefined && typeof statement.Sid !== "string") return "Syntax errors in policy. (Sid must be a string)";
  if (typeof statement.Sid === "string" && kind === "identity" && !/^[0-9A-Za-z]*$/.test(statement.Sid))
    return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
  for (const [positive, negative] of [
    ["Action", "NotAction"],
    ["Resource", "NotResource"],
    ["Principal", "NotPrincipal"],
  ] as const)
    if (statement[positive] !== undefined && statement[negative] !== undefined)
      return `Syntax errors in policy. (${positive} and ${negative} exclude each other)`;
  return (
    actionFault(statement, kind) ??
    (kind === "trust" ? trustFault(statement) : resourceFault(statement)) ??
    conditionFault(statement.Condition)
  );
};

const actionFault = (statement: Json, kind: "identity" | "trust"): string | undefined => {
  const actions = statement.Action ?? statement.NotAction;
  if (actions === undefined) return "Policy statement must contain actions.";
  if (!isTexts(actions)) return "Syntax errors in policy. (Action must be a string or a list of strings)";
  if (texts(actions).some((action) => action !== "*" && !/^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$/.test(action)))
    return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  if (kind === "trust" && texts(actions).some((action) => !/^(sts:|\*$)/i.test(action)))
    return "AssumeRole policy may only specify STS AssumeRole actions.";
  return undefined;
};

const resourceFault = (statement: Json): string | undefined => {
  if (statement.Principal !== undefined || statement.NotPrincipal !== undefined) return "Policy document should not specify a principal.";
  const resources = statement.Resource ?? statement.NotResource;
  if (resources === undefined) return "Policy statement must contain resources.";
  if (Array.isArray(resources) && resources.length === 0) return "Policy statement must contain resources.";
  if (!isTexts(resources)) return "Syntax errors in policy. (Resource must be a string or a list of strings)";
  const bad = texts(resources).find(
    (resource) => resource !== "*" && !/^(arn:[^:]*:[^:]*:[^:]*:[^:]*:.+|arn:.*\*.*|\*.*)$/s.test(resource),
  );
  return bad === undefined ? undefined : `Resource ${bad} must be in ARN format or "*".`;
};

const trustFault = (statement: Json): string | undefined => {
  if (statement.Resource !== undefined || statement.NotResource !== undefined) return "Has prohibited field Resource";
  const principal = statement.Principal ?? statement.NotPrincipal;
  if (principal === undefined) return "Missing required field Principal";
  if (principal === "*") return undefined;
  if (!isObject(principal) || Object.keys(principal).length === 0) return "Syntax errors in policy. (Principal)";
  for (const [kind, value] of Object.entries(principal)) {
    if (!principalKinds.includes(kind) || !isTexts(value)) return `Invalid principal in policy: "${kind}"`;
    const bad = texts(value).find((name) => !namesPrincipal(kind, name));
    if (bad !== undefined) return `Invalid principal in policy: "${kind.toUpperCase()}":"${bad}"`;
  }
  return undefined;
};
const namesPrincipal = (kind: string, name: string): boolean => {
  if (kind === "AWS")
    return name === "*" || /^\d{12}$/.test(name) || /^arn:[a-z-]+:(iam|sts)::\d{12}:.+$/.test(name) || /^A[A-Z0-9]{15,}$/.test(name);
  if (kind === "Service") return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(name);
  return name !== "";
};

const conditionFault = (condition: unknown): string | undefined => {
  if (condition === undefined) return undefined;
  if (!isObject(condition)) return "Syntax errors in policy. (Condition must be an object)";
  for (const [name, tests] of Object.entries(condition)) {
    if (!operator.test(name)) return `Invalid Condition type : ${name}.`;
    if (!isObject(tests)) return "Syntax errors in policy. (Condition)";
    for (const [key, value] of Object.entries(tests)) {
      const values = Array.isArray(value) ? value : [value];
      if (!key.includes(":")) return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
      if (!values.every((one) => ["string", "number", "boolean"].includes(typeof one)))
        return `Syntax errors in policy. (Condition ${name} ${key})`;
    }
  }
  return undefined;
};

/** How IAM answers with a document: percent-encoded by RFC 3986. */
export const encoded = (document: string): string =>
  encodeURIComponent(document).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/** The size IAM counts: without white space. */
export const weightOf = (document: string): number => document.replace(/\s/g, "").length;
