/** What is stored of buckets and objects. Bytes are blobs. */
import { collection } from "../../store/store.ts";
import type { Algorithm } from "./checksums.ts";

/** By [name]: bucket names are one set for all accounts and regions. */
export interface Bucket {
  readonly name: string;
  /** A bucket made again under the same name has another: nothing of the old one shows up in it. */
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly created: string;
  readonly versioning?: "Enabled" | "Suspended";
  /** Object events go to EventBridge. */
  readonly eventBridge?: boolean;
  readonly ownership?: "BucketOwnerEnforced" | "BucketOwnerPreferred" | "ObjectWriter";
}
export const buckets = collection<Bucket>("s3.bucket");
/** By [account, name]. */
export const ownedBuckets = collection<{ region: string; created: string }>("s3.owned-bucket");

/** By [bucket id, kind]. */
export type SettingKind = "tags" | "policy" | "encryption" | "publicAccessBlock" | "lifecycle";
export const settings = collection<unknown>("s3.setting");

export interface Headers {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  /** As HTTP writes it. */
  readonly expires?: string;
  readonly websiteRedirectLocation?: string;
}
export interface Checksum {
  readonly algorithm: Algorithm;
  readonly type: "FULL_OBJECT" | "COMPOSITE";
  /** As S3 shows it: base64, with `-parts` when composite. */
  readonly value: string;
}
export type Tags = readonly (readonly [key: string, value: string])[];

/** What a writer says of an object, before it has its place among the versions. */
export interface Description {
  readonly headers: Headers;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Tags;
  readonly storageClass: string;
}
export interface Content {
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksum?: Checksum;
  /** The bytes; absent when they are in `segments`. */
  readonly blob?: string;
  /** How many parts it was uploaded in. */
  readonly parts?: number;
}
export interface StoredObject extends Description, Content {
  /** Unique for ever: names this object among those that share its blob, and its segments. */
  readonly uid: string;
  readonly key: string;
  /** Grows with each version of the key. */
  readonly sequence: number;
  /** `null` where the bucket was not versioned. */
  readonly versionId: string;
  readonly modified: string;
  readonly deleteMarker?: undefined;
}
export interface DeleteMarker {
  readonly uid: string;
  readonly key: string;
  readonly sequence: number;
  readonly versionId: string;
  readonly modified: string;
  readonly deleteMarker: true;
}
export type Version = StoredObject | DeleteMarker;

/** By [bucket id, key, place]: every version, newest first. */
export const versions = collection<Version>("s3.version");
/** By [bucket id, key, ""]: the objects one sees without asking for versions; the same documents, so that a list reads nothing else. */
export const currents = collection<StoredObject>("s3.current");

export interface Segment {
  readonly number: number;
  readonly size: number;
  readonly blob: string;
  readonly checksum?: string;
}
/** By [object uid]: the parts of an object that was uploaded in parts. Completing an upload moves no bytes. */
export const segments = collection<readonly Segment[]>("s3.segments");
/** By [blob, object uid]: written when a copy begins to share a blob. A blob that never was shared has none. */
export const shares = collection<true>("s3.share");

export interface Upload extends Description {
  readonly id: string;
  readonly key: string;
  readonly started: string;
  readonly initiator: string;
  readonly algorithm?: Algorithm;
  readonly checksumType?: "FULL_OBJECT" | "COMPOSITE";
}
/** By [bucket id, key, upload id]: upload ids grow with time. */
export const uploads = collection<Upload>("s3.upload");

export interface Part {
  readonly number: number;
  readonly size: number;
  readonly blob: string;
  readonly md5: string;
  readonly modified: string;
  readonly checksums: Readonly<Partial<Record<Algorithm, string>>>;
}
/** By [upload id, number as five digits]. */
export const parts = collection<Part>("s3.part");

/** By [upload id]: what a completed upload answered, so that a repeated request gets it again. */
export const completions = collection<{ bucketId: string; key: string; etag: string; versionId?: string; checksum?: Checksum }>(
  "s3.completion",
);
