/** Deployment packages unpacked, ready to be mounted: a cache in the service's folder, filled from the blobs, gone with the process. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Blobs } from "../../store/blobs.ts";
import type { Code } from "./records.ts";
import { unzip } from "./unzip.ts";

/** AWS's limit for code and layers together. */
export const maximumUnzipped = 262_144_000;
/** So many folders that nobody holds are kept for the next start. */
const kept = 24;

export interface Held {
  readonly folder: string;
  /** Safe to repeat. */
  release(): void;
}
export interface Packages {
  /** The folder with these packages' content, one laid over the other, until released. Throws `BadZip`. */
  hold(codes: readonly Code[]): Promise<Held>;
  clear(): Promise<void>;
}

interface Shelf {
  readonly ready: Promise<string>;
  holders: number;
}

export const createPackages = (blobs: Blobs, folder: string): Packages => {
  /** The longest unused first. */
  const shelves = new Map<string, Shelf>();
  const unpack = async (codes: readonly Code[], name: string): Promise<string> => {
    const target = join(folder, name);
    const temporary = `${target}.${randomBytes(6).toString("hex")}`;
    try {
      await mkdir(temporary, { recursive: true });
      let room = maximumUnzipped;
      for (const code of codes) room -= await unzip(await blobs.path(code.blob), temporary, room);
      await rm(target, { recursive: true, force: true });
      await rename(temporary, target);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return target;
  };
  const discard = (name: string) => {
    shelves.delete(name);
    const gone = join(folder, `${name}.${randomBytes(6).toString("hex")}`);
    void rename(join(folder, name), gone)
      .then(() => rm(gone, { recursive: true, force: true }))
      .catch(() => {});
  };
  const tidy = () => {
    const unheld = [...shelves].filter(([, { holders }]) => holders === 0);
    for (const [name] of unheld.slice(0, Math.max(0, unheld.length - kept))) discard(name);
  };
  return {
    async hold(codes) {
      const name = createHash("sha256")
        .update(codes.map(({ sha256 }) => sha256).join("\n"))
        .digest("hex")
        .slice(0, 40);
      const shelf = shelves.get(name) ?? { ready: unpack(codes, name), holders: 0 };
      shelves.delete(name);
      shelves.set(name, shelf);
      shelf.holders++;
      let released = false;
      const release = () => {
        if (released) return;
        released = true;
        shelf.holders--;
        tidy();
      };
      try {
        return { folder: await shelf.ready, release };
      } catch (error) {
        release();
        if (shelves.get(name) === shelf) shelves.delete(name);
        throw error;
      }
    },
    async clear() {
      shelves.clear();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
