/** Lambda's exceptions, as short words. */
import * as sdk from "@aws-sdk/client-lambda";
import { ServiceError } from "../../protocols/operations.ts";

const $metadata = {};
const Type = "User";

export const invalid = (message: string) => new sdk.InvalidParameterValueException({ message, Type, $metadata });
export const notFound = (message: string) => new sdk.ResourceNotFoundException({ message, Message: message, Type, $metadata });
export const functionNotFound = (arn: string) => notFound(`Function not found: ${arn}`);
export const conflict = (message: string) => new sdk.ResourceConflictException({ message, Type, $metadata });
export const outdated = (what: "GetFunction/GetAlias" | "GetPolicy") =>
  new sdk.PreconditionFailedException({
    message: `The RevisionId provided does not match the latest RevisionId. Call the ${what} API to retrieve the latest RevisionId for your resource.`,
    Type,
    $metadata,
  });
export const badContent = (message: string) => new sdk.InvalidRequestContentException({ message, Type, $metadata });
export const tooLarge = (size: number, limit: number) =>
  new sdk.RequestTooLargeException({
    message: `${size} byte payload is too large for the RequestResponse invocation type (limit ${limit} bytes)`,
    Type,
    $metadata,
  });
export const throttled = (Reason: "ReservedFunctionConcurrentInvocationLimitExceeded" | "ConcurrentInvocationLimitExceeded") =>
  new sdk.TooManyRequestsException({ message: "Rate Exceeded.", Reason, Type, $metadata });
export const validation = (message: string) => new ServiceError("ValidationException", message);
/** What AWS has and we have not (yet). */
export const notBuilt = (what: string) => new ServiceError("NotImplementedException", `${what} is not implemented.`, 501);
