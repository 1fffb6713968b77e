/** The events codecommit emits: AWS's shapes, and under `mayfly` what makes them useful. */
import type { Writing } from "../../store/store.ts";
import type { RefUpdate } from "./receive-request.ts";
import { arnOf, type Repository } from "./records.ts";
import { heads, noObject, tags } from "./refs.ts";
import { referencesFor } from "./trigger-events.ts";

/** What an announcement is made from. */
export interface Announcement {
  readonly account: string;
  readonly region: string;
  readonly repositoryName: string;
  readonly repositoryId: string;
  readonly callerArn: string;
  readonly updates: readonly RefUpdate[];
  readonly time: string;
}

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
      mayfly: {
        commit: { id: news.commitId, author: news.author, message: news.message },
        changedPaths: news.changedPaths,
        changedPathsTruncated: news.truncated,
      },
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

/** The tasks that follow from a change of references, for the transaction that makes it. */
export const announceLater = async (tx: Writing, repository: Repository, news: Pick<Announcement, "updates" | "callerArn" | "time">) => {
  const payload: Announcement = {
    account: repository.account,
    region: repository.region,
    repositoryName: repository.name,
    repositoryId: repository.id,
    ...news,
  };
  await tx.later({ name: "codecommit.announce", payload, oneAtATimeFor: `codecommit/${repository.id}` });
  for (const trigger of repository.triggers?.list ?? []) {
    const references = referencesFor(trigger, news.updates);
    if (references.length === 0) continue;
    const call = { ...payload, trigger, references, configurationId: repository.triggers?.configurationId };
    await tx.later({ name: "codecommit.trigger", payload: call, oneAtATimeFor: `codecommit.trigger/${repository.id}/${trigger.name}` });
  }
};
