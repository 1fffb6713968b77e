/** The rules of references, without a repository at hand. */

export const noObject = "0".repeat(40);
export const isObjectId = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

/** As `git check-ref-format` decides, for full names below `refs/`. */
export const isRefName = (name: string): boolean =>
  name.startsWith("refs/") &&
  name.split("/").length >= 3 &&
  name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock")) &&
  !name.includes("..") &&
  !name.includes("@{") &&
  !name.endsWith(".") &&
  !/[\x00-\x20\x7f~^:?*[\\]/.test(name);

/** A branch name as CodeCommit takes it: short, 1 to 256 characters. */
export const isBranchName = (name: string): boolean =>
  name.length <= 256 && !name.startsWith("-") && name !== "HEAD" && !isObjectId(name) && isRefName(`refs/heads/${name}`);

export const heads = "refs/heads/";
export const tags = "refs/tags/";
export const branchRef = (branch: string): string => heads + branch;

/** `a` and `a/b` cannot both be references, since clients keep them as files. Returns the names that must not exist beside this one. */
export const parentsOf = (name: string): string[] => {
  const parts = name.split("/");
  return parts.slice(3).map((_, index) => parts.slice(0, index + 3).join("/"));
};

/** The branch that becomes the default one when a repository without one gets its first branches. */
export const firstDefault = (created: readonly string[]): string | undefined =>
  ["main", "master"].find((name) => created.includes(name)) ?? created[0];
