import { ServiceError } from "../../protocols/operations.ts";
import { invalid } from "./find.ts";

const pattern = /^[a-zA-Z][-a-zA-Z0-9]*$/;
export const checkStackName = (name: string | undefined): string => {
  if (name !== undefined && pattern.test(name) && name.length <= 128) return name;
  const rule =
    name !== undefined && pattern.test(name)
      ? "Member must have length less than or equal to 128"
      : "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*";
  throw invalid(`1 validation error detected: Value '${name ?? ""}' at 'stackName' failed to satisfy constraint: ${rule}`);
};

/** Parameters of requests that AWS has and Mayfly does not carry out are refused by name, never passed over. */
export const refuse = (input: Readonly<Record<string, unknown>>, names: readonly string[]): void => {
  for (const name of names) {
    const value = input[name];
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0) || isEmpty(value)) continue;
    throw new ServiceError("ValidationError", `The parameter ${name} is not implemented by Mayfly`);
  }
};
const isEmpty = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((item) => item === undefined || (Array.isArray(item) && item.length === 0) || item === 0);
