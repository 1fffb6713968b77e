import * as sdk from "@aws-sdk/client-codecommit";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import type { Admission } from "./admit.ts";
import type { Cache } from "./cache.ts";
import { checkSignature, modeName, nameInArn, wishesOf } from "./edits.ts";
import { mustGit } from "./git.ts";
import { checkMaxResults, checkPath, findRepository, needCommit, offsetOf, offsetToken, raise, readCommit, treesOf } from "./lookups.ts";
import { type Commit, parseCommit } from "./objects.ts";
import { isObjectId } from "./refs.ts";
import { type Change, type FileAt, findEntry } from "./trees.ts";
import { commitWriter } from "./write-commit.ts";

const asSdk = (commitId: string, commit: Commit): sdk.Commit => ({
  commitId,
  treeId: commit.tree,
  parents: [...commit.parents],
  message: commit.message,
  author: commit.author,
  committer: commit.committer,
  additionalData: commit.additional,
});

const fileMetadata = (path: string, file: FileAt | undefined): sdk.FileMetadata => ({
  absolutePath: path,
  blobId: file?.id,
  fileMode: file && modeName(file.mode),
});

export const commitOperations = (context: Context, cache: Cache, admission: Admission): Handlers<typeof sdk> => {
  const write = commitWriter(context, cache, admission);
  return {
    async CreateCommit(input, call) {
      const repository = await findRepository(context, call, input.repositoryName);
      const wishes = wishesOf(input as Parameters<typeof wishesOf>[0]);
      const signature = checkSignature(
        { name: input.authorName, email: input.email, message: input.commitMessage },
        { name: nameInArn(call.principal.arn), message: `Changed ${wishes.map(({ path }) => path).join(", ")}`.slice(0, 200) },
      );
      const made = await write(call, repository, {
        branch: input.branchName,
        parent: input.parentCommitId,
        wishes,
        keepEmptyFolders: input.keepEmptyFolders,
        signature,
      });
      const of = (keep: (change: Change) => boolean) => made.changes.filter(keep);
      return {
        commitId: made.commit,
        treeId: made.tree,
        filesAdded: of(({ before }) => !before).map(({ path, after }) => fileMetadata(path, after)),
        filesUpdated: of(({ before, after }) => before !== undefined && after !== undefined).map(({ path, after }) =>
          fileMetadata(path, after),
        ),
        filesDeleted: of(({ after }) => !after).map(({ path, before }) => fileMetadata(path, before)),
      };
    },

    async GetCommit(input, call) {
      const repository = await findRepository(context, call, input.repositoryName);
      if (!input.commitId) throw raise(sdk.CommitIdRequiredException, "A commit id is required.");
      if (!isObjectId(input.commitId)) throw raise(sdk.InvalidCommitIdException, `${input.commitId} is not a full commit id.`);
      const found = await (await cache.reader(repository)).read(input.commitId);
      if (found?.type !== "commit")
        throw raise(sdk.CommitIdDoesNotExistException, `The commit ${input.commitId} does not exist in ${repository.name}.`);
      return { commit: asSdk(found.id, parseCommit(found.content)) };
    },

    async BatchGetCommits(input, call) {
      const repository = await findRepository(context, call, input.repositoryName);
      const ids = input.commitIds ?? [];
      if (ids.length === 0) throw raise(sdk.CommitIdsListRequiredException, "At least one commit id is required.");
      if (ids.length > 100) throw raise(sdk.CommitIdsLimitExceededException, "At most 100 commit ids are allowed.");
      const reader = await cache.reader(repository);
      const commits: sdk.Commit[] = [];
      const errors: sdk.BatchGetCommitsError[] = [];
      for (const commitId of ids) {
        const found = isObjectId(commitId) ? await reader.read(commitId) : undefined;
        if (found?.type === "commit") commits.push(asSdk(found.id, parseCommit(found.content)));
        else if (isObjectId(commitId))
          errors.push({
            commitId,
            errorCode: "CommitDoesNotExistException",
            errorMessage: `The commit ${commitId} does not exist in ${repository.name}.`,
          });
        else errors.push({ commitId, errorCode: "InvalidCommitIdException", errorMessage: `${commitId} is not a full commit id.` });
      }
      return { commits, errors };
    },

    async ListFileCommitHistory(input, call) {
      const repository = await findRepository(context, call, input.repositoryName);
      const path = checkPath(input.filePath);
      const limit = checkMaxResults(input.maxResults, 100);
      const offset = offsetOf(input.nextToken);
      const reader = await cache.reader(repository);
      const start = await needCommit(context, repository, reader, input.commitSpecifier);
      // With --parents git leaves out what did not touch the file, and joins the rest to each other.
      const args = ["--literal-pathspecs", "rev-list", "--parents", start, "--", path];
      const lines = (await mustGit(args, { dir: await cache.fresh(repository) })).toString("latin1").split("\n").filter(Boolean);
      const children = new Map<string, string[]>();
      const history = lines.map((line) => line.split(" "));
      for (const [id, ...parents] of history) for (const parent of parents) children.set(parent, [...(children.get(parent) ?? []), id]);
      const revisionDag: sdk.FileVersion[] = [];
      for (const [id] of history.slice(offset, offset + limit)) {
        const commit = await readCommit(reader, id);
        const blobId = (await findEntry(treesOf(reader), commit.tree, path))?.id;
        revisionDag.push({ commit: asSdk(id, commit), blobId, path, revisionChildren: children.get(id) ?? [] });
      }
      return { revisionDag, nextToken: history.length > offset + limit ? offsetToken(offset + limit) : undefined };
    },
  };
};
