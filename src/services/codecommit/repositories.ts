import * as sdk from "@aws-sdk/client-codecommit";
import { randomUUID } from "node:crypto";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { checkBranchName, checkRepositoryName, findRepository, offsetOf, offsetToken, raise } from "./lookups.ts";
import { arnOf, ownKey, places, type Repository, refs, repositories, repositoryKey } from "./records.ts";
import { branchRef } from "./refs.ts";
import { checkTags } from "./tags.ts";

const metadata = (of: Repository): sdk.RepositoryMetadata => ({
  accountId: of.account,
  repositoryId: of.id,
  repositoryName: of.name,
  repositoryDescription: of.description,
  defaultBranch: of.defaultBranch,
  lastModifiedDate: new Date(of.modified),
  creationDate: new Date(of.created),
  cloneUrlHttp: `https://git-codecommit.${of.region}.amazonaws.com/v1/repos/${of.name}`,
  cloneUrlSsh: `ssh://git-codecommit.${of.region}.amazonaws.com/v1/repos/${of.name}`,
  Arn: arnOf(of),
  kmsKeyId: of.kmsKeyId,
});

const checkDescription = (text: string | undefined) => {
  if (text !== undefined && text.length > 1000)
    throw raise(sdk.InvalidRepositoryDescriptionException, "A repository description has at most 1,000 characters.");
  return text;
};

const pageSize = 1000;

