/** Git's objects as bytes: reading and writing commits, trees and packs. No repository, no process. */
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";

export type ObjectType = "commit" | "tree" | "blob" | "tag";
export interface GitObject {
  readonly id: string;
  readonly type: ObjectType;
  readonly content: Buffer;
}

export const gitObject = (type: ObjectType, content: Buffer): GitObject => ({
  id: createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex"),
  type,
  content,
});

export interface TreeEntry {
  /** Octal, as stored: `100644`, `100755`, `120000`, `40000`, `160000`. */
  readonly mode: string;
  readonly name: string;
  readonly id: string;
}
export const isTree = (entry: Pick<TreeEntry, "mode">): boolean => entry.mode === "40000";
export const isSubmodule = (entry: Pick<TreeEntry, "mode">): boolean => entry.mode === "160000";

export const parseTree = (content: Buffer): TreeEntry[] => {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    entries.push({
      mode: content.toString("latin1", at, space).replace(/^0+/, ""),
      name: content.toString("utf8", space + 1, end),
      id: content.toString("hex", end + 1, end + 21),
    });
    at = end + 21;
  }
  return entries;
};

/** Git sorts by bytes, and a folder as if its name ended with a slash. */
const sortKey = (entry: TreeEntry) => Buffer.from(isTree(entry) ? `${entry.name}/` : entry.name);

export const treeObject = (entries: readonly TreeEntry[]): GitObject => {
  const sorted = entries.map((entry) => ({ entry, key: sortKey(entry) })).sort((a, b) => Buffer.compare(a.key, b.key));
  return gitObject(
    "tree",
    Buffer.concat(sorted.flatMap(({ entry }) => [Buffer.from(`${entry.mode} ${entry.name}\0`), Buffer.from(entry.id, "hex")])),
  );
};

export interface Person {
  readonly name: string;
  readonly email: string;
  /** As git keeps it: `1700000000 +0000`. */
  readonly date: string;
}
export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
  /** Headers beyond those above (a signature, an encoding), as they stand. */
  readonly additional: string;
}

const parsePerson = (text: string): Person => {
  const match = /^(.*?) ?<([^>]*)> ?(.*)$/.exec(text);
  return match ? { name: match[1], email: match[2], date: match[3] } : { name: text, email: "", date: "" };
};

export const parseCommit = (content: Buffer): Commit => {
  const text = content.toString("utf8");
  const end = text.indexOf("\n\n");
  const head = end < 0 ? text : text.slice(0, end);
  const nobody: Person = { name: "", email: "", date: "" };
  let [tree, author, committer] = ["", nobody, nobody];
  const parents: string[] = [];
  const additional: string[] = [];
  // A line that begins with a space belongs to the header above it.
  let inAdditional = false;
  for (const line of head.split("\n")) {
    const space = line.indexOf(" ");
    const key = line.slice(0, space);
    const value = line.slice(space + 1);
    if (key !== "") inAdditional = !["tree", "parent", "author", "committer"].includes(key);
    if (inAdditional) additional.push(line);
    else if (key === "tree") tree = value;
    else if (key === "parent") parents.push(value);
    else if (key === "author") author = parsePerson(value);
    else if (key === "committer") committer = parsePerson(value);
  }
  return { tree, parents, author, committer, message: end < 0 ? "" : text.slice(end + 2), additional: additional.join("\n") };
};

const clean = (text: string) => text.replace(/[<>\n\0]/g, "").trim();
const person = (of: Person) => `${clean(of.name)} <${clean(of.email)}> ${of.date}`;

export const commitObject = (of: Omit<Commit, "additional">): GitObject =>
  gitObject(
    "commit",
    Buffer.from(
      [
        `tree ${of.tree}`,
        ...of.parents.map((parent) => `parent ${parent}`),
        `author ${person(of.author)}`,
        `committer ${person(of.committer)}`,
        "",
        of.message,
      ].join("\n"),
    ),
  );

const packTypes: Record<ObjectType, number> = { commit: 1, tree: 2, blob: 3, tag: 4 };

const packHeader = (type: ObjectType, size: number): Buffer => {
  const bytes = [(packTypes[type] << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] |= 0x80;
    bytes.push(rest & 127);
  }
  return Buffer.from(bytes);
};

/** A pack of these objects, each once, without deltas. */
export const packOf = (objects: readonly GitObject[]): Buffer => {
  const unique = [...new Map(objects.map((object) => [object.id, object])).values()];
  const header = Buffer.alloc(12);
  header.write("PACK");
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(unique.length, 8);
  const body = Buffer.concat([
    header,
    ...unique.flatMap((object) => [packHeader(object.type, object.content.length), deflateSync(object.content)]),
  ]);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
};
