/** Deployment packages unpacked, ready to be mounted: a cache in the service's folder, filled from the blobs. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Blobs } from "../../store/blobs.ts";
import type { Code } from "./records.ts";
import { unzip } from "./unzip.ts";

/** AWS's limit for code and layers together. */
export const maximumUnzipped = 262_144_000;

export interface Packages {
  /** The folder with these packages' content, one laid over the other. Throws `BadZip`. */
  folder(codes: readonly Code[]): Promise<string>;
  clear(): Promise<void>;
}

export const createPackages = (blobs: Blobs, folder: string): Packages => {
  const coming = new Map<string, Promise<string>>();
  const unpack = async (codes: readonly Code[], target: string): Promise<string> => {
    if (existsSync(target)) return target;
    const temporary = `${target}.${randomBytes(6).toString("hex")}`;
    try {
      await mkdir(temporary, { recursive: true });
      let room = maximumUnzipped;
      for (const code of codes) room -= await unzip(await blobs.path(code.blob), temporary, room);
      // Whoever renames first wins; the others' copies are the same.
      await rename(temporary, target).catch((error) => {
        if (!existsSync(target)) throw error;
      });
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return target;
  };
  return {
    folder(codes) {
      const name = createHash("sha256")
        .update(codes.map(({ sha256 }) => sha256).join("\n"))
        .digest("hex")
        .slice(0, 40);
      const known = coming.get(name);
      if (known) return known;
      const unpacked = unpack(codes, join(folder, name)).finally(() => coming.delete(name));
      coming.set(name, unpacked);
      return unpacked;
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  };
};
