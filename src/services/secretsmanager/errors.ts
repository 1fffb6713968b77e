import * as sdk from "@aws-sdk/client-secrets-manager";
import { BadToken, page } from "../../lib/pages.ts";
import { ServiceError } from "../../protocols/operations.ts";

const $metadata = {};
export const notFound = (message = "Secrets Manager can't find the specified secret.") =>
  new sdk.ResourceNotFoundException({ message, $metadata });
export const exists = (message: string) => new sdk.ResourceExistsException({ message, $metadata });
export const invalid = (message: string) => new sdk.InvalidParameterException({ message, $metadata });
export const invalidRequest = (message: string) => new sdk.InvalidRequestException({ message, $metadata });
export const notImplemented = (what: string) => new ServiceError("NotImplementedException", `${what} is not implemented by Mayfly.`, 501);

export const paged = <T>(items: readonly T[], nameOf: (item: T) => string, limit: number, token: string | undefined) => {
  try {
    const { items: given, next } = page(items, nameOf, limit, token);
    return { items: given, NextToken: next };
  } catch (error) {
    if (error instanceof BadToken) throw new sdk.InvalidNextTokenException({ message: "Invalid NextToken.", $metadata });
    throw error;
  }
};
