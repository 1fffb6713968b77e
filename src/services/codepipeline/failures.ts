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
const throttled = /^(Throttling|ThrottlingException|TooManyRequestsException|SlowDown)$/;

/** The action cannot be done as it is written. */
export class ConfigurationError extends Error {}

/**
 * A refusal fails the action; a service in trouble is asked again later, by throwing on.
 * `patience`: how often an action is tried, if the service never answers.
 */
export const outcomeOfError = (context: Context, task: Pick<Task, "attempt" | "signal">, error: unknown, patience = 5): Outcome => {
  if (task.signal.aborted) throw error;
  if (error instanceof ConfigurationError) return failed("ConfigurationError", error.message);
  const { name = "Error", message = String(error), $metadata, $fault } = (error ?? {}) as Wire;
  const status = $metadata?.httpStatusCode;
  if (permission.test(name)) return failed("PermissionError", message);
  const refused = status === undefined ? $fault === "client" : status === 501 || (status >= 400 && status < 500 && status !== 429);
  if (refused && !throttled.test(name)) return failed("JobFailed", `${message} (${name})`);
  if (task.attempt < patience) throw error;
  context.log.error("an action fails because what it needs does not answer", error);
  return failed("SystemUnavailable", message);
};
