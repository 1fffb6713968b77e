/** Action and resource of each operation, as the service authorization reference of Amazon S3 has them. */
import type { Permission, Permissions } from "../service.ts";
import { copySourceOf } from "./copy-source.ts";

interface Input {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly VersionId?: string;
  readonly CopySource?: string;
  readonly Tagging?: unknown;
  readonly Prefix?: string;
  readonly Delete?: { readonly Objects?: readonly { readonly Key?: string; readonly VersionId?: string }[] };
}

/** On the bucket. */
const bucketActions: Readonly<Record<string, readonly string[]>> = {
  CreateBucket: ["CreateBucket"],
  DeleteBucket: ["DeleteBucket"],
  HeadBucket: ["ListBucket"],
  ListObjects: ["ListBucket"],
  ListObjectsV2: ["ListBucket"],
  ListObjectVersions: ["ListBucketVersions"],
  ListMultipartUploads: ["ListBucketMultipartUploads"],
  GetBucketLocation: ["GetBucketLocation"],
  GetBucketVersioning: ["GetBucketVersioning"],
  PutBucketVersioning: ["PutBucketVersioning"],
  GetBucketTagging: ["GetBucketTagging"],
  PutBucketTagging: ["PutBucketTagging"],
  DeleteBucketTagging: ["PutBucketTagging"],
  GetBucketPolicy: ["GetBucketPolicy"],
  PutBucketPolicy: ["PutBucketPolicy"],
  DeleteBucketPolicy: ["DeleteBucketPolicy"],
  GetBucketPolicyStatus: ["GetBucketPolicyStatus"],
  GetBucketEncryption: ["GetEncryptionConfiguration"],
  PutBucketEncryption: ["PutEncryptionConfiguration"],
  DeleteBucketEncryption: ["PutEncryptionConfiguration"],
  GetPublicAccessBlock: ["GetBucketPublicAccessBlock"],
  PutPublicAccessBlock: ["PutBucketPublicAccessBlock"],
  DeletePublicAccessBlock: ["PutBucketPublicAccessBlock"],
  GetBucketOwnershipControls: ["GetBucketOwnershipControls"],
  PutBucketOwnershipControls: ["PutBucketOwnershipControls"],
  DeleteBucketOwnershipControls: ["PutBucketOwnershipControls"],
  GetBucketAcl: ["GetBucketAcl"],
  PutBucketAcl: ["PutBucketAcl"],
  GetBucketLifecycleConfiguration: ["GetLifecycleConfiguration"],
  PutBucketLifecycleConfiguration: ["PutLifecycleConfiguration"],
  DeleteBucketLifecycle: ["PutLifecycleConfiguration"],
  GetBucketNotificationConfiguration: ["GetBucketNotification"],
  PutBucketNotificationConfiguration: ["PutBucketNotification"],
  GetBucketLogging: ["GetBucketLogging"],
  PutBucketLogging: ["PutBucketLogging"],
  GetBucketAccelerateConfiguration: ["GetAccelerateConfiguration"],
  GetBucketRequestPayment: ["GetBucketRequestPayment"],
  GetBucketCors: ["GetBucketCORS"],
  DeleteBucketCors: ["PutBucketCORS"],
  GetBucketWebsite: ["GetBucketWebsite"],
  DeleteBucketWebsite: ["DeleteBucketWebsite"],
  GetBucketReplication: ["GetReplicationConfiguration"],
  DeleteBucketReplication: ["PutReplicationConfiguration"],
  GetObjectLockConfiguration: ["GetBucketObjectLockConfiguration"],
};
/** On the object; those that read or delete one version have an action of their own for it. */
const objectActions: Readonly<Record<string, readonly string[]>> = {
  GetObject: ["GetObject"],
  HeadObject: ["GetObject"],
  GetObjectAttributes: ["GetObject", "GetObjectAttributes"],
  DeleteObject: ["DeleteObject"],
  PutObject: ["PutObject"],
  CreateMultipartUpload: ["PutObject"],
  UploadPart: ["PutObject"],
  CompleteMultipartUpload: ["PutObject"],
  AbortMultipartUpload: ["AbortMultipartUpload"],
  ListParts: ["ListMultipartUploadParts"],
  GetObjectTagging: ["GetObjectTagging"],
  PutObjectTagging: ["PutObjectTagging"],
  DeleteObjectTagging: ["DeleteObjectTagging"],
  GetObjectAcl: ["GetObjectAcl"],
  PutObjectAcl: ["PutObjectAcl"],
};
const ofVersion = (action: string): string =>
  ({
    GetObject: "GetObjectVersion",
    DeleteObject: "DeleteObjectVersion",
    GetObjectAttributes: "GetObjectVersionAttributes",
    GetObjectTagging: "GetObjectVersionTagging",
    PutObjectTagging: "PutObjectVersionTagging",
    DeleteObjectTagging: "DeleteObjectVersionTagging",
    GetObjectAcl: "GetObjectVersionAcl",
    PutObjectAcl: "PutObjectVersionAcl",
  })[action] ?? action;

const on = (resource: string, ...actions: string[]): Permission[] => actions.map((action) => ({ action: `s3:${action}`, resource }));
const arn = (bucket: string | undefined, key?: string) => `arn:aws:s3:::${bucket}${key === undefined ? "" : `/${key}`}`;

export const permissions: Permissions = {
  of(operation, input: Input) {
    if (operation === "ListBuckets") return on("*", "ListAllMyBuckets");
    const here = arn(input.Bucket, input.Key);
    if (operation === "CopyObject" || operation === "UploadPartCopy") {
      const { bucket, key, versionId } = copySourceOf(input.CopySource);
      const source = arn(bucket, key);
      const tags =
        operation === "CopyObject" ? [...on(source, versionId === undefined ? "GetObjectTagging" : "GetObjectVersionTagging")] : [];
      return [...on(source, versionId === undefined ? "GetObject" : "GetObjectVersion"), ...tags, ...on(here, "PutObject")];
    }
    if (operation === "DeleteObjects")
      return (input.Delete?.Objects ?? []).flatMap(({ Key, VersionId }) =>
        on(arn(input.Bucket, Key), VersionId === undefined ? "DeleteObject" : "DeleteObjectVersion"),
      );
    const object = objectActions[operation];
    if (object) {
      const actions = input.VersionId === undefined ? object : object.map(ofVersion);
      const tagging = (operation === "PutObject" || operation === "CreateMultipartUpload") && input.Tagging ? ["PutObjectTagging"] : [];
      return on(here, ...actions, ...tagging);
    }
    return on(arn(input.Bucket), ...(bucketActions[operation] ?? [operation]));
  },
};
