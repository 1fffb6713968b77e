/** The operations, through the official client. */
import * as sdk from "@aws-sdk/client-codecommit";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startServer, type TestServer } from "../../harness/server.ts";
import { addressOf, type GitClient, startGitClient } from "./git-client.ts";

let server: TestServer;
let client: sdk.CodeCommitClient;
let git: GitClient;
before(async () => {
  server = await startServer();
  client = server.client(sdk.CodeCommitClient);
  git = await startGitClient();
});
after(async () => {
  await server.stop();
  await git.end();
});

let count = 0;
const repository = async () => {
  count += 1;
  const repositoryName = `repo-${count}`;
  await client.send(new sdk.CreateRepositoryCommand({ repositoryName }));
  return repositoryName;
};
const text = (value: string) => Buffer.from(value);
const put = (repositoryName: string, filePath: string, content: string, parentCommitId?: string, more: object = {}) =>
  client.send(
    new sdk.PutFileCommand({ repositoryName, branchName: "main", filePath, fileContent: text(content), parentCommitId, ...more }),
  );

test("a repository from its creation to its end", async () => {
  const repositoryName = "life";
  const made = await client.send(new sdk.CreateRepositoryCommand({ repositoryName, repositoryDescription: "one", tags: { team: "a" } }));
  assert.equal(made.repositoryMetadata?.Arn, "arn:aws:codecommit:us-east-1:123456789012:life");
  assert.equal(made.repositoryMetadata?.cloneUrlHttp, "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/life");
  await assert.rejects(client.send(new sdk.CreateRepositoryCommand({ repositoryName })), { name: "RepositoryNameExistsException" });
  await client.send(new sdk.UpdateRepositoryDescriptionCommand({ repositoryName, repositoryDescription: "two" }));
  await client.send(new sdk.UpdateRepositoryNameCommand({ oldName: repositoryName, newName: "lives" }));
  await assert.rejects(client.send(new sdk.GetRepositoryCommand({ repositoryName })), {
    name: "RepositoryDoesNotExistException",
    message: "life does not exist",
  });
  const { repositoryMetadata } = await client.send(new sdk.GetRepositoryCommand({ repositoryName: "lives" }));
  assert.equal(repositoryMetadata?.repositoryDescription, "two");
  assert.equal(repositoryMetadata?.repositoryId, made.repositoryMetadata?.repositoryId);
  const batch = await client.send(new sdk.BatchGetRepositoriesCommand({ repositoryNames: ["lives", "none"] }));
  assert.deepEqual([batch.repositories?.length, batch.repositoriesNotFound], [1, ["none"]]);
  const resourceArn = repositoryMetadata?.Arn ?? "";
  await client.send(new sdk.TagResourceCommand({ resourceArn, tags: { stage: "x" } }));
  await client.send(new sdk.UntagResourceCommand({ resourceArn, tagKeys: ["team"] }));
  assert.deepEqual((await client.send(new sdk.ListTagsForResourceCommand({ resourceArn }))).tags, { stage: "x" });
  const deleted = await client.send(new sdk.DeleteRepositoryCommand({ repositoryName: "lives" }));
  assert.equal(deleted.repositoryId, repositoryMetadata?.repositoryId);
  assert.equal((await client.send(new sdk.DeleteRepositoryCommand({ repositoryName: "lives" }))).repositoryId, undefined);
});

test("a name is used again by another repository, without what the first one held", async () => {
  const repositoryName = await repository();
  await put(repositoryName, "a", "1");
  await client.send(new sdk.DeleteRepositoryCommand({ repositoryName }));
  await client.send(new sdk.CreateRepositoryCommand({ repositoryName }));
  assert.deepEqual((await client.send(new sdk.ListBranchesCommand({ repositoryName }))).branches, []);
  await assert.rejects(client.send(new sdk.GetFileCommand({ repositoryName, filePath: "a" })), { name: "CommitDoesNotExistException" });
});

