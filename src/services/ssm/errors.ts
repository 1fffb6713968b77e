import * as sdk from "@aws-sdk/client-ssm";
import { BadToken, page } from "../../lib/pages.ts";
import { ServiceError } from "../../protocols/operations.ts";

const $metadata = {};
export const invalid = (message: string) => new ServiceError("ValidationException", message);
export const notImplemented = (what: string) => new ServiceError("NotImplementedException", `${what} is not implemented by Mayfly.`, 501);
export const parameterNotFound = (name = "") =>
  new sdk.ParameterNotFound({ message: name === "" ? "" : `Parameter ${name} not found.`, $metadata });
export const versionNotFound = (name: string, selector: string) =>
  new sdk.ParameterVersionNotFound({
    message: `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
    $metadata,
  });

export const paged = <T>(items: readonly T[], nameOf: (item: T) => string, limit: number, token: string | undefined) => {
  try {
    const { items: given, next } = page(items, nameOf, limit, token);
    return { items: given, NextToken: next };
  } catch (error) {
    if (error instanceof BadToken) throw new sdk.InvalidNextToken({ message: "The specified token is not valid.", $metadata });
    throw error;
  }
};
