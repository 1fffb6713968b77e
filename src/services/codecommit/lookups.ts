/** What operations look up before they do anything, with CodeCommit's own complaints. */
import * as sdk from "@aws-sdk/client-codecommit";
import { BadToken, type Page, page } from "../../lib/pages.ts";
import type { Call, Context } from "../service.ts";
import { type Commit, parseCommit, parseTree, type TreeEntry } from "./objects.ts";
import type { Reader } from "./reader.ts";
import { ownKey, type Repository, refs, repositories, repositoryKey } from "./records.ts";
import { branchRef, heads, isBranchName, isObjectId, isRefName, tags } from "./refs.ts";
import type { LoadTree } from "./trees.ts";

// biome-ignore lint/suspicious/noExplicitAny: every exception class of the package has this constructor
type ExceptionClass = new (options: any) => Error;
/** @example throw raise(sdk.BranchDoesNotExistException, "…") */
export const raise = (of: ExceptionClass, message: string): Error => new of({ message, $metadata: {} });

export const checkRepositoryName = (name: string | undefined): string => {
  if (!name) throw raise(sdk.RepositoryNameRequiredException, "A repository name is required.");
  if (!/^[\w.-]{1,100}$/.test(name) || name.endsWith(".git"))
    throw raise(
      sdk.InvalidRepositoryNameException,
      `${name} is not a valid repository name: 1 to 100 letters, digits, periods, underscores and dashes, and it cannot end in .git.`,
    );
  return name;
};

export const findRepository = async (context: Context, call: Call, name: string | undefined): Promise<Repository> => {
  const checked = checkRepositoryName(name);
  const found = await context.store.read((tx) => tx.get(repositories, repositoryKey(call, checked)));
  if (!found) throw raise(sdk.RepositoryDoesNotExistException, `${checked} does not exist`);
  return found;
};

export const checkBranchName = (name: string | undefined): string => {
  if (!name) throw raise(sdk.BranchNameRequiredException, "A branch name is required.");
  if (!isBranchName(name)) throw raise(sdk.InvalidBranchNameException, `${name} is not a valid branch name.`);
  return name;
};

/** The commit a branch points to; undefined: no such branch. */
export const tipOf = async (context: Context, repository: Repository, branch: string): Promise<string | undefined> =>
  (await context.store.read((tx) => tx.get(refs, ownKey(repository, branchRef(branch)))))?.target;

/** The commit a specifier names: a full commit id, `HEAD`, a branch, a tag or a full reference. Undefined: none. */
export const resolveCommit = async (
  context: Context,
  repository: Repository,
  reader: Reader,
  specifier: string | undefined,
): Promise<string | undefined> => {
  if (specifier !== undefined && isObjectId(specifier)) return (await reader.info(`${specifier}^{commit}`))?.id;
  const names =
    specifier === undefined || specifier === "HEAD"
      ? repository.defaultBranch === undefined
        ? []
        : [branchRef(repository.defaultBranch)]
      : [specifier, heads + specifier, tags + specifier].filter(isRefName);
  for (const name of names) {
    const ref = await context.store.read((tx) => tx.get(refs, ownKey(repository, name)));
    if (ref) return (await reader.info(`${ref.target}^{commit}`))?.id;
  }
  return undefined;
};

/** For operations that read at a commit. Without a specifier the tip of the default branch is meant. */
export const needCommit = async (
  context: Context,
  repository: Repository,
  reader: Reader,
  specifier: string | undefined,
): Promise<string> => {
  const found = await resolveCommit(context, repository, reader, specifier);
  if (found) return found;
  throw raise(sdk.CommitDoesNotExistException, `The commit specifier ${specifier ?? "HEAD"} names no commit of ${repository.name}.`);
};

/** A commit that is known to be there. */
export const readCommit = async (reader: Reader, id: string): Promise<Commit> => {
  const found = await reader.read(id);
  if (found?.type !== "commit") throw new Error(`${id} is not a commit`);
  return parseCommit(found.content);
};

export const treesOf =
  (reader: Reader): LoadTree =>
  async (id): Promise<readonly TreeEntry[]> => {
    const found = await reader.read(id);
    if (found?.type !== "tree") throw new Error(`${id} is not a tree`);
    return parseTree(found.content);
  };

/** A path as CodeCommit takes it: no leading slash needed, no `.`, `..` or `.git` in it. */
export const checkPath = (path: string | undefined): string => {
  if (!path) throw raise(sdk.PathRequiredException, "A path is required.");
  const plain = path.replace(/^\/+/, "").replace(/\/+$/, "");
  const bad =
    plain.length > 4096 || plain.split("/").some((part) => part === "" || part === "." || part === ".." || part.toLowerCase() === ".git");
  if (bad || plain.includes("\0")) throw raise(sdk.InvalidPathException, `${path} is not a valid path.`);
  return plain;
};

export const tokenPage = <T>(items: readonly T[], nameOf: (item: T) => string, limit: number, token?: string): Page<T> => {
  try {
    return page(items, nameOf, limit, token);
  } catch (error) {
    if (error instanceof BadToken) throw raise(sdk.InvalidContinuationTokenException, "The continuation token is not valid.");
    throw error;
  }
};

/** Tokens that count, for lists whose order is not that of their names. */
export const offsetToken = (offset: number): string => Buffer.from(`o${offset}`).toString("base64url");
export const offsetOf = (token: string | undefined): number => {
  if (token === undefined) return 0;
  const match = /^o(\d{1,9})$/.exec(Buffer.from(token, "base64url").toString("latin1"));
  if (!match) throw raise(sdk.InvalidContinuationTokenException, "The continuation token is not valid.");
  return Number(match[1]);
};

export const checkMaxResults = (max: number | undefined, usual: number): number => {
  if (max !== undefined && max < 1) throw raise(sdk.InvalidMaxResultsException, "The maximum number of results must be at least 1.");
  return Math.min(max ?? usual, usual);
};