export const repositoryOperations = (context: Context): Handlers<typeof sdk> => {
  const now = () => context.clock.now().toISOString();
  /** Changes a repository's own record; `change` sees it as it is in the transaction. */
  const change = async (found: Repository, by: (repository: Repository) => Partial<Repository>) =>
    context.store.write(async (tx) => {
      const current = await tx.get(repositories, repositoryKey(found, found.name));
      if (current?.id !== found.id) throw raise(sdk.RepositoryDoesNotExistException, `${found.name} does not exist`);
      await tx.put(repositories, repositoryKey(found, found.name), { ...current, modified: now(), ...by(current) });
    });

  return {
    async CreateRepository(input, call) {
      const name = checkRepositoryName(input.repositoryName);
      const repository: Repository = {
        id: randomUUID(),
        name,
        account: call.account,
        region: call.region,
        description: checkDescription(input.repositoryDescription),
        kmsKeyId: input.kmsKeyId,
        created: now(),
        modified: now(),
        tags: checkTags(input.tags ?? {}),
        generation: 1,
        packs: 0,
      };
      const made = await context.store.write(async (tx) => {
        if (!(await tx.create(repositories, repositoryKey(call, name), repository))) return false;
        await tx.put(places, [call.account, name, call.region], { id: repository.id });
        return true;
      });
      if (!made) throw raise(sdk.RepositoryNameExistsException, `Repository named ${name} already exists`);
      return { repositoryMetadata: metadata(repository) };
    },

    async GetRepository(input, call) {
      return { repositoryMetadata: metadata(await findRepository(context, call, input.repositoryName)) };
    },

    async BatchGetRepositories(input, call) {
      const names = input.repositoryNames ?? [];
      if (names.length === 0) throw raise(sdk.RepositoryNamesRequiredException, "At least one repository name is required.");
      if (names.length > 100) throw raise(sdk.MaximumRepositoryNamesExceededException, "At most 100 repository names are allowed.");
      const found = await context.store.read(async (tx) => {
        const all: (Repository | undefined)[] = [];
        for (const name of names) all.push(await tx.get(repositories, repositoryKey(call, checkRepositoryName(name))));
        return all;
      });
      return {
        repositories: found.filter((one) => one !== undefined).map(metadata),
        repositoriesNotFound: names.filter((_, index) => found[index] === undefined),
        errors: [],
      };
    },

    async ListRepositories(input, call) {
      const sortBy = input.sortBy ?? "repositoryName";
      const order = input.order ?? "ascending";
      if (!["repositoryName", "lastModifiedDate"].includes(sortBy))
        throw raise(sdk.InvalidSortByException, `${sortBy} is not a valid sort criterion.`);
      if (!["ascending", "descending"].includes(order)) throw raise(sdk.InvalidOrderException, `${order} is not a valid order.`);
      const all = await context.store.read((tx) => tx.list(repositories, { prefix: [call.account, call.region] }));
      if (sortBy === "lastModifiedDate") all.sort((a, b) => (a.modified < b.modified ? -1 : a.modified > b.modified ? 1 : 0));
      if (order === "descending") all.reverse();
      const offset = offsetOf(input.nextToken);
      return {
        repositories: all.slice(offset, offset + pageSize).map(({ name, id }) => ({ repositoryName: name, repositoryId: id })),
        nextToken: all.length > offset + pageSize ? offsetToken(offset + pageSize) : undefined,
      };
    },

    async DeleteRepository(input, call) {
      const name = checkRepositoryName(input.repositoryName);
      const id = await context.store.write(async (tx) => {
        const found = await tx.get(repositories, repositoryKey(call, name));
        if (!found) return undefined;
        await tx.delete(repositories, repositoryKey(call, name));
        await tx.delete(places, [call.account, name, call.region]);
        await tx.deleteAll(refs, ownKey(found));
        await tx.later({
          name: "codecommit.discard",
          payload: { account: found.account, region: found.region, id: found.id },
          id: `codecommit.discard/${found.id}`,
        });
        return found.id;
      });
      return { repositoryId: id };
    },

    async UpdateRepositoryName(input, call) {
      const found = await findRepository(context, call, input.oldName);
      const name = checkRepositoryName(input.newName);
      if (name === found.name) return {};
      await context.store.write(async (tx) => {
        const current = await tx.get(repositories, repositoryKey(call, found.name));
        if (current?.id !== found.id) throw raise(sdk.RepositoryDoesNotExistException, `${found.name} does not exist`);
        if (!(await tx.create(repositories, repositoryKey(call, name), { ...current, name, modified: now() })))
          throw raise(sdk.RepositoryNameExistsException, `Repository named ${name} already exists`);
        await tx.delete(repositories, repositoryKey(call, found.name));
        await tx.delete(places, [call.account, found.name, call.region]);
        await tx.put(places, [call.account, name, call.region], { id: found.id });
      });
      return {};
    },

    async UpdateRepositoryDescription(input, call) {
      const found = await findRepository(context, call, input.repositoryName);
      const description = checkDescription(input.repositoryDescription);
      await change(found, () => ({ description }));
      return {};
    },

    async UpdateRepositoryEncryptionKey(input, call) {
      const found = await findRepository(context, call, input.repositoryName);
      if (!input.kmsKeyId) throw raise(sdk.EncryptionKeyRequiredException, "A key id is required.");
      throw raise(
        sdk.EncryptionKeyUnavailableException,
        `Mayfly has no KMS, so that ${found.name} cannot be encrypted with ${input.kmsKeyId}.`,
      );
    },

    async UpdateDefaultBranch(input, call) {
      const found = await findRepository(context, call, input.repositoryName);
      const branch = checkBranchName(input.defaultBranchName);
      await context.store.write(async (tx) => {
        const current = await tx.get(repositories, repositoryKey(found, found.name));
        if (current?.id !== found.id) throw raise(sdk.RepositoryDoesNotExistException, `${found.name} does not exist`);
        if (!(await tx.get(refs, ownKey(found, branchRef(branch)))))
          throw raise(sdk.BranchDoesNotExistException, `Branch ${branch} does not exist`);
        if (current.defaultBranch === branch) return;
        const next = { ...current, defaultBranch: branch, modified: now(), generation: current.generation + 1 };
        await tx.put(repositories, repositoryKey(found, found.name), next);
      });
      return {};
    },
  };
};
