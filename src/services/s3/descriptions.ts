/** What a writer says of an object beside its bytes; what we cannot do is refused here by name. */
import { ServiceError } from "../../protocols/operations.ts";
import { invalidArgument, notBuilt } from "./errors.ts";
import type { Bucket, Description, Headers, StoredObject } from "./records.ts";
import { tagsIn } from "./tags.ts";

/** Every class whose objects can be read at once; they cost nothing and differ in nothing here. */
const storageClasses = ["STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"];
const otherClasses = ["GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "SNOW", "EXPRESS_ONEZONE"];

interface Wishes {
  readonly ACL?: string;
  readonly GrantFullControl?: string;
  readonly GrantRead?: string;
  readonly GrantReadACP?: string;
  readonly GrantWriteACP?: string;
  readonly ServerSideEncryption?: string;
  readonly SSECustomerAlgorithm?: string;
  readonly SSEKMSKeyId?: string;
  readonly ObjectLockMode?: string;
  readonly ObjectLockRetainUntilDate?: Date;
  readonly ObjectLockLegalHoldStatus?: string;
  readonly StorageClass?: string;
}
export const checkWishes = (wishes: Wishes, bucket: Bucket): void => {
  checkAcl(wishes, bucket);
  const encryption = wishes.ServerSideEncryption;
  if (wishes.SSECustomerAlgorithm !== undefined) throw notBuilt("Server-side encryption with customer-provided keys");
  if (wishes.SSEKMSKeyId !== undefined || encryption?.startsWith("aws:")) throw notBuilt("Server-side encryption with AWS KMS keys");
  if (encryption !== undefined && encryption !== "AES256")
    throw invalidArgument("x-amz-server-side-encryption", encryption, "The encryption method specified is not supported");
  if (
    wishes.ObjectLockMode !== undefined ||
    wishes.ObjectLockRetainUntilDate !== undefined ||
    wishes.ObjectLockLegalHoldStatus !== undefined
  )
    throw notBuilt("S3 Object Lock");
  const wanted = wishes.StorageClass;
  if (wanted === undefined || storageClasses.includes(wanted)) return;
  if (otherClasses.includes(wanted)) throw notBuilt(`The storage class ${wanted}`);
  throw new ServiceError("InvalidStorageClass", "The storage class you specified is not valid", 400, { StorageClassRequested: wanted });
};

/** Buckets without ACLs (the default) take only those that change nothing; other ACLs would have to be enforced, so they are refused. */
export const checkAcl = (
  wishes: Omit<Wishes, "ACL"> & { readonly ACL?: string; readonly GrantWrite?: string },
  bucket: Pick<Bucket, "ownership">,
): void => {
  const grants = [wishes.GrantFullControl, wishes.GrantRead, wishes.GrantReadACP, wishes.GrantWrite, wishes.GrantWriteACP].some(
    (grant) => grant !== undefined,
  );
  const plain =
    wishes.ACL === undefined ||
    wishes.ACL === "private" ||
    wishes.ACL === "bucket-owner-full-control" ||
    wishes.ACL === "bucket-owner-read";
  if (plain && !grants) return;
  if (bucket.ownership === "BucketOwnerEnforced")
    throw new ServiceError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400);
  throw notBuilt(grants ? "Granting access by ACL headers" : `The canned ACL ${wishes.ACL}`);
};

interface Described {
  readonly ContentType?: string;
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly Expires?: Date;
  readonly WebsiteRedirectLocation?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
  readonly Tagging?: string;
  readonly StorageClass?: string;
}
const given = <T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== "")) as never;

export const headersIn = (input: Described): Headers =>
  given({
    contentType: input.ContentType,
    cacheControl: input.CacheControl,
    contentDisposition: input.ContentDisposition,
    contentEncoding: contentEncoding(input.ContentEncoding),
    contentLanguage: input.ContentLanguage,
    expires: input.Expires?.toUTCString(),
    websiteRedirectLocation: input.WebsiteRedirectLocation,
  });
/** `aws-chunked` is how the body travelled, not what it is. */
const contentEncoding = (header: string | undefined) =>
  header
    ?.split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "aws-chunked" && one !== "")
    .join(",");

export const metadataIn = (metadata: Readonly<Record<string, string>> | undefined): Record<string, string> => {
  const lower = Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const size = Object.entries(lower).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (size > 2048)
    throw new ServiceError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400, {
      Size: String(size),
      MaxSizeAllowed: "2048",
    });
  return lower;
};

export const descriptionIn = (input: Described): Description => ({
  headers: headersIn(input),
  metadata: metadataIn(input.Metadata),
  tags: tagsIn(input.Tagging),
  storageClass: input.StorageClass ?? "STANDARD",
});

/** Metadata travels in headers: what is not printable ASCII goes as RFC 2047 words, as S3 does it. */
export const metadataOut = (metadata: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [
      name,
      /^[\x20-\x7e]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString("base64")}?=`,
    ]),
  );

/** The members that GetObject and HeadObject share. */
export const headersOut = ({ headers, metadata, storageClass, tags }: StoredObject) => ({
  AcceptRanges: "bytes",
  ContentType: headers.contentType ?? "binary/octet-stream",
  CacheControl: headers.cacheControl,
  ContentDisposition: headers.contentDisposition,
  ContentEncoding: headers.contentEncoding,
  ContentLanguage: headers.contentLanguage,
  Expires: headers.expires === undefined ? undefined : new Date(headers.expires),
  WebsiteRedirectLocation: headers.websiteRedirectLocation,
  Metadata: metadataOut(metadata),
  // Absent for STANDARD, as S3 does it.
  StorageClass: storageClass === "STANDARD" ? undefined : (storageClass as "STANDARD_IA"),
  TagCount: tags.length > 0 ? tags.length : undefined,
  ServerSideEncryption: "AES256" as const,
});
