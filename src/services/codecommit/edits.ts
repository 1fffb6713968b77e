/** The rules of a commit made by API: what an input asks for, as edits of a tree, or CodeCommit's complaint about it. No effects. */
import * as sdk from "@aws-sdk/client-codecommit";
import { checkPath, raise } from "./lookups.ts";

export const fileLimit = 6 * 1024 * 1024;
const totalLimit = 20 * 1024 * 1024;

export const modeOf = (name: string | undefined): string => {
  const mode = { NORMAL: "100644", EXECUTABLE: "100755", SYMLINK: "120000" }[name ?? "NORMAL"];
  if (!mode) throw raise(sdk.InvalidFileModeException, `${name} is not a file mode: NORMAL, EXECUTABLE or SYMLINK.`);
  return mode;
};
export const modeName = (mode: string): sdk.FileModeTypeEnum =>
  mode === "100755" ? "EXECUTABLE" : mode === "120000" ? "SYMLINK" : "NORMAL";

/** One wish about one path. */
export type Wish =
  | { readonly path: string; readonly put: Uint8Array; readonly mode: string }
  | { readonly path: string; readonly copyOf: string; readonly mode?: string }
  | { readonly path: string; readonly setMode: string }
  | { readonly path: string; readonly remove: true };

export interface CommitWishes {
  readonly putFiles?: readonly sdk.PutFileEntry[];
  readonly deleteFiles?: readonly sdk.DeleteFileEntry[];
  readonly setFileModes?: readonly sdk.SetFileModeEntry[];
}

export const wishesOf = ({ putFiles = [], deleteFiles = [], setFileModes = [] }: CommitWishes): Wish[] => {
  const count = putFiles.length + deleteFiles.length + setFileModes.length;
  if (count === 0) throw raise(sdk.FileEntryRequiredException, "At least one file to put, to delete or to change the mode of is required.");
  if (count > 100) throw raise(sdk.MaximumFileEntriesExceededException, "A commit has at most 100 file entries.");
  const wishes: Wish[] = [];
  for (const entry of putFiles) {
    const path = checkPath(entry.filePath);
    if (entry.fileContent !== undefined && entry.sourceFile !== undefined)
      throw raise(sdk.FileContentAndSourceFileSpecifiedException, `${path}: give either its content or a source file.`);
    if (entry.fileContent !== undefined) wishes.push({ path, put: checkSize(path, entry.fileContent), mode: modeOf(entry.fileMode) });
    else if (entry.sourceFile !== undefined) {
      const source = checkPath(entry.sourceFile.filePath);
      if (source.split("/").pop() === ".gitkeep") throw raise(sdk.RestrictedSourceFileException, `${source} cannot be copied or moved.`);
      wishes.push({ path, copyOf: source, ...(entry.fileMode === undefined ? {} : { mode: modeOf(entry.fileMode) }) });
      if (entry.sourceFile.isMove) wishes.push({ path: source, remove: true });
    } else throw raise(sdk.SourceFileOrContentRequiredException, `${path}: give its content or a source file.`);
  }
  for (const entry of deleteFiles) wishes.push({ path: checkPath(entry.filePath), remove: true });
  for (const entry of setFileModes) {
    if (!entry.fileMode) throw raise(sdk.FileModeRequiredException, `${entry.filePath}: a file mode is required.`);
    wishes.push({ path: checkPath(entry.filePath), setMode: modeOf(entry.fileMode) });
  }
  checkTogether(wishes);
  return wishes;
};

const checkTogether = (wishes: readonly Wish[]) => {
  const seen = new Set<string>();
  for (const { path } of wishes) {
    if (seen.has(path)) throw raise(sdk.SamePathRequestException, `More than one change is asked of ${path}.`);
    seen.add(path);
  }
  const written = wishes.filter((wish) => !("remove" in wish)).map(({ path }) => path);
  for (const path of written) {
    const parts = path.split("/");
    const folder = parts.map((_, index) => parts.slice(0, index).join("/")).find((above) => above !== "" && written.includes(above));
    if (folder !== undefined) throw raise(sdk.PutFileEntryConflictException, `${folder} cannot be both a file and a folder.`);
  }
  const total = wishes.reduce((sum, wish) => sum + ("put" in wish ? wish.put.length : 0), 0);
  if (total > totalLimit) throw raise(sdk.FolderContentSizeLimitExceededException, "The files of a commit have at most 20 MB in all.");
};

export const checkSize = (path: string, content: Uint8Array): Uint8Array => {
  if (content.length > fileLimit) throw raise(sdk.FileContentSizeLimitExceededException, `${path} has more than 6 MB; push it with git.`);
  return content;
};

export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly message: string;
}
/** Who a commit is said to be by, and what it says; `usual` where the input leaves it open. */
export const checkSignature = (
  given: { name?: string; email?: string; message?: string },
  usual: { name: string; message: string },
): Signature => {
  if ((given.name ?? "").length > 256) throw raise(sdk.NameLengthExceededException, "An author's name has at most 256 characters.");
  if (given.email && (given.email.length > 256 || /[<>\n]/.test(given.email)))
    throw raise(sdk.InvalidEmailException, `${given.email} is not a valid e-mail address.`);
  if (Buffer.byteLength(given.message ?? "") > 256 * 1024)
    throw raise(sdk.CommitMessageLengthExceededException, "A commit message has at most 256 KB.");
  return { name: given.name || usual.name, email: given.email ?? "", message: given.message || usual.message };
};

/** `arn:aws:iam::1:user/path/ann` → ann; `arn:aws:sts::1:assumed-role/role/session` → session; root → root. */
export const nameInArn = (arn: string): string => arn.split(/[/:]/).pop() || arn;
