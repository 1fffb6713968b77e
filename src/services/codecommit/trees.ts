/** The pure core of file changes: what a folder tree becomes by edits, and in what two trees differ. Trees are loaded one by one, as they are needed. */
import { type GitObject, gitObject, isSubmodule, isTree, type TreeEntry, treeObject } from "./objects.ts";

export type LoadTree = (id: string) => Promise<readonly TreeEntry[]>;
/** A file as a tree names it. */
export interface FileAt {
  readonly mode: string;
  readonly id: string;
}
export interface Edit {
  readonly path: string;
  /** What stands there afterwards; undefined: nothing. */
  readonly file: FileAt | undefined;
}
export type ConflictKind = "file-is-folder" | "folder-is-file" | "folder-is-submodule" | "missing";
export class TreeConflict extends Error {
  readonly kind: ConflictKind;
  readonly path: string;
  constructor(kind: ConflictKind, path: string) {
    super(`${kind}: ${path}`);
    this.kind = kind;
    this.path = path;
  }
}

export const emptyTree = treeObject([]);
const keepFile = gitObject("blob", Buffer.alloc(0));

/** The entry at that path below a tree. */
export const findEntry = async (load: LoadTree, tree: string, path: string): Promise<TreeEntry | undefined> => {
  let entry: TreeEntry = { mode: "40000", name: "", id: tree };
  for (const part of path.split("/").filter(Boolean)) {
    if (!isTree(entry)) return undefined;
    const next = (await load(entry.id)).find(({ name }) => name === part);
    if (!next) return undefined;
    entry = next;
  }
  return entry;
};

/** The tree after these edits (at most one a path), with every object that is new in it. */
export const editTree = async (
  load: LoadTree,
  root: string | undefined,
  edits: readonly Edit[],
  keepEmptyFolders = false,
): Promise<{ tree: string; objects: GitObject[] }> => {
  const objects: GitObject[] = [];
  const place = (entries: readonly TreeEntry[]): string => {
    const tree = treeObject(entries);
    objects.push(tree);
    return tree.id;
  };
  const edited = async (id: string | undefined, within: readonly Edit[], depth: number): Promise<readonly TreeEntry[]> => {
    const entries = new Map((id === undefined ? [] : await load(id)).map((entry) => [entry.name, entry]));
    const deeper = new Map<string, Edit[]>();
    // Deletions first, so that a file can make way for a folder of its name.
    for (const edit of [...within].sort((a, b) => Number(a.file !== undefined) - Number(b.file !== undefined))) {
      const parts = edit.path.split("/");
      const name = parts[depth];
      if (parts.length > depth + 1) {
        deeper.set(name, [...(deeper.get(name) ?? []), edit]);
        continue;
      }
      const there = entries.get(name);
      if (edit.file === undefined) {
        if (!there || isTree(there)) throw new TreeConflict("missing", edit.path);
        entries.delete(name);
      } else {
        if (there && isTree(there)) throw new TreeConflict("file-is-folder", edit.path);
        entries.set(name, { name, ...edit.file });
      }
    }
    for (const [name, below] of deeper) {
      const there = entries.get(name);
      const adds = below.find((edit) => edit.file !== undefined);
      if (there && !isTree(there)) {
        if (!adds) throw new TreeConflict("missing", below[0].path);
        throw new TreeConflict(isSubmodule(there) ? "folder-is-submodule" : "folder-is-file", adds.path);
      }
      const children = await edited(there?.id, below, depth + 1);
      if (children.length > 0) entries.set(name, { name, mode: "40000", id: place(children) });
      else if (keepEmptyFolders) {
        objects.push(keepFile);
        entries.set(name, { name, mode: "40000", id: place([{ name: ".gitkeep", mode: "100644", id: keepFile.id }]) });
      } else entries.delete(name);
    }
    return [...entries.values()];
  };
  return { tree: place(await edited(root, edits, 0)), objects };
};

export interface Change {
  readonly path: string;
  readonly before?: FileAt;
  readonly after?: FileAt;
}

/** Every file that is not the same in both, in the order of the trees. A side that is undefined is empty. */
export async function* diffTrees(
  load: LoadTree,
  before: string | undefined,
  after: string | undefined,
  below = "",
): AsyncGenerator<Change> {
  if (before === after) return;
  const old = new Map((before === undefined ? [] : await load(before)).map((entry) => [entry.name, entry]));
  const young = new Map((after === undefined ? [] : await load(after)).map((entry) => [entry.name, entry]));
  for (const name of [...new Set([...old.keys(), ...young.keys()])].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
    yield* diffEntries(load, old.get(name), young.get(name), below + name);
  }
}

/** The same for two entries that stand at one path. */
export async function* diffEntries(
  load: LoadTree,
  before: TreeEntry | undefined,
  after: TreeEntry | undefined,
  path: string,
): AsyncGenerator<Change> {
  if (before && after && before.id === after.id && before.mode === after.mode) return;
  const file = (entry: TreeEntry | undefined): FileAt | undefined =>
    entry && !isTree(entry) ? { mode: entry.mode, id: entry.id } : undefined;
  const folder = (entry: TreeEntry | undefined) => (entry && isTree(entry) ? entry.id : undefined);
  const [oldFile, youngFile] = [file(before), file(after)];
  if (oldFile || youngFile) yield { path, ...(oldFile && { before: oldFile }), ...(youngFile && { after: youngFile }) };
  yield* diffTrees(load, folder(before), folder(after), path === "" ? "" : `${path}/`);
}
