/** The form of a bucket policy. */
import { ServiceError } from "../../protocols/operations.ts";

const malformed = (message: string) => new ServiceError("MalformedPolicy", message, 400);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

export const checkPolicy = (text: string, bucket: string): void => {
  if (Buffer.byteLength(text) > 20 * 1024)
    throw new ServiceError("PolicyTooLarge", "Policy exceeds the maximum allowed document size.", 400);
  let document: Record<string, unknown>;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  const { Version, Statement } = document;
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17")
    throw malformed("The policy must contain a valid version string");
  const statements = listOf(Statement) as Record<string, unknown>[];
  if (statements.length === 0) throw malformed("Missing required field Statement");
  for (const statement of statements) {
    if (typeof statement !== "object" || statement === null) throw malformed("Syntax errors in policy");
    if (statement.Effect !== "Allow" && statement.Effect !== "Deny")
      throw malformed("Invalid effect: a statement's Effect must be Allow or Deny");
    if (statement.Principal === undefined && statement.NotPrincipal === undefined) throw malformed("Missing required field Principal");
    if (statement.Action === undefined && statement.NotAction === undefined) throw malformed("Missing required field Action");
    const resources = listOf(statement.Resource ?? statement.NotResource);
    if (resources.length === 0) throw malformed("Missing required field Resource");
    for (const resource of resources)
      if (
        resource !== "*" &&
        resource !== `arn:aws:s3:::${bucket}` &&
        !(typeof resource === "string" && resource.startsWith(`arn:aws:s3:::${bucket}/`))
      )
        throw malformed("Policy has invalid resource");
    for (const action of listOf(statement.Action ?? statement.NotAction))
      if (typeof action !== "string" || !/^(\*|s3:)/i.test(action)) throw malformed("Policy has invalid action");
  }
};
