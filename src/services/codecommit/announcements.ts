/** The events codecommit emits: AWS's shapes, and under `mayfly` what makes them useful. */
import type { Announcement } from "./admit.ts";
import type { RefUpdate } from "./receive-request.ts";
import { arnOf } from "./records.ts";
import { heads, noObject, tags } from "./refs.ts";

/** What is known of the commit a reference now names. */
export interface CommitNews {
  /** Differs from the reference's target where that is an annotated tag. */
  readonly commitId: string;
  readonly author: { readonly name: string; readonly email: string };
  readonly message: string;
  readonly changedPaths: readonly string[];
  /** There are more than are listed. */
  readonly truncated: boolean;
}
export interface BusEvent {
  readonly Source: "aws.codecommit";
  readonly DetailType: string;
  readonly Time: Date;
  readonly Resources: string[];
  readonly Detail: string;
}

/** Undefined for references that are neither branch nor tag: AWS has no event for them. */
export const referenceEvent = (of: Announcement, { ref, from, to }: RefUpdate, news: CommitNews | undefined): BusEvent | undefined => {
  const kind = ref.startsWith(heads) ? "branch" : ref.startsWith(tags) ? "tag" : undefined;
  if (kind === undefined) return undefined;
  const detail = {
    callerUserArn: of.callerArn,
    ...(to === noObject ? {} : { commitId: news?.commitId ?? to }),
    event: to === noObject ? "referenceDeleted" : from === noObject ? "referenceCreated" : "referenceUpdated",
    ...(from === noObject ? {} : { oldCommitId: from }),
    referenceFullName: ref,
    referenceName: ref.slice(kind === "branch" ? heads.length : tags.length),
    referenceType: kind,
    repositoryId: of.repositoryId,
    repositoryName: of.repositoryName,
    ...(news && {
      mayfly: { commit: { id: news.commitId, author: news.author, message: news.message }, changedPaths: news.changedPaths, changedPathsTruncated: news.truncated },
    }),
  };
  return {
    Source: "aws.codecommit",
    DetailType: "CodeCommit Repository State Change",
    Time: new Date(of.time),
    Resources: [arnOf({ account: of.account, region: of.region, name: of.repositoryName })],
    Detail: JSON.stringify(detail),
  };
};
