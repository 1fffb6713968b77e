/** Which pipelines a change of a source starts: an index, so that a push need not look at every pipeline. */
import type { Reading, Writing } from "../../store/store.ts";
import type { Heard } from "./hearings.ts";
import { type Action, type Declaration, type Place, watches } from "./records.ts";

/** Undefined: the action leaves the detection of changes to others. */
const watched = ({ type, configuration }: Action): string[] | undefined => {
  if (type.category !== "Source" || configuration.PollForSourceChanges === "false") return undefined;
  if (type.provider === "CodeCommit") return ["codecommit", configuration.RepositoryName!, configuration.BranchName!];
  return ["s3", configuration.S3Bucket!, configuration.S3ObjectKey!];
};

const keys = (place: Place, declaration: Declaration): { key: string[]; action: string }[] =>
  declaration.stages[0]!.actions.flatMap((action) => {
    const what = watched(action);
    return what ? [{ key: [place.account, place.region, ...what, place.pipeline, action.name], action: action.name }] : [];
  });

export const watch = async (tx: Writing, place: Place, declaration: Declaration): Promise<void> => {
  for (const { key, action } of keys(place, declaration)) await tx.put(watches, key, { place, action });
};
export const unwatch = async (tx: Writing, place: Place, declaration: Declaration): Promise<void> => {
  for (const { key } of keys(place, declaration)) await tx.delete(watches, key);
};

export const watchersOf = (tx: Reading, heard: Heard): Promise<{ place: Place; action: string }[]> => {
  const what = changed(heard);
  return what ? tx.list(watches, { prefix: [heard.account, heard.region, ...what] }) : Promise.resolve([]);
};

/** What changed, if it is something that can be watched. */
export const changed = ({ source, detail }: Pick<Heard, "source" | "detail">): string[] | undefined => {
  if (source === "aws.codecommit") {
    const { event, referenceType, referenceName, repositoryName } = detail as Record<string, string | undefined>;
    const moved = event === "referenceCreated" || event === "referenceUpdated";
    return moved && referenceType === "branch" && repositoryName && referenceName
      ? ["codecommit", repositoryName, referenceName]
      : undefined;
  }
  const { bucket, object } = detail as { bucket?: { name?: string }; object?: { key?: string } };
  return bucket?.name && object?.key ? ["s3", bucket.name, object.key] : undefined;
};
