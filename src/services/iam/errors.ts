import {
  DeleteConflictException,
  EntityAlreadyExistsException,
  InvalidInputException,
  LimitExceededException,
  MalformedPolicyDocumentException,
  NoSuchEntityException,
} from "@aws-sdk/client-iam";
import { BadToken, type Page, page } from "../../lib/pages.ts";
import { ServiceError } from "../../protocols/operations.ts";

const $metadata = {};
export const noSuchEntity = (message: string) => new NoSuchEntityException({ message, $metadata });
export const alreadyExists = (message: string) => new EntityAlreadyExistsException({ message, $metadata });
export const deleteConflict = (message: string) => new DeleteConflictException({ message, $metadata });
export const limitExceeded = (message: string) => new LimitExceededException({ message, $metadata });
export const malformed = (message: string) => new MalformedPolicyDocumentException({ message, $metadata });
export const invalidInput = (message: string) => new InvalidInputException({ message, $metadata });
export const invalid = (message: string) => new ServiceError("ValidationError", message);

/** A page in IAM's words. */
export const marked = <T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  input: { Marker?: string; MaxItems?: number },
): { items: T[]; IsTruncated: boolean; Marker?: string } => {
  let found: Page<T>;
  try {
    found = page(items, nameOf, input.MaxItems ?? 100, input.Marker);
  } catch (error) {
    if (error instanceof BadToken) throw invalid("Invalid Marker.");
    throw error;
  }
  return { items: found.items, IsTruncated: found.next !== undefined, Marker: found.next };
};
