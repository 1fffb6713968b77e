/** A container's files seen from this machine. Links are followed as the container would, so that none leads to this machine's own files. */
import type { Stats } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";

export interface Seen {
  readonly from: string;
  readonly to: string;
}
export interface Found {
  /** As the container names it, without links. */
  readonly path: string;
  /** Where it lies on this machine, without links below the mount. */
  readonly host: string;
  readonly stats: Stats;
}
export interface Walked extends Found {
  /** Relative to where the walk began, by the names met on the way. */
  readonly name: string;
  /** The target of a link that is kept, as written. */
  readonly link?: string;
}

const mostLinks = 40;

export const createInside = (mounts: readonly Seen[]) => {
  const hostOf = (path: string): string | undefined => {
    const [mount] = mounts.filter(({ to }) => path === to || path.startsWith(`${to}/`)).sort((a, b) => b.to.length - a.to.length);
    return mount && join(mount.from, path.slice(mount.to.length));
  };
  const isAboveMount = (path: string) => mounts.some(({ to }) => path === "/" || to.startsWith(`${path}/`));

  /** Undefined: there is no such file, or it lies where we do not see. */
  const resolve = async (path: string): Promise<Found | undefined> => {
    let rest = path.split("/").filter((part) => part !== "" && part !== ".");
    let at = "/";
    let links = 0;
    let last: Found | undefined;
    while (rest.length > 0) {
      const [part = "", ...more] = rest;
      rest = more;
      if (part === "..") {
        at = at.slice(0, at.lastIndexOf("/")) || "/";
        last = undefined;
        continue;
      }
      const next = at === "/" ? `/${part}` : `${at}/${part}`;
      const host = hostOf(next);
      if (host === undefined) {
        if (!isAboveMount(next)) return undefined;
        at = next;
        last = undefined;
        continue;
      }
      const stats = await lstat(host).catch(() => undefined);
      if (!stats) return undefined;
      if (stats.isSymbolicLink()) {
        if (++links > mostLinks) return undefined;
        const target = await readlink(host);
        if (target.startsWith("/")) at = "/";
        rest = [...target.split("/").filter((one) => one !== "" && one !== "."), ...rest];
        last = undefined;
        continue;
      }
      at = next;
      last = { path: next, host, stats };
    }
    if (last) return last;
    const host = hostOf(at);
    const stats = host === undefined ? undefined : await lstat(host).catch(() => undefined);
    return stats && { path: at, host: host as string, stats };
  };

  /** All files below a folder, in the order of their names. Links are followed, but not in circles; with `keepLinks`, those that stay below the folder are told as links. */
  async function* walk(folder: string, keepLinks = false): AsyncGenerator<Walked> {
    const top = await resolve(folder);
    if (!top?.stats.isDirectory()) return;
    const base = top.path;
    async function* below(found: Found, name: string, above: readonly string[]): AsyncGenerator<Walked> {
      const entries = await readdir(found.host, { withFileTypes: true });
      entries.sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const entry of entries) {
        const own = name === "" ? entry.name : `${name}/${entry.name}`;
        const path = `${found.path}/${entry.name}`;
        let child: Found | undefined;
        if (entry.isSymbolicLink()) {
          child = await resolve(path);
          const target = await readlink(join(found.host, entry.name));
          if (child && keepLinks && !target.startsWith("/") && (child.path === base || child.path.startsWith(`${base}/`))) {
            yield { ...child, name: own, link: target };
            continue;
          }
        } else if (entry.isDirectory() || entry.isFile()) {
          const host = join(found.host, entry.name);
          child = { path, host, stats: await lstat(host) };
        }
        if (!child) continue;
        if (child.stats.isFile()) yield { ...child, name: own };
        else if (child.stats.isDirectory() && !above.includes(child.path)) yield* below(child, own, [...above, child.path]);
      }
    }
    yield* below(top, "", [base]);
  }
  return { resolve, walk };
};
export type Inside = ReturnType<typeof createInside>;
