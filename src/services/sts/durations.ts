import { ServiceError } from "../../protocols/operations.ts";

const invalid = (message: string) => new ServiceError("ValidationError", message);

/** How long a role's session lasts: at most what the role allows, and one hour when a session opens a session. */
export const roleSessionSeconds = (asked: number | undefined, roleMaximum: number, chained: boolean): number => {
  if (asked === undefined) return 3600;
  if (asked < 900)
    throw invalid(
      `1 validation error detected: Value '${asked}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900`,
    );
  if (chained && asked > 3600)
    throw invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");
  if (asked > roleMaximum) throw invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  return asked;
};

/** How long a GetSessionToken session lasts: half a day, or an hour for the root. */
export const tokenSeconds = (asked: number | undefined, root: boolean): number => Math.min(asked ?? 43200, root ? 3600 : 129600);

export const partsOfRole = (arn: string): { account: string; name: string } | undefined => {
  const found = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:[!-~]+\/)?([\w+=,.@-]+)$/.exec(arn);
  return found ? { account: found[1], name: found[2] } : undefined;
};
