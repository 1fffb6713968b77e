/** Where a build's source comes from. */
import type { ProjectSource } from "@aws-sdk/client-codebuild";
import type { Aws } from "../../../aws/aws.ts";
import type { Commit, Place, SourceCredential } from "../records.ts";

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface Wanted extends Place {
  readonly source: ProjectSource;
  readonly version?: string;
  /** An empty folder of this machine, to fill. */
  readonly folder: string;
  /** AWS as the build's role. */
  readonly aws: Aws;
  readonly credentials: RoleCredentials;
  readonly endpoint: string;
  /** The project wants AWS's plain zip where a real checkout could be had. */
  readonly plainZip: boolean;
  readonly signal: AbortSignal;
  credential(serverType: string): Promise<SourceCredential | undefined>;
}
export interface Fetched {
  /** Commit, S3 version or ETag. */
  readonly resolved?: string;
  /** Git may still be asked for it; never rejects. */
  readonly commit?: Promise<Commit | undefined>;
  /** As CODEBUILD_SOURCE_REPO_URL and CODEBUILD_SOURCE_VERSION tell it, where it differs from what was asked for. */
  readonly repositoryUrl?: string;
  readonly version?: string;
}
export type Source = (wanted: Wanted) => Promise<Fetched>;

/** The source cannot be had: a fault of the project or the repository, not of ours. */
export class SourceError extends Error {}