test("repositories are listed in the order asked for, each region its own", async () => {
  const far = server.client(sdk.CodeCommitClient, { region: "eu-west-3" });
  for (const repositoryName of ["b", "a", "c"]) await far.send(new sdk.CreateRepositoryCommand({ repositoryName }));
  await far.send(new sdk.UpdateRepositoryDescriptionCommand({ repositoryName: "a", repositoryDescription: "later" }));
  const names = async (sortBy: sdk.SortByEnum, order: sdk.OrderEnum) =>
    (await far.send(new sdk.ListRepositoriesCommand({ sortBy, order }))).repositories?.map((one) => one.repositoryName).join("");
  assert.equal(await names("repositoryName", "ascending"), "abc");
  assert.equal(await names("repositoryName", "descending"), "cba");
  assert.match((await names("lastModifiedDate", "ascending")) ?? "", /a$/);
});

test("files are put, read, moved and deleted by API, and git sees them", async () => {
  const repositoryName = await repository();
  const first = await put(repositoryName, "src/app.js", "one\n", undefined, {
    name: "Ann",
    email: "ann@example.org",
    commitMessage: "first",
  });
  assert.equal((await client.send(new sdk.GetRepositoryCommand({ repositoryName }))).repositoryMetadata?.defaultBranch, "main");
  await assert.rejects(put(repositoryName, "src/app.js", "two\n"), { name: "ParentCommitIdRequiredException" });
  await assert.rejects(put(repositoryName, "src/app.js", "one\n", first.commitId), { name: "SameFileContentException" });
  await assert.rejects(put(repositoryName, "src", "x", first.commitId), { name: "FileNameConflictsWithDirectoryNameException" });
  await assert.rejects(put(repositoryName, "src/app.js/x", "x", first.commitId), { name: "DirectoryNameConflictsWithFileNameException" });
  const second = await put(repositoryName, "src/app.js", "two\n", first.commitId);
  await assert.rejects(put(repositoryName, "src/app.js", "three\n", first.commitId), { name: "ParentCommitIdOutdatedException" });
  const third = await client.send(
    new sdk.CreateCommitCommand({
      repositoryName,
      branchName: "main",
      parentCommitId: second.commitId,
      putFiles: [
        { filePath: "run.sh", fileContent: text("#!/bin/sh\n"), fileMode: "EXECUTABLE" },
        { filePath: "lib/app.js", sourceFile: { filePath: "src/app.js", isMove: true } },
      ],
    }),
  );
  assert.deepEqual(
    third.filesAdded?.map(({ absolutePath, fileMode }) => `${absolutePath} ${fileMode}`),
    ["lib/app.js NORMAL", "run.sh EXECUTABLE"],
  );
  assert.deepEqual(
    third.filesDeleted?.map(({ absolutePath }) => absolutePath),
    ["src/app.js"],
  );
  const file = await client.send(new sdk.GetFileCommand({ repositoryName, filePath: "lib/app.js", commitSpecifier: "main" }));
  assert.equal(Buffer.from(file.fileContent ?? []).toString(), "two\n");
  assert.equal(file.fileSize, 4);
  const blob = await client.send(new sdk.GetBlobCommand({ repositoryName, blobId: file.blobId }));
  assert.equal(Buffer.from(blob.content ?? []).toString(), "two\n");
  const folder = await client.send(new sdk.GetFolderCommand({ repositoryName, folderPath: "/" }));
  assert.deepEqual(
    folder.subFolders?.map(({ absolutePath }) => absolutePath),
    ["lib"],
  );
  assert.deepEqual(
    folder.files?.map(({ absolutePath, fileMode }) => `${absolutePath} ${fileMode}`),
    ["run.sh EXECUTABLE"],
  );
  const fourth = await client.send(
    new sdk.DeleteFileCommand({ repositoryName, branchName: "main", filePath: "run.sh", parentCommitId: third.commitId ?? "" }),
  );
  await assert.rejects(client.send(new sdk.GetFileCommand({ repositoryName, filePath: "run.sh" })), { name: "FileDoesNotExistException" });
  const { commit } = await client.send(new sdk.GetCommitCommand({ repositoryName, commitId: first.commitId }));
  assert.deepEqual(
    [commit?.author?.name, commit?.author?.email, commit?.message, commit?.parents],
    ["Ann", "ann@example.org", "first", []],
  );
  const copy = join(git.folder, repositoryName);
  await git.git(git.folder, "clone", "--quiet", addressOf(server, repositoryName), copy);
  assert.equal((await git.git(copy, "rev-parse", "HEAD")).trim(), fourth.commitId);
  assert.equal(await readFile(join(copy, "lib/app.js"), "utf8"), "two\n");
  await git.git(copy, "fsck", "--strict");
});

