import type { Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import type { Cache } from "./cache.ts";
import { ownKey, type Pack, packs, type Repository } from "./records.ts";

/** What is left of a deleted repository: its packs, and the cache. */
export const discard =
  (context: Context, cache: Cache) =>
  async (task: Task): Promise<void> => {
    const repository = task.payload as Pick<Repository, "account" | "region" | "id">;
    const left = await context.store.read((tx) => tx.list<Pack>(packs, { prefix: ownKey(repository) }));
    for (const { blob } of left) await context.blobs.delete(blob);
    await cache.forget(repository.id);
    await task.finish((tx) => tx.deleteAll(packs, ownKey(repository)));
  };

/** Packs that were joined into one. */
export const release =
  (context: Context) =>
  async (task: Task): Promise<void> => {
    for (const blob of (task.payload as { blobs: string[] }).blobs) await context.blobs.delete(blob);
  };
