/** CloudFormation writes `BuildSpec` where an API writes `buildspec` and `ProjectName` where it writes `projectName`. */
// biome-ignore lint/suspicious/noExplicitAny: any JSON
type Json = any;

/** The same with each key's first letter small; what is under a key of `asIs` (a map whose keys are the user's) stays as it is. */
export const lowerKeys = (value: Json, asIs: readonly string[] = [], renamed: Readonly<Record<string, string>> = {}): Json => {
  if (Array.isArray(value)) return value.map((item) => lowerKeys(item, asIs, renamed));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [renamed[key] ?? key.charAt(0).toLowerCase() + key.slice(1), asIs.includes(key) ? item : lowerKeys(item, asIs, renamed)]),
  );
};
