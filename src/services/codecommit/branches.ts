import * as sdk from "@aws-sdk/client-codecommit";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import type { Admission } from "./admit.ts";
import type { Cache } from "./cache.ts";
import { runGit } from "./git.ts";
import { checkBranchName, findRepository, raise, readCommit, resolveCommit, tipOf, tokenPage } from "./lookups.ts";
import { ownKey, type Ref, refs } from "./records.ts";
import { branchRef, heads, isObjectId, noObject } from "./refs.ts";

export const branchOperations = (context: Context, cache: Cache, admission: Admission): Handlers<typeof sdk> => ({
  async CreateBranch(input, call) {
    const repository = await findRepository(context, call, input.repositoryName);
    const branch = checkBranchName(input.branchName);
    if (!input.commitId) throw raise(sdk.CommitIdRequiredException, "A commit id is required.");
    if (!isObjectId(input.commitId)) throw raise(sdk.InvalidCommitIdException, `${input.commitId} is not a full commit id.`);
    const reader = await cache.reader(repository);
    if ((await reader.info(input.commitId))?.type !== "commit")
      throw raise(sdk.CommitDoesNotExistException, `The commit ${input.commitId} does not exist in ${repository.name}.`);
    const updates = [{ ref: branchRef(branch), from: noObject, to: input.commitId }];
    const [verdict] = await admission.commit(repository, { updates, callerArn: call.principal.arn });
    if (verdict.reason === "reference already exists") throw raise(sdk.BranchNameExistsException, `Branch ${branch} already exists`);
    if (verdict.reason !== undefined) throw raise(sdk.InvalidBranchNameException, `${branch}: ${verdict.reason}`);
    return {};
  },

  async GetBranch(input, call) {
    const repository = await findRepository(context, call, input.repositoryName);
    const branch = checkBranchName(input.branchName);
    const commitId = await tipOf(context, repository, branch);
    if (!commitId) throw raise(sdk.BranchDoesNotExistException, `Branch ${branch} does not exist`);
    return { branch: { branchName: branch, commitId } };
  },

  async ListBranches(input, call) {
    const repository = await findRepository(context, call, input.repositoryName);
    const all = await context.store.read((tx) => tx.entries<Ref>(refs, { prefix: ownKey(repository) }));
    const names = all
      .map(({ key }) => key[3])
      .filter((name) => name.startsWith(heads))
      .map((name) => name.slice(heads.length));
    const { items, next } = tokenPage(names, (name) => name, 1000, input.nextToken);
    return { branches: items, nextToken: next };
  },

  async DeleteBranch(input, call) {
    const repository = await findRepository(context, call, input.repositoryName);
    const branch = checkBranchName(input.branchName);
    if (branch === repository.defaultBranch)
      throw raise(
        sdk.DefaultBranchCannotBeDeletedException,
        `${branch} is the default branch of ${repository.name} and cannot be deleted.`,
      );
    const commitId = await tipOf(context, repository, branch);
    // Deleting what is not there is no error.
    if (!commitId) return {};
    const updates = [{ ref: branchRef(branch), from: commitId, to: noObject }];
    const [verdict] = await admission.commit(repository, { updates, callerArn: call.principal.arn });
    if (verdict.reason?.startsWith("deletion of the current branch"))
      throw raise(
        sdk.DefaultBranchCannotBeDeletedException,
        `${branch} is the default branch of ${repository.name} and cannot be deleted.`,
      );
    if (verdict.reason !== undefined)
      throw raise(sdk.InvalidBranchNameException, `Branch ${branch} was changed while it was being deleted.`);
    return { deletedBranch: { branchName: branch, commitId } };
  },

  async MergeBranchesByFastForward(input, call) {
    const repository = await findRepository(context, call, input.repositoryName);
    const { sourceCommitSpecifier, destinationCommitSpecifier } = input;
    if (!sourceCommitSpecifier || !destinationCommitSpecifier)
      throw raise(sdk.CommitRequiredException, "A source and a destination commit are required.");
    const reader = await cache.reader(repository);
    const [source, destination] = [
      await resolveCommit(context, repository, reader, sourceCommitSpecifier),
      await resolveCommit(context, repository, reader, destinationCommitSpecifier),
    ];
    if (!source)
      throw raise(sdk.CommitDoesNotExistException, `The commit specifier ${sourceCommitSpecifier} names no commit of ${repository.name}.`);
    if (!destination)
      throw raise(
        sdk.CommitDoesNotExistException,
        `The commit specifier ${destinationCommitSpecifier} names no commit of ${repository.name}.`,
      );
    const dir = await cache.fresh(repository);
    const ancestry = await runGit(["merge-base", "--is-ancestor", destination, source], { dir });
    if (ancestry.code > 1) throw new Error(`git merge-base failed: ${ancestry.stderr}`);
    if (ancestry.code === 1)
      throw raise(
        sdk.ManualMergeRequiredException,
        `${destinationCommitSpecifier} cannot be fast-forwarded to ${sourceCommitSpecifier}: their histories differ.`,
      );
    const target = input.targetBranch ?? destinationCommitSpecifier.replace(/^refs\/heads\//, "");
    const tip = await tipOf(context, repository, checkBranchName(target));
    if (!tip) throw raise(sdk.BranchDoesNotExistException, `Branch ${target} does not exist`);
    const targetAncestry = tip === destination ? 0 : (await runGit(["merge-base", "--is-ancestor", tip, source], { dir })).code;
    if (targetAncestry !== 0)
      throw raise(sdk.InvalidTargetBranchException, `Branch ${target} cannot be fast-forwarded to ${sourceCommitSpecifier}.`);
    const updates = [{ ref: branchRef(target), from: tip, to: source }];
    const [verdict] =
      tip === source ? [{ reason: undefined }] : await admission.commit(repository, { updates, callerArn: call.principal.arn });
    if (verdict.reason !== undefined)
      throw raise(sdk.ConcurrentReferenceUpdateException, `Branch ${target} was changed at the same time: ${verdict.reason}.`);
    return { commitId: source, treeId: (await readCommit(reader, source)).tree };
  },
});
