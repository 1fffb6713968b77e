import {
  InvalidEventPatternException,
  LimitExceededException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from "@aws-sdk/client-eventbridge";
import { BadToken, page } from "../../lib/pages.ts";
import { ServiceError } from "../../protocols/operations.ts";

const $metadata = {};
export const notFound = (message: string) => new ResourceNotFoundException({ message, $metadata });
export const alreadyExists = (message: string) => new ResourceAlreadyExistsException({ message, $metadata });
export const limitExceeded = (message: string) => new LimitExceededException({ message, $metadata });
export const badPattern = (reason: string) =>
  new InvalidEventPatternException({ message: `Event pattern is not valid. Reason: ${reason}`, $metadata });
export const invalid = (message: string) => new ServiceError("ValidationException", message);
export const notImplemented = (message: string) => new ServiceError("NotImplementedException", message, 501);

/** A page in EventBridge's words. */
export const paged = <T>(items: readonly T[], nameOf: (item: T) => string, input: { NextToken?: string; Limit?: number }) => {
  try {
    const { items: given, next } = page(items, nameOf, input.Limit ?? 100, input.NextToken);
    return { items: given, NextToken: next };
  } catch (error) {
    if (error instanceof BadToken) throw invalid("Parameter NextToken is not valid.");
    throw error;
  }
};
