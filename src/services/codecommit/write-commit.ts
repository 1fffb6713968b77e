/** Makes a commit on a branch without git at the client's end; it enters by the same door as a push. */
import * as sdk from "@aws-sdk/client-codecommit";
import type { Call, Context } from "../service.ts";
import type { Admission } from "./admit.ts";
import type { Cache } from "./cache.ts";
import type { Signature, Wish } from "./edits.ts";
import { checkBranchName, raise, readCommit, tipOf, treesOf } from "./lookups.ts";
import { commitObject, type GitObject, gitObject, packOf, parseTree, isTree } from "./objects.ts";
import { PackRefused } from "./quarantine.ts";
import { ownKey, type Ref, type Repository, refs } from "./records.ts";
import { branchRef, heads, isObjectId, noObject } from "./refs.ts";
import { type Change, diffTrees, type Edit, editTree, emptyTree, findEntry, type LoadTree, TreeConflict } from "./trees.ts";

export interface NewCommit {
  readonly commit: string;
  readonly tree: string;
  readonly changes: readonly Change[];
}
export interface CommitRequest {
  readonly branch: string | undefined;
  readonly parent: string | undefined;
  readonly wishes: readonly Wish[];
  readonly keepEmptyFolders?: boolean;
  readonly signature: Signature;
}

export const commitWriter = (context: Context, cache: Cache, admission: Admission) => {
  /** The branch's commit, checked against the parent the caller names; undefined: the repository is empty. */
  const parentOf = async (repository: Repository, branch: string, parent: string | undefined): Promise<string | undefined> => {
    const tip = await tipOf(context, repository, branch);
    if (parent !== undefined && !isObjectId(parent)) throw raise(sdk.InvalidParentCommitIdException, `${parent} is not a full commit id.`);
    if (tip === undefined) {
      const [head] = await context.store.read((tx) =>
        tx.entries<Ref>(refs, { prefix: ownKey(repository), after: ownKey(repository, heads), limit: 1 }),
      );
      if (head?.key[3].startsWith(heads)) throw raise(sdk.BranchDoesNotExistException, `Branch ${branch} does not exist`);
      if (parent !== undefined)
        throw raise(sdk.ParentCommitDoesNotExistException, `The parent commit ${parent} does not exist: ${repository.name} is empty.`);
      return undefined;
    }
    if (parent === undefined)
      throw raise(sdk.ParentCommitIdRequiredException, `A parent commit id is required; the tip of ${branch} is ${tip}.`);
    if (parent === tip) return tip;
    if ((await (await cache.reader(repository)).info(parent))?.type !== "commit")
      throw raise(sdk.ParentCommitDoesNotExistException, `The parent commit ${parent} does not exist in ${repository.name}.`);
    throw raise(sdk.ParentCommitIdOutdatedException, `The parent commit ${parent} is outdated; the tip of ${branch} is ${tip}.`);
  };

  return async (call: Call, repository: Repository, request: CommitRequest): Promise<NewCommit> => {
    const branch = checkBranchName(request.branch);
    const parent = await parentOf(repository, branch, request.parent);
    const reader = await cache.reader(repository);
    const stored = treesOf(reader);
    const oldTree = parent === undefined ? undefined : (await readCommit(reader, parent)).tree;
    const blobs: GitObject[] = [];
    const edits: Edit[] = [];
    for (const wish of request.wishes) edits.push(await editOf(stored, oldTree, wish, blobs));
    const { tree, objects } = await editTree(stored, oldTree, edits, request.keepEmptyFolders).catch(explain);
    const fresh = new Map(objects.map((object) => [object.id, object]));
    const load: LoadTree = async (id) => {
      const made = fresh.get(id);
      return made ? parseTree(made.content) : id === emptyTree.id ? [] : stored(id);
    };
    const changes: Change[] = [];
    for await (const change of diffTrees(load, oldTree, tree)) changes.push(change);
    if (changes.length === 0) throw raise(sdk.NoChangeException, "The commit would change nothing.");
    const { name, email, message } = request.signature;
    const author = { name, email, date: `${Math.floor(context.clock.now().getTime() / 1000)} +0000` };
    const commit = commitObject({ tree, parents: parent === undefined ? [] : [parent], author, committer: author, message });
    const quarantined = await admission
      .quarantine(repository, one(packOf([...blobs, ...objects, commit])), [commit.id])
      .catch((error: unknown) => {
        if (error instanceof PackRefused) throw raise(sdk.InvalidPathException, `Git refuses the commit: ${error.message}`);
        throw error;
      });
    const updates = [{ ref: branchRef(branch), from: parent ?? noObject, to: commit.id }];
    const [verdict] = await admission.commit(repository, { updates, quarantined, callerArn: call.principal.arn });
    if (verdict.reason === "fetch first") throw raise(sdk.ParentCommitIdOutdatedException, `The parent commit ${parent} is outdated.`);
    if (verdict.reason !== undefined)
      throw raise(sdk.ConcurrentReferenceUpdateException, `Branch ${branch} was changed at the same time: ${verdict.reason}.`);
    return { commit: commit.id, tree, changes };
  };
};

const editOf = async (load: LoadTree, tree: string | undefined, wish: Wish, blobs: GitObject[]): Promise<Edit> => {
  const { path } = wish;
  if ("remove" in wish) return { path, file: undefined };
  if ("put" in wish) {
    const blob = gitObject("blob", Buffer.from(wish.put));
    blobs.push(blob);
    return { path, file: { mode: wish.mode, id: blob.id } };
  }
  const source = "copyOf" in wish ? wish.copyOf : path;
  const there = tree === undefined ? undefined : await findEntry(load, tree, source);
  if (!there || isTree(there)) throw raise(sdk.FileDoesNotExistException, `${source} does not exist.`);
  const mode = "setMode" in wish ? wish.setMode : wish.mode;
  return { path, file: { mode: mode ?? there.mode, id: there.id } };
};

const explain = (error: unknown): never => {
  if (!(error instanceof TreeConflict)) throw error;
  switch (error.kind) {
    case "missing":
      throw raise(sdk.FileDoesNotExistException, `${error.path} does not exist.`);
    case "file-is-folder":
      throw raise(sdk.FileNameConflictsWithDirectoryNameException, `${error.path} is a folder.`);
    case "folder-is-file":
      throw raise(sdk.DirectoryNameConflictsWithFileNameException, `A folder of ${error.path} is a file.`);
    case "folder-is-submodule":
      throw raise(sdk.FilePathConflictsWithSubmodulePathException, `A folder of ${error.path} is a submodule.`);
  }
};

async function* one(bytes: Uint8Array) {
  yield bytes;
}
