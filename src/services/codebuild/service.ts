import * as sdk from "@aws-sdk/client-codebuild";
import { readdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { operations } from "../../protocols/operations.ts";
import type { Context, Service } from "../service.ts";
import { announce } from "./announce.ts";
import { buildOperations } from "./builds.ts";
import { curatedPlatforms } from "./images.ts";
import { permissions } from "./permissions.ts";
import { projectOperations } from "./projects.ts";
import { containerId, live } from "./records.ts";
import { run } from "./run.ts";
import { createSignals, createSlots } from "./signals.ts";
import { sourceCredentialOperations } from "./source-credentials.ts";
import { createTools } from "./tools.ts";

/** More builds than this wait in QUEUED. */
const mostBuilds = Math.max(8, availableParallelism() * 4);

/** Projects and builds: a buildspec becomes one shell program in an environment that is thrown away. */
export const create = (context: Context): Service => {
  const signals = createSignals();
  const swept = sweep(context).catch((error) => context.log.error("cannot clear away what earlier builds left", error));
  const shop = { signals, slots: createSlots(mostBuilds), tools: createTools(join(context.folder, "tools")), swept };
  return {
    operations: operations(sdk)(projectOperations(context), buildOperations(context, signals), sourceCredentialOperations(context), {
      ListCuratedEnvironmentImages: async () => ({ platforms: curatedPlatforms(context.settings.images) }),
    }),
    permissions,
    tasks: { build: run(context, shop), announce: announce(context) },
    async reset() {
      await rm(join(context.folder, "caches"), { recursive: true, force: true });
    },
  };
};

/** Environments and folders of builds that have ended, or that nobody knows any more. */
const sweep = async ({ store, engine, folder }: Context): Promise<void> => {
  const alive = await store.read((tx) => tx.entries(live, { prefix: [] }));
  const uuids = new Set(alive.map(({ key }) => key.at(-1) as string));
  await engine.sweep(new Set([...uuids].map((uuid) => containerId({ uuid }))), "build-");
  await engine.sweep(new Set(), "key-");
  for (const name of await readdir(join(folder, "builds")).catch(() => []))
    if (!uuids.has(name)) await rm(join(folder, "builds", name), { recursive: true, force: true, maxRetries: 3 });
};