test("commits that would change nothing, or cannot be", async () => {
  const repositoryName = await repository();
  const { commitId } = await put(repositoryName, "a", "1");
  const commit = (more: Partial<sdk.CreateCommitCommandInput>) =>
    client.send(new sdk.CreateCommitCommand({ repositoryName, branchName: "main", parentCommitId: commitId, ...more }));
  await assert.rejects(commit({ putFiles: [{ filePath: "a", fileContent: text("1") }] }), { name: "NoChangeException" });
  await assert.rejects(commit({ deleteFiles: [{ filePath: "b" }] }), { name: "FileDoesNotExistException" });
  await assert.rejects(commit({ setFileModes: [{ filePath: "b", fileMode: "EXECUTABLE" }] }), { name: "FileDoesNotExistException" });
  await assert.rejects(commit({}), { name: "FileEntryRequiredException" });
  await assert.rejects(commit({ branchName: "other", deleteFiles: [{ filePath: "a" }] }), { name: "BranchDoesNotExistException" });
  await assert.rejects(commit({ parentCommitId: "1".repeat(40), deleteFiles: [{ filePath: "a" }] }), {
    name: "ParentCommitDoesNotExistException",
  });
  await assert.rejects(commit({ parentCommitId: "main", deleteFiles: [{ filePath: "a" }] }), { name: "InvalidParentCommitIdException" });
  const mode = await commit({ setFileModes: [{ filePath: "a", fileMode: "EXECUTABLE" }] });
  assert.deepEqual(
    mode.filesUpdated?.map(({ absolutePath, fileMode }) => `${absolutePath} ${fileMode}`),
    ["a EXECUTABLE"],
  );
});

test("of two commits by API on one parent one wins", async () => {
  const repositoryName = await repository();
  const { commitId } = await put(repositoryName, "a", "0");
  const results = await Promise.allSettled([1, 2, 3, 4].map((index) => put(repositoryName, "a", String(index), commitId)));
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  for (const result of results) if (result.status === "rejected") assert.equal(result.reason.name, "ParentCommitIdOutdatedException");
});

test("branches", async () => {
  const repositoryName = await repository();
  const { commitId = "" } = await put(repositoryName, "a", "1");
  const create = (branchName: string, at = commitId) =>
    client.send(new sdk.CreateBranchCommand({ repositoryName, branchName, commitId: at }));
  await create("feature/x");
  await assert.rejects(create("feature/x"), { name: "BranchNameExistsException" });
  await assert.rejects(create("y", "1".repeat(40)), { name: "CommitDoesNotExistException" });
  await assert.rejects(create("y", "main"), { name: "InvalidCommitIdException" });
  await assert.rejects(create("a b"), { name: "InvalidBranchNameException" });
  assert.deepEqual((await client.send(new sdk.ListBranchesCommand({ repositoryName }))).branches, ["feature/x", "main"]);
  assert.equal((await client.send(new sdk.GetBranchCommand({ repositoryName, branchName: "feature/x" }))).branch?.commitId, commitId);
  await assert.rejects(client.send(new sdk.DeleteBranchCommand({ repositoryName, branchName: "main" })), {
    name: "DefaultBranchCannotBeDeletedException",
  });
  await client.send(new sdk.UpdateDefaultBranchCommand({ repositoryName, defaultBranchName: "feature/x" }));
  const deleted = await client.send(new sdk.DeleteBranchCommand({ repositoryName, branchName: "main" }));
  assert.deepEqual(deleted.deletedBranch, { branchName: "main", commitId });
  assert.equal((await client.send(new sdk.DeleteBranchCommand({ repositoryName, branchName: "main" }))).deletedBranch, undefined);
  await assert.rejects(client.send(new sdk.UpdateDefaultBranchCommand({ repositoryName, defaultBranchName: "gone" })), {
    name: "BranchDoesNotExistException",
  });
  const head = await git.git(git.folder, "ls-remote", "--symref", addressOf(server, repositoryName), "HEAD");
  assert.match(head, /ref: refs\/heads\/feature\/x/);
});

