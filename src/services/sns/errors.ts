import {
  InvalidParameterException,
  InvalidParameterValueException,
  NotFoundException,
  TagLimitExceededException,
} from "@aws-sdk/client-sns";
import { BadToken, page } from "../../lib/pages.ts";
import { ServiceError } from "../../protocols/operations.ts";

const $metadata = {};
export const notFound = (message: string) => new NotFoundException({ message, $metadata });
export const invalid = (message: string) => new InvalidParameterException({ message: `Invalid parameter: ${message}`, $metadata });
export const invalidValue = (message: string) => new InvalidParameterValueException({ message, $metadata });
export const tooManyTags = () =>
  new TagLimitExceededException({ message: "Could not complete request: tag quota of per resource exceeded", $metadata });
export const notImplemented = (what: string) => new ServiceError("NotImplementedException", `${what} is not implemented by Mayfly.`, 501);

export const paged = <T>(items: readonly T[], nameOf: (item: T) => string, token: string | undefined) => {
  try {
    const { items: given, next } = page(items, nameOf, 100, token);
    return { items: given, NextToken: next };
  } catch (error) {
    if (error instanceof BadToken) throw invalid("NextToken");
    throw error;
  }
};
