import { ServiceError } from "../protocols/operations.ts";
import type { Call, Service } from "../services/service.ts";
import { type Family, signInError } from "./sign-in-failures.ts";

/** May this principal do this? Every signed-in principal of the account may; who did not sign in may do what is open to all. */
export function authorize(service: Service, operation: string, input: unknown, call: Call, family: Family): void {
  if (call.principal.kind === "anonymous") {
    if (service.permissions.anonymous?.has(operation)) return;
    if (family === "s3") throw new ServiceError("AccessDenied", "Access Denied", 403);
    throw signInError(family, "missing");
  }
  service.permissions.of(operation, input, call);
}
