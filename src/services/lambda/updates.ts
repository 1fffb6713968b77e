import type * as sdk from "@aws-sdk/client-lambda";
import { randomUUID } from "node:crypto";
import type { Handlers } from "../../protocols/operations.ts";
import type { Call } from "../service.ts";
import { discardLater, takeCode } from "./codes.ts";
import { change, fingerprintOf, refuse } from "./configuration.ts";
import { invalid } from "./errors.ts";
import { checkRuntime } from "./functions.ts";
import { layersOf } from "./layer-uses.ts";
import { checkRevision, functionOf, target } from "./lookups.ts";
import { type Configuration, functions, type StoredFunction, urls, type Version } from "./records.ts";
import { checkRole } from "./roles.ts";
import { configurationShape } from "./shapes.ts";
import { publish } from "./versions.ts";
import { deploymentOf, type World } from "./world.ts";

export const updateOperations = (world: World): Handlers<typeof sdk> => {
  const { context, fleet } = world;
  const { store, clock } = context;

  /** `$LATEST` is another now: its instances go, and who has it on a URL finds a new one ready. */
  const changed = async (call: Call, stored: StoredFunction) => {
    void fleet.retire(
      ({ account, region, version }) =>
        account === call.account &&
        region === call.region &&
        version.name === stored.name &&
        version.version === "$LATEST" &&
        version.fingerprint !== stored.fingerprint,
    );
    if (await store.read((tx) => tx.get(urls, [call.account, call.region, stored.name, ""])))
      fleet.warm(deploymentOf(call, stored, stored));
  };
  const next = (stored: StoredFunction, part: Partial<Pick<StoredFunction, "code" | "configuration">>): StoredFunction => {
    const merged = { ...stored, ...part };
    return {
      ...merged,
      lastModified: clock.now().toISOString(),
      revisionId: randomUUID(),
      fingerprint: fingerprintOf(merged.configuration, merged.code),
    };
  };

  return {
    async UpdateFunctionCode(input, call) {
      const wanted = target(call, input.FunctionName);
      const before = await store.read((tx) => functionOf(tx, call, wanted));
      checkRevision(input.RevisionId, before);
      refuse(input);
      if ((input.Architectures ?? []).length > 1) throw invalid("A function has one architecture.");
      const code = await takeCode(world, call, input);
      const updated = (stored: StoredFunction) =>
        next(stored, {
          code,
          configuration: { ...stored.configuration, architecture: input.Architectures?.[0] ?? stored.configuration.architecture },
        });
      if (input.DryRun) {
        await context.blobs.delete(code.blob);
        return configurationShape(call, updated(before));
      }
      let stored: StoredFunction;
      let version: Version;
      try {
        [stored, version] = await store.write(async (tx): Promise<[StoredFunction, Version]> => {
          const now = await functionOf(tx, call, wanted);
          checkRevision(input.RevisionId, now);
          const after = updated(now);
          await tx.put(functions, [call.account, call.region, now.name], after);
          await discardLater(tx, call, [now.code]);
          return [after, input.Publish ? await publish(tx, call, after) : after];
        });
      } catch (error) {
        await context.blobs.delete(code.blob);
        throw error;
      }
      await changed(call, stored);
      return configurationShape(call, version, version === stored ? undefined : version.version);
    },

    async UpdateFunctionConfiguration(input, call) {
      const wanted = target(call, input.FunctionName);
      const before = await store.read((tx) => functionOf(tx, call, wanted));
      const layers = await layersOf(world, call, input.Layers);
      const changeOf = (configuration: Configuration) => change(configuration, input, layers);
      const preview = changeOf(before.configuration);
      if (preview.runtime !== before.configuration.runtime) await checkRuntime(preview.runtime);
      if (preview.role !== before.configuration.role) await checkRole(context.aws, call, preview.role);
      const stored = await store.write(async (tx) => {
        const now = await functionOf(tx, call, wanted);
        checkRevision(input.RevisionId, now);
        const after = next(now, { configuration: changeOf(now.configuration) });
        await tx.put(functions, [call.account, call.region, now.name], after);
        if (layers)
          await discardLater(
            tx,
            call,
            now.configuration.layers.map(({ code }) => code),
          );
        return after;
      });
      await changed(call, stored);
      return configurationShape(call, stored);
    },
  };
};