test("a fast-forward, and what is none", async () => {
  const repositoryName = await repository();
  const first = await put(repositoryName, "a", "1");
  await client.send(new sdk.CreateBranchCommand({ repositoryName, branchName: "next", commitId: first.commitId }));
  const second = await put(repositoryName, "a", "2", first.commitId, { branchName: "next" });
  const merge = () =>
    client.send(
      new sdk.MergeBranchesByFastForwardCommand({ repositoryName, sourceCommitSpecifier: "next", destinationCommitSpecifier: "main" }),
    );
  const merged = await merge();
  assert.deepEqual([merged.commitId, merged.treeId], [second.commitId, second.treeId]);
  assert.equal((await client.send(new sdk.GetBranchCommand({ repositoryName, branchName: "main" }))).branch?.commitId, second.commitId);
  await put(repositoryName, "a", "3", second.commitId);
  await put(repositoryName, "b", "3", second.commitId, { branchName: "next" });
  await assert.rejects(merge(), { name: "ManualMergeRequiredException" });
});

test("differences, by path and by page", async () => {
  const repositoryName = await repository();
  const first = await put(repositoryName, "src/a", "1");
  const second = await client.send(
    new sdk.CreateCommitCommand({
      repositoryName,
      branchName: "main",
      parentCommitId: first.commitId,
      putFiles: ["src/a", "src/b", "doc/c"].map((filePath) => ({ filePath, fileContent: text("2") })),
    }),
  );
  const differences = async (more: Partial<sdk.GetDifferencesCommandInput>) => {
    const answer = await client.send(new sdk.GetDifferencesCommand({ repositoryName, afterCommitSpecifier: "main", ...more }));
    return {
      found: answer.differences?.map((one) => `${one.changeType} ${(one.afterBlob ?? one.beforeBlob)?.path}`),
      next: answer.NextToken,
    };
  };
  assert.deepEqual((await differences({ beforeCommitSpecifier: first.commitId })).found, ["A doc/c", "M src/a", "A src/b"]);
  assert.deepEqual((await differences({})).found, ["A doc/c", "A src/a", "A src/b"]);
  assert.deepEqual((await differences({ beforeCommitSpecifier: first.commitId, afterPath: "src" })).found, ["M src/a", "A src/b"]);
  assert.deepEqual((await differences({ beforeCommitSpecifier: first.commitId, afterPath: "src/a", beforePath: "src/a" })).found, [
    "M src/a",
  ]);
  assert.deepEqual((await differences({ beforeCommitSpecifier: "main", afterCommitSpecifier: first.commitId })).found, [
    "D doc/c",
    "M src/a",
    "D src/b",
  ]);
  const one = await differences({ MaxResults: 2 });
  assert.deepEqual(one.found, ["A doc/c", "A src/a"]);
  assert.deepEqual(await differences({ MaxResults: 2, NextToken: one.next }), { found: ["A src/b"], next: undefined });
  await assert.rejects(differences({ NextToken: "x" }), { name: "InvalidContinuationTokenException" });
  await assert.rejects(differences({ afterCommitSpecifier: "nothing" }), { name: "CommitDoesNotExistException" });
  await assert.rejects(differences({ afterPath: "nothing" }), { name: "PathDoesNotExistException" });
  const batch = await client.send(new sdk.BatchGetCommitsCommand({ repositoryName, commitIds: [second.commitId ?? "", "1".repeat(40)] }));
  assert.deepEqual([batch.commits?.[0]?.commitId, batch.errors?.[0]?.errorCode], [second.commitId, "CommitDoesNotExistException"]);
});

