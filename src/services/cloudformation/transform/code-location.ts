/** Where a function's or a layer's code is, as SAM writes it and as Lambda's resources do. */
import { isMap, type Value, type ValueMap } from "../template/value.ts";
import { InvalidResource } from "./errors.ts";

/** `s3://bucket/key?versionId=…`, or a map of Bucket, Key and Version. */
export const s3Location = (logicalId: string, property: string, location: Value): ValueMap => {
  const code = (bucket: Value, key: Value, version: Value | undefined): ValueMap => ({
    S3Bucket: bucket,
    S3Key: key,
    ...(version !== undefined && { S3ObjectVersion: version }),
  });
  if (isMap(location)) {
    if (!location.Bucket || !location.Key)
      throw new InvalidResource(logicalId, `'${property}' requires Bucket and Key properties to be specified.`);
    return code(location.Bucket, location.Key, location.Version);
  }
  if (typeof location !== "string") throw new InvalidResource(logicalId, `'${property}' must be of type dict or string.`);
  const match = /^s3:\/\/([^/?#]+)\/([^?#]+)(?:\?([^#]*))?(?:#.*)?$/.exec(location);
  if (!match)
    throw new InvalidResource(
      logicalId,
      `'${property}' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.`,
    );
  const version = new URLSearchParams(match[3] ?? "").getAll("versionId");
  return code(match[1] as string, (match[2] as string).replace(/^\/+/, ""), version.length === 1 ? version[0] : undefined);
};

/** The property Code of a function. */
export const functionCode = (logicalId: string, properties: ValueMap): ValueMap => {
  const { CodeUri, InlineCode, ImageUri, PackageType = "Zip", SourceKMSKeyArn } = properties;
  const fail = (why: string): never => {
    throw new InvalidResource(logicalId, why);
  };
  if (PackageType === "Image") {
    if (properties.Handler !== undefined || properties.Runtime !== undefined || properties.Layers !== undefined)
      fail("Runtime, Handler, Layers cannot be present when PackageType is of type `Image`");
    return ImageUri ? { ImageUri } : fail("'ImageUri' must be set.");
  }
  if (PackageType !== "Zip") fail(`invalid 'PackageType' : ${PackageType}`);
  if (InlineCode === undefined && CodeUri === undefined) fail("Only one of 'InlineCode' or 'CodeUri' can be set.");
  if (!properties.Runtime || !properties.Handler) fail("Runtime and Handler needs to be present when PackageType is of type `Zip`");
  if (properties.ImageConfig !== undefined) fail("ImageUri or ImageConfig cannot be present when PackageType is of type `Zip`");
  const code = InlineCode !== undefined ? { ZipFile: InlineCode } : s3Location(logicalId, "CodeUri", CodeUri as Value);
  return SourceKMSKeyArn === undefined ? code : { ...code, SourceKMSKeyArn };
};
