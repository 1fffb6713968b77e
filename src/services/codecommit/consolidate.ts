/** Joins a repository's many small packs into one. Every object stays, reachable or not: what is admitted later may refer to it. */
import { createReadStream } from "node:fs";
import { rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { LeaseLost, type Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import { manyPacks } from "./admit.ts";
import type { Cache } from "./cache.ts";
import { mustGit } from "./git.ts";
import { ownKey, type Pack, packs, type Repository, repositories, repositoryKey } from "./records.ts";

/** Other replicas may be fetching the old packs. */
const releaseAfterMilliseconds = 3_600_000;

export const consolidate =
  (context: Context, cache: Cache) =>
  async (task: Task): Promise<void> => {
    const { account, region, name, id } = task.payload as Pick<Repository, "account" | "region" | "name" | "id">;
    const repository = await context.store.read((tx) => tx.get(repositories, repositoryKey({ account, region }, name)));
    if (repository?.id !== id || repository.packs <= manyPacks) return;
    const old = await context.store.read((tx) => tx.entries<Pack>(packs, { prefix: ownKey(repository) }));
    const hashes = old.map(({ key }) => key[3]);
    const dir = await cache.fresh(repository);
    const folder = await cache.incoming();
    try {
      const stdin = `${hashes.map((hash) => `pack-${hash}.pack`).join("\n")}\n`;
      const said = await mustGit(["pack-objects", "--quiet", "--stdin-packs", join(folder, "pack", "pack")], { dir, stdin });
      const hash = said.toString("latin1").trim();
      if (!/^[0-9a-f]{40}$/.test(hash)) throw new Error(`git pack-objects answered ${said}`);
      const blob = await context.blobs.put(createReadStream(join(folder, "pack", `pack-${hash}.pack`), { highWaterMark: 1 << 18 }));
      // The cache leaves young packs alone: whoever reads from these may finish.
      const now = new Date();
      for (const each of hashes) await utimes(join(dir, "objects", "pack", `pack-${each}.idx`), now, now).catch(() => {});
      let used = false;
      const commit = () =>
        task.finish(async (tx) => {
          used = false;
          const current = await tx.get(repositories, repositoryKey(repository, repository.name));
          if (current?.id !== id) return undefined;
          for (const each of hashes) await tx.delete(packs, ownKey(current, each));
          await tx.put<Pack>(packs, ownKey(current, hash), { blob: blob.id, size: blob.size });
          const next: Repository = { ...current, packs: current.packs - hashes.length + 1, generation: current.generation + 1 };
          await tx.put(repositories, repositoryKey(current, current.name), next);
          const at = new Date(context.clock.now().getTime() + releaseAfterMilliseconds);
          await tx.later({ name: "codecommit.release", payload: { blobs: old.map(({ value }) => value.blob) }, at });
          used = true;
          return next;
        });
      try {
        await cache.follow(repository, commit, { folder, hash });
      } catch (error) {
        // Any other error leaves open whether it was committed.
        if (error instanceof LeaseLost) await context.blobs.delete(blob.id);
        throw error;
      }
      if (!used) await context.blobs.delete(blob.id);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