test("the history of a file", async () => {
  const repositoryName = await repository();
  const first = await put(repositoryName, "a", "1");
  const second = await put(repositoryName, "b", "1", first.commitId);
  const third = await put(repositoryName, "a", "2", second.commitId);
  const history = async (more: object = {}) =>
    client.send(new sdk.ListFileCommitHistoryCommand({ repositoryName, filePath: "a", ...more }));
  const whole = await history();
  assert.deepEqual(
    whole.revisionDag?.map(({ commit, blobId, revisionChildren }) => [commit?.commitId, blobId, revisionChildren]),
    [
      [third.commitId, third.blobId, []],
      [first.commitId, first.blobId, [third.commitId]],
    ],
  );
  const page = await history({ maxResults: 1 });
  assert.equal(page.revisionDag?.length, 1);
  assert.equal((await history({ maxResults: 1, nextToken: page.nextToken })).revisionDag?.[0]?.commit?.commitId, first.commitId);
});

test("complaints about names and ids", async () => {
  const repositoryName = await repository();
  await put(repositoryName, "a", "1");
  const cases: [() => Promise<unknown>, string][] = [
    [() => client.send(new sdk.CreateRepositoryCommand({ repositoryName: "a.git" })), "InvalidRepositoryNameException"],
    [() => client.send(new sdk.GetRepositoryCommand({ repositoryName: "none" })), "RepositoryDoesNotExistException"],
    [() => client.send(new sdk.GetBranchCommand({ repositoryName, branchName: "none" })), "BranchDoesNotExistException"],
    [() => client.send(new sdk.GetCommitCommand({ repositoryName, commitId: "abc" })), "InvalidCommitIdException"],
    [() => client.send(new sdk.GetCommitCommand({ repositoryName, commitId: "1".repeat(40) })), "CommitIdDoesNotExistException"],
    [() => client.send(new sdk.GetBlobCommand({ repositoryName, blobId: "1".repeat(40) })), "BlobIdDoesNotExistException"],
    [() => client.send(new sdk.GetFolderCommand({ repositoryName, folderPath: "none" })), "FolderDoesNotExistException"],
    [() => client.send(new sdk.TagResourceCommand({ resourceArn: "arn:aws:s3:::x", tags: {} })), "InvalidResourceArnException"],
  ];
  for (const [call, name] of cases) await assert.rejects(call(), { name });
});

test("triggers are checked and kept", async () => {
  const repositoryName = await repository();
  const trigger = { name: "t", destinationArn: "arn:aws:sns:us-east-1:123456789012:topic", events: ["all" as const] };
  const putTriggers = (triggers: sdk.RepositoryTrigger[]) =>
    client.send(new sdk.PutRepositoryTriggersCommand({ repositoryName, triggers }));
  const { configurationId } = await putTriggers([trigger]);
  const kept = await client.send(new sdk.GetRepositoryTriggersCommand({ repositoryName }));
  assert.deepEqual([kept.configurationId, kept.triggers], [configurationId, [{ ...trigger, branches: [] }]]);
  const cases: [object, string][] = [
    [{ destinationArn: "arn:aws:sqs:us-east-1:123456789012:q" }, "InvalidRepositoryTriggerDestinationArnException"],
    [{ destinationArn: "arn:aws:sns:eu-west-1:123456789012:topic" }, "InvalidRepositoryTriggerRegionException"],
    [{ name: "a b" }, "InvalidRepositoryTriggerNameException"],
    [{ events: [] }, "RepositoryTriggerEventsListRequiredException"],
  ];
  for (const [change, name] of cases) await assert.rejects(putTriggers([{ ...trigger, ...change }]), { name });
  await assert.rejects(putTriggers(Array.from({ length: 11 }, (_, index) => ({ ...trigger, name: `t${index}` }))), {
    name: "MaximumRepositoryTriggersExceededException",
  });
});
