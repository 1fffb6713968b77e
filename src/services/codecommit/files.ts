import * as sdk from "@aws-sdk/client-codecommit";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import type { Admission } from "./admit.ts";
import type { Cache } from "./cache.ts";
import { checkSignature, checkSize, fileLimit, modeName, modeOf, nameInArn } from "./edits.ts";
import { checkBranchName, checkPath, findRepository, needCommit, raise, readCommit, tipOf, treesOf } from "./lookups.ts";
import { gitObject, isSubmodule, isTree } from "./objects.ts";
import { isObjectId } from "./refs.ts";
import { emptyTree, findEntry } from "./trees.ts";
import { commitWriter } from "./write-commit.ts";

export const fileOperations = (context: Context, cache: Cache, admission: Admission): Handlers<typeof sdk> => {
  const write = commitWriter(context, cache, admission);
  return {
    async PutFile(input, call) {
      const repository = await findRepository(context, call, input.repositoryName);
      const path = checkPath(input.filePath);
      if (input.fileContent === undefined) throw raise(sdk.FileContentRequiredException, "The content of the file is required.");
      const put = checkSize(path, input.fileContent);
      const mode = modeOf(input.fileMode);
      const tip = await tipOf(context, repository, checkBranchName(input.branchName));
      const reader = await cache.reader(repository);
      const there = tip === undefined ? undefined : await findEntry(treesOf(reader), (await readCommit(reader, tip)).tree, path);
      const blobId = gitObject("blob", Buffer.from(put)).id;
      if (there?.id === blobId && there.mode === mode && (input.parentCommitId ?? tip) === tip)
        throw raise(sdk.SameFileContentException, `${path} has this content already.`);
      const signature = checkSignature(
        { name: input.name, email: input.email, message: input.commitMessage },
        { name: nameInArn(call.principal.arn), message: `${there ? "Edited" : "Added"} ${path}` },
      );
      const made = await write(call, repository, {
        branch: input.branchName,
        parent: input.parentCommitId,
        wishes: [{ path, put, mode }],
        signature,
      });
      return { commitId: made.commit, blobId, treeId: made.tree };
    },

    async DeleteFile(input, call) {
      const repository = await findRepository(context, call, input.repositoryName);
      const path = checkPath(input.filePath);
      const signature = checkSignature(
        { name: input.name, email: input.email, message: input.commitMessage },
        { name: nameInArn(call.principal.arn), message: `Deleted ${path}` },
      );
      if (input.parentCommitId === undefined) throw raise(sdk.ParentCommitIdRequiredException, "A parent commit id is required.");
      const made = await write(call, repository, {
        branch: input.branchName,
        parent: input.parentCommitId,
        wishes: [{ path, remove: true }],
        keepEmptyFolders: input.keepEmptyFolders,
        signature,
      });
      const blobId = made.changes.find((change) => change.path === path)?.before?.id;
      return { commitId: made.commit, blobId, treeId: made.tree, filePath: path };
    },

    async GetFile(input, call) {
      const repository = await findRepository(context, call, input.repositoryName);
      const path = checkPath(input.filePath);
      const reader = await cache.reader(repository);
      const commitId = await needCommit(context, repository, reader, input.commitSpecifier);
      const entry = await findEntry(treesOf(reader), (await readCommit(reader, commitId)).tree, path);
      if (!entry || isTree(entry) || isSubmodule(entry))
        throw raise(sdk.FileDoesNotExistException, `${path} does not exist at ${commitId}.`);
      const size = (await reader.info(entry.id))?.size ?? 0;
      if (size > fileLimit) throw raise(sdk.FileTooLargeException, `${path} has more than 6 MB; fetch it with git.`);
      const fileContent = (await reader.read(entry.id))?.content ?? Buffer.alloc(0);
      return { commitId, blobId: entry.id, filePath: path, fileMode: modeName(entry.mode), fileSize: size, fileContent };
    },

    async GetBlob(input, call) {
      const repository = await findRepository(context, call, input.repositoryName);
      if (!input.blobId) throw raise(sdk.BlobIdRequiredException, "A blob id is required.");
      if (!isObjectId(input.blobId)) throw raise(sdk.InvalidBlobIdException, `${input.blobId} is not a full blob id.`);
      const reader = await cache.reader(repository);
      const found = await reader.info(input.blobId);
      if (found?.type !== "blob")
        throw raise(sdk.BlobIdDoesNotExistException, `The blob ${input.blobId} does not exist in ${repository.name}.`);
      if (found.size > fileLimit) throw raise(sdk.FileTooLargeException, `The blob ${input.blobId} has more than 6 MB; fetch it with git.`);
      return { content: (await reader.read(input.blobId))?.content ?? Buffer.alloc(0) };
    },

    async GetFolder(input, call) {
      const repository = await findRepository(context, call, input.repositoryName);
      if (input.folderPath === undefined) throw raise(sdk.PathRequiredException, "A path is required.");
      const path = /^\/*$/.test(input.folderPath) ? "" : checkPath(input.folderPath);
      const reader = await cache.reader(repository);
      const load = treesOf(reader);
      const commitId = await needCommit(context, repository, reader, input.commitSpecifier);
      const entry = await findEntry(load, (await readCommit(reader, commitId)).tree, path);
      if (!entry || !isTree(entry)) throw raise(sdk.FolderDoesNotExistException, `${input.folderPath} does not exist at ${commitId}.`);
      const children = (entry.id === emptyTree.id ? [] : await load(entry.id)).map((child) => ({
        ...child,
        absolutePath: path === "" ? child.name : `${path}/${child.name}`,
        relativePath: child.name,
      }));
      return {
        commitId,
        folderPath: path,
        treeId: entry.id,
        subFolders: children.filter(isTree).map(({ id, absolutePath, relativePath }) => ({ treeId: id, absolutePath, relativePath })),
        files: children
          .filter((child) => !isTree(child) && !isSubmodule(child) && child.mode !== "120000")
          .map(({ id, mode, absolutePath, relativePath }) => ({ blobId: id, absolutePath, relativePath, fileMode: modeName(mode) })),
        symbolicLinks: children
          .filter(({ mode }) => mode === "120000")
          .map(({ id, absolutePath, relativePath }) => ({ blobId: id, absolutePath, relativePath, fileMode: "SYMLINK" as const })),
        subModules: children
          .filter(isSubmodule)
          .map(({ id, absolutePath, relativePath }) => ({ commitId: id, absolutePath, relativePath })),
      };
    },
  };
};
