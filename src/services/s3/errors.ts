/** S3's errors, as S3 words them. */
import { ServiceError } from "../../protocols/operations.ts";

export const noSuchBucket = (bucket: string) =>
  new ServiceError("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName: bucket });
export const noSuchKey = (key: string, headers: Record<string, string> = {}) =>
  new ServiceError("NoSuchKey", "The specified key does not exist.", 404, { Key: key }, headers);
export const noSuchVersion = (key: string, versionId: string) =>
  new ServiceError("NoSuchVersion", "The specified version does not exist.", 404, { Key: key, VersionId: versionId });
export const noSuchUpload = (uploadId: string) =>
  new ServiceError(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    404,
    { UploadId: uploadId },
  );
export const invalidArgument = (name: string, value: string, message: string) =>
  new ServiceError("InvalidArgument", message, 400, { ArgumentName: name, ArgumentValue: value });
export const invalidRequest = (message: string) => new ServiceError("InvalidRequest", message, 400);
export const malformedXml = () =>
  new ServiceError("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", 400);
export const preconditionFailed = (condition: string) =>
  new ServiceError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412, { Condition: condition });
export const accessDenied = () => new ServiceError("AccessDenied", "Access Denied", 403);
export const notBuilt = (what: string) => new ServiceError("NotImplemented", `${what} is not implemented`, 501);
export const badDigest = (what: string) =>
  new ServiceError("BadDigest", `The ${what} you specified did not match the calculated checksum.`, 400);
