/** What an exception in an action means for the action. */
import type { Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import { failed, type Outcome } from "./actions/action.ts";

interface Wire {
  name?: string;
  message?: string;
  $fault?: string;
  $metadata?: { httpStatusCode?: number };
}
const permission = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|NotAuthorized|ExpiredToken|InvalidClientTokenId)$/;

/** How often an action is tried again when the service it needs does not answer. */
const patience = 5;

/** The action cannot be done as it is written. */
export class ConfigurationError extends Error {}

/** A refusal fails the action; a service in trouble is asked again later by throwing on. */
export const outcomeOfError = (context: Context, task: Pick<Task, "attempt" | "signal">, error: unknown): Outcome => {
  if (task.signal.aborted) throw error;
  if (error instanceof ConfigurationError) return failed("ConfigurationError", error.message);
  const { name = "Error", message = String(error), $metadata, $fault } = (error ?? {}) as Wire;
  const status = $metadata?.httpStatusCode;
  if (permission.test(name)) return failed("PermissionError", message);
  if ($fault === "client" || (status !== undefined && status >= 400 && status < 500 && status !== 429))
    return failed("JobFailed", `${message} (${name})`);
  if (task.attempt < patience) throw error;
  context.log.error("an action fails because what it needs does not answer", error);
  return failed("SystemUnavailable", message);
};
