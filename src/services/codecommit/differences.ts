import * as sdk from "@aws-sdk/client-codecommit";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import type { Cache } from "./cache.ts";
import { checkMaxResults, checkPath, findRepository, needCommit, offsetOf, offsetToken, raise, readCommit, treesOf } from "./lookups.ts";
import type { TreeEntry } from "./objects.ts";
import type { Repository } from "./records.ts";
import type { Reader } from "./reader.ts";
import { diffEntries, type FileAt, findEntry } from "./trees.ts";

const blobMetadata = (path: string, file: FileAt | undefined): sdk.BlobMetadata | undefined =>
  file && { blobId: file.id, path, mode: file.mode };

/** A path under the one that was asked for, as it stands on its own side. */
const under = (root: string, path: string) => (root === "" ? path : path === "" ? root : `${root}/${path}`);

export const differenceOperations = (context: Context, cache: Cache): Handlers<typeof sdk> => {
  /** What stands at a path of a commit; the whole tree without a path. */
  const sideOf = async (repository: Repository, reader: Reader, specifier: string, path: string): Promise<TreeEntry | undefined> => {
    const commit = await readCommit(reader, await needCommit(context, repository, reader, specifier));
    return findEntry(treesOf(reader), commit.tree, path);
  };
  return {
    async GetDifferences(input, call) {
      const repository = await findRepository(context, call, input.repositoryName);
      if (!input.afterCommitSpecifier) throw raise(sdk.CommitRequiredException, "An after commit specifier is required.");
      const beforePath = plain(input.beforePath ?? input.afterPath);
      const afterPath = plain(input.afterPath ?? input.beforePath);
      const limit = checkMaxResults(input.MaxResults, 400);
      const offset = offsetOf(input.NextToken);
      const reader = await cache.reader(repository);
      const after = await sideOf(repository, reader, input.afterCommitSpecifier, afterPath);
      const before =
        input.beforeCommitSpecifier === undefined ? undefined : await sideOf(repository, reader, input.beforeCommitSpecifier, beforePath);
      if (!after && !before)
        throw raise(sdk.PathDoesNotExistException, `${input.afterPath ?? input.beforePath} does not exist in either commit.`);
      const differences: sdk.Difference[] = [];
      let seen = 0;
      for await (const change of diffEntries(treesOf(reader), before, after, "")) {
        seen += 1;
        if (seen <= offset) continue;
        if (seen > offset + limit) break;
        differences.push({
          beforeBlob: blobMetadata(under(beforePath, change.path), change.before),
          afterBlob: blobMetadata(under(afterPath, change.path), change.after),
          changeType: change.before ? (change.after ? "M" : "D") : "A",
        });
      }
      return { differences, NextToken: seen > offset + limit ? offsetToken(offset + limit) : undefined };
    },
  };
};

const plain = (path: string | undefined) => (path === undefined || /^\/*$/.test(path) ? "" : checkPath(path));
