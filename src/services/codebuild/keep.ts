/** Brings a build's cache back before its commands, and saves it after. A cache that is not there, or not to be had, fails no build. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Aws } from "../../aws/aws.ts";
import type { Engine, Mount } from "../../engines/engine.ts";
import type { Buildspec } from "./buildspec.ts";
import { cacheName, cachedFiles, findCache, packCache, shelfOf, unpackCache } from "./cache.ts";
import { limitsOf } from "./declaration.ts";
import type { Plan } from "./prepare.ts";
import type { Build } from "./records.ts";
import { cacheMounts, insideOf, sourceFolder, type Workspace } from "./workspace.ts";

interface Keeping {
  readonly engine: Engine;
  readonly build: Build;
  readonly aws: Aws;
  /** The service's own. */
  readonly folder: string;
  say(text: string): void;
}

/** What the shell makes of the keys, in a container of its own: the build's has not begun. */
const evaluate = async (
  { engine, build }: Keeping,
  expressions: readonly string[],
  environment: Readonly<Record<string, string>>,
  mounts: readonly Mount[],
): Promise<string[]> => {
  if (!expressions.some((text) => /[$`\\]/.test(text))) return [...expressions];
  const command = expressions.map((text) => `printf '%s\\036' "${text.replaceAll('"', '\\"')}"`).join("; ");
  const container = await engine.start({
    id: `key-${build.uuid}`,
    image: build.engineImage,
    command: ["/bin/sh", "-c", command],
    environment,
    folder: sourceFolder(),
    mounts,
    limits: { ...limitsOf(build.environment.computeType), seconds: 60 },
    privileged: false,
    diesWithServer: true,
  });
  try {
    let said = "";
    for await (const { bytes } of container.logs()) said += Buffer.from(bytes).toString();
    const exit = await container.wait();
    const values = said.split("\x1e").slice(0, -1);
    if (!("code" in exit) || exit.code !== 0 || values.length !== expressions.length) throw new Error("the cache key cannot be evaluated");
    return values.map((value) => value.trim());
  } finally {
    await container.remove();
  }
};

export const restoreCache = async (
  keeping: Keeping,
  workspace: Workspace,
  mounts: readonly Mount[],
  { cache }: Buildspec,
  environment: Readonly<Record<string, string>>,
): Promise<{ key?: string; digest?: string; mounts: readonly Mount[] }> => {
  const { build, aws, folder, say } = keeping;
  if (build.cache.type === "LOCAL")
    for (const mode of build.cache.modes ?? []) if (mode !== "LOCAL_CUSTOM_CACHE") say(`The cache mode ${mode} has no effect here`);
  const shelf = shelfOf(build, aws, folder);
  if (!shelf) return { mounts };
  const paths = cache?.paths ?? [];
  if (!cache || paths.length === 0) {
    say("Unable to initialize cache download: no paths specified to be cached");
    return { mounts };
  }
  const all = [...mounts, ...(await cacheMounts(workspace, paths))];
  try {
    const [key, ...fallbacks] =
      cache.key === undefined ? [] : await evaluate(keeping, [cache.key, ...cache.fallbackKeys], environment, all);
    const found = cache.restore ? await findCache(shelf, paths, key, fallbacks) : undefined;
    if (!found) {
      say("No cache archive found");
      return { key, mounts: all };
    }
    await unpackCache(found.body, workspace.files);
    const { names, digest } = await cachedFiles(insideOf(all), paths, workspace.files);
    say(`Cache restored: ${names.length} file(s) from ${found.name}`);
    // A fallback's content is saved under the new key even when nothing changes.
    return { key, digest: found.name === `${cacheName(paths, key)}.tar` ? digest : undefined, mounts: all };
  } catch (error) {
    say(`Unable to download cache: ${(error as Error).message}`);
    return { mounts: all };
  }
};

export const saveCache = async (keeping: Keeping, plan: Plan, files: string, out: string): Promise<void> => {
  const { build, aws, folder, say } = keeping;
  const { cache } = plan.spec;
  const shelf = shelfOf(build, aws, folder);
  if (!shelf || !cache || cache.paths.length === 0 || !cache.save) return;
  if (cache.key !== undefined && plan.cacheKey === undefined) return;
  const file = join(out, "cache.tar");
  try {
    for (const path of cache.paths) say(`Expanding cache path ${path}`);
    const { names, digest } = await cachedFiles(insideOf(plan.mounts), cache.paths, files);
    if (names.length === 0) return say("No files to cache");
    const name = `${cacheName(cache.paths, plan.cacheKey)}.tar`;
    if (digest === plan.cacheDigest) return say("The cache is unchanged");
    // What stands under a key is never changed.
    if (plan.cacheKey !== undefined && (await shelf.has(name))) return say(`The cache ${plan.cacheKey} is already saved`);
    await packCache(files, names, file);
    await shelf.put(name, file);
    say(`Cache saved: ${names.length} file(s)`);
  } catch (error) {
    say(`Unable to upload cache: ${(error as Error).message}`);
  } finally {
    await rm(file, { force: true });
  }
};
