/** The rules of tags: on buckets up to 50, on objects up to 10. */
import { ServiceError } from "../../protocols/operations.ts";
import { invalidArgument } from "./errors.ts";
import type { Tags } from "./records.ts";

const invalidTag = (message: string) => new ServiceError("InvalidTag", message, 400);
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export const checkTags = (tags: Tags, most: number): Tags => {
  if (tags.length > most)
    throw most === 10
      ? new ServiceError("BadRequest", "Object tags cannot be greater than 10", 400)
      : new ServiceError("BadRequest", `Bucket tag count cannot be greater than ${most}`, 400);
  const seen = new Set<string>();
  for (const [key, value] of tags) {
    if (key === "" || key.length > 128 || !allowed.test(key)) throw invalidTag("The TagKey you have provided is invalid");
    if (value.length > 256 || !allowed.test(value)) throw invalidTag("The TagValue you have provided is invalid");
    if (key.startsWith("aws:")) throw invalidTag("System tags cannot be added/updated by requester");
    if (seen.has(key)) throw invalidTag("Cannot provide multiple Tags with the same key");
    seen.add(key);
  }
  return tags;
};

/** `x-amz-tagging: a=1&b=2`, as a query string. */
export const tagsIn = (header: string | undefined): Tags => {
  if (header === undefined || header === "") return [];
  const plain = (text: string) => {
    try {
      return decodeURIComponent(text.replaceAll("+", " "));
    } catch {
      throw invalidArgument(
        "x-amz-tagging",
        header,
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      );
    }
  };
  const tags = header.split("&").map((pair) => {
    const at = pair.indexOf("=");
    return at < 0 ? ([plain(pair), ""] as const) : ([plain(pair.slice(0, at)), plain(pair.slice(at + 1))] as const);
  });
  return checkTags(tags, 10);
};

export const tagsOf = (set: readonly { readonly Key?: string; readonly Value?: string }[] | undefined, most: number): Tags =>
  checkTags(
    (set ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""] as const),
    most,
  );
export const asTagSet = (tags: Tags) => tags.map(([Key, Value]) => ({ Key, Value }));
