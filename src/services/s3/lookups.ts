/** Finding the bucket and the object a request names, with S3's answers when they are not there. */
import { ServiceError } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import type { Call } from "../service.ts";
import { accessDenied, noSuchBucket, noSuchKey, noSuchVersion } from "./errors.ts";
import { current, newest, versionOf } from "./history.ts";
import { checkBucketName } from "./names.ts";
import { type Bucket, buckets, type StoredObject } from "./records.ts";

/**
 * Any region's endpoint serves a bucket, unlike on AWS, which redirects to its own:
 * here all regions are one server, and a redirect would lead nowhere else.
 */
export const bucketOf = async (
  tx: Reading,
  name: string | undefined,
  call: Pick<Call, "account">,
  expectedOwner?: string,
): Promise<Bucket> => {
  const bucket = await tx.get(buckets, [name ?? ""]);
  if (!bucket) {
    checkBucketName(name ?? "");
    throw noSuchBucket(name ?? "");
  }
  if (bucket.account !== call.account) throw accessDenied();
  if (expectedOwner !== undefined && expectedOwner !== bucket.account) throw accessDenied();
  return bucket;
};

/** The object, or why a reader does not get one. */
export const objectOf = async (
  tx: Reading,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  method = "GET",
): Promise<StoredObject> => {
  if (versionId === undefined) {
    const object = await current(tx, bucket, key);
    if (object) return object;
    const marker = bucket.versioning && (await newest(tx, bucket, key));
    throw noSuchKey(key, marker ? { "x-amz-delete-marker": "true", "x-amz-version-id": marker.versionId } : {});
  }
  const version = await versionOf(tx, bucket, key, versionId);
  if (!version) throw noSuchVersion(key, versionId);
  if (version.deleteMarker)
    throw new ServiceError(
      "MethodNotAllowed",
      "The specified method is not allowed against this resource.",
      405,
      { Method: method, ResourceType: "DeleteMarker" },
      {
        "x-amz-delete-marker": "true",
        "x-amz-version-id": version.versionId,
        "last-modified": new Date(version.modified).toUTCString(),
        allow: "DELETE",
      },
    );
  return version;
};

/** Version ids are shown where a bucket is, or once was, versioned. */
export const shownVersion = (bucket: Bucket, version: { readonly versionId: string }): string | undefined =>
  bucket.versioning && version.versionId;
