/** Which files an artifact is made of. */
import type { ArtifactSpec } from "./buildspec.ts";
import { globPattern, isGlob, literalPrefix, plainPath } from "./glob.ts";
import type { Inside, Walked } from "./inside.ts";

export class ArtifactError extends Error {}

export interface Member {
  /** In the artifact. */
  readonly name: string;
  readonly host: string;
  readonly mode: number;
  readonly modified: Date;
  readonly size: number;
  readonly link?: string;
}

const foldersOf = async (inside: Inside, source: string, base: string | undefined): Promise<string[]> => {
  const wanted =
    base === undefined ? source : base.startsWith("/") ? `/${plainPath(base).replace(/^\//, "")}` : `${source}/${plainPath(base)}`;
  if (!isGlob(wanted)) return (await inside.resolve(wanted))?.stats.isDirectory() ? [wanted] : [];
  const pattern = globPattern(wanted);
  const found = new Set<string>();
  const top = literalPrefix(wanted);
  for await (const file of inside.walk(top)) {
    const parts = `${top}/${file.name}`.split("/");
    for (let depth = top.split("/").length + 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join("/");
      if (pattern.test(folder)) found.add(folder);
    }
  }
  return [...found];
};

/** In the order of their names. Throws `ArtifactError` when there are none. */
export const artifactFiles = async (inside: Inside, source: string, spec: ArtifactSpec): Promise<Member[]> => {
  const folders = await foldersOf(inside, source, spec.baseDirectory);
  if (folders.length === 0) throw new ArtifactError(`no matching base directory path found for ${spec.baseDirectory ?? source}`);
  const excluded = spec.excludePaths.map((path) => globPattern(plainPath(path)));
  const members = new Map<string, Member>();
  const add = (name: string, file: Omit<Walked, "name">) => {
    if (excluded.some((pattern) => pattern.test(name))) return;
    const plain = name
      .split("/")
      .filter((part) => part !== "..")
      .join("/")
      .replace(/^\/+/, "");
    const final = spec.discardPaths ? (plain.split("/").at(-1) as string) : plain;
    members.set(final, {
      name: final,
      host: file.host,
      mode: file.stats.mode,
      modified: file.stats.mtime,
      size: file.stats.size,
      link: file.link,
    });
  };
  for (const folder of folders) {
    const below = folder === "/" ? "" : folder;
    for (const glob of spec.files) {
      const absolute = glob.startsWith("/");
      const plain = plainPath(glob);
      if (!isGlob(plain)) {
        const found = await inside.resolve(absolute ? plain : `${below}/${plain}`);
        if (found?.stats.isFile()) add(plain, found);
        else if (found?.stats.isDirectory())
          for await (const file of inside.walk(found.path, spec.enableSymlinks)) add(`${plain}/${file.name}`.replace(/^\//, ""), file);
        continue;
      }
      const pattern = globPattern(plain);
      const prefix = literalPrefix(plain);
      const top = absolute ? prefix || "/" : prefix === "" ? folder : `${below}/${prefix}`;
      for await (const file of inside.walk(top, spec.enableSymlinks)) {
        const name = prefix === "" ? file.name : `${prefix}/${file.name}`;
        if (pattern.test(name)) add(name, file);
      }
    }
  }
  if (members.size === 0) throw new ArtifactError("no matching artifact paths found");
  return [...members.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
};
