import type * as sdk from "@aws-sdk/client-lambda";
import { randomUUID } from "node:crypto";
import type { Handlers } from "../../protocols/operations.ts";
import type { Collection } from "../../store/store.ts";
import { discardLater, takeCode } from "./codes.ts";
import { begin, fingerprintOf, refuse } from "./configuration.ts";
import { runtimeCache, runtimeFor } from "./deployments.ts";
import { conflict, functionNotFound, invalid } from "./errors.ts";
import { layersOf } from "./layer-uses.ts";
import { codeLink } from "./links.ts";
import { functionOf, paged, target, versionOf } from "./lookups.ts";
import { functionArn, isVersion, versionKey } from "./names.ts";
import { aliases, deliveries, functions, policies, type StoredFunction, urlIds, urls, type Version, versions } from "./records.ts";
import { checkRole } from "./roles.ts";
import { RuntimeMissing } from "./runtimes/runtime.ts";
import { configurationShape } from "./shapes.ts";
import { publish } from "./versions.ts";
import type { World } from "./world.ts";

/** Throws unless this machine can run such a function. */
export const checkRuntime = async (runtime: string): Promise<void> => {
  await runtimeFor(runtime)
    .check(runtime)
    .catch((error) => {
      throw error instanceof RuntimeMissing ? invalid(error.message) : error;
    });
};

export const functionOperations = (world: World): Handlers<typeof sdk> => {
  const { context } = world;
  const { store } = context;
  /** So that the first call need not wait for it; what goes wrong here goes wrong there again. */
  const prepare = async (runtime: string) =>
    runtimeFor(runtime)
      .prepare?.(runtime, await runtimeCache(context))
      .catch(() => {});
  return {
    async CreateFunction(input, call) {
      const { name, qualifier } = target(call, input.FunctionName);
      if (qualifier !== undefined) throw invalid("A function is created without a qualifier.");
      refuse(input);
      const key = [call.account, call.region, name];
      const exists = () => conflict(`Function already exist: ${name}`);
      const layers = await layersOf(world, call, input.Layers);
      const configuration = begin(name, { ...input, Role: input.Role as string }, layers ?? []);
      if (await store.read((tx) => tx.get(functions, key))) throw exists();
      await checkRuntime(configuration.runtime);
      await checkRole(context.aws, call, configuration.role);
      const code = await takeCode(world, call, input.Code ?? {});
      const stored: StoredFunction = {
        name,
        version: "$LATEST",
        configuration,
        code,
        lastModified: context.clock.now().toISOString(),
        revisionId: randomUUID(),
        fingerprint: fingerprintOf(configuration, code),
        incarnation: randomUUID(),
        published: 0,
        tags: { ...input.Tags },
      };
      const created = await store.write(async (tx): Promise<Version | undefined> => {
        if (!(await tx.create(functions, key, stored))) return undefined;
        return input.Publish ? publish(tx, call, stored) : stored;
      });
      if (!created) {
        await context.blobs.delete(code.blob);
        throw exists();
      }
      void prepare(configuration.runtime);
      return { ...configurationShape(call, created), $metadata: { httpStatusCode: 201 } };
    },

    async GetFunction(input, call) {
      const wanted = target(call, input.FunctionName, input.Qualifier);
      const found = await store.read((tx) => versionOf(tx, call, wanted));
      const { tags, reservedConcurrency } = found.function;
      return {
        Configuration: configurationShape(call, found.version, wanted.qualifier),
        Code: { RepositoryType: "S3", Location: await codeLink(context, call, call.endpoint, found.version.code.blob) },
        Tags: Object.keys(tags).length > 0 ? { ...tags } : undefined,
        Concurrency: reservedConcurrency === undefined ? undefined : { ReservedConcurrentExecutions: reservedConcurrency },
      };
    },

    async GetFunctionConfiguration(input, call) {
      const wanted = target(call, input.FunctionName, input.Qualifier);
      const { version } = await store.read((tx) => versionOf(tx, call, wanted));
      return configurationShape(call, version, wanted.qualifier);
    },

    async ListFunctions(input, call) {
      const prefix = [call.account, call.region];
      if (input.FunctionVersion !== "ALL") {
        const { items, NextMarker } = paged(await store.read((tx) => tx.list(functions, { prefix })), ({ name }) => name, input);
        return { Functions: items.map((stored) => configurationShape(call, stored)), NextMarker };
      }
      const all = await store.read(
        async (tx): Promise<Version[]> => [...(await tx.list(functions, { prefix })), ...(await tx.list(versions, { prefix }))],
      );
      const orderOf = ({ name, version }: Version) => `${name}\n${version === "$LATEST" ? "" : versionKey(version)}`;
      const { items, NextMarker } = paged(all, orderOf, input);
      return { Functions: items.map((version) => configurationShape(call, version, version.version)), NextMarker };
    },

    async DeleteFunction(input, call) {
      const { name, qualifier } = target(call, input.FunctionName, input.Qualifier);
      const key = [call.account, call.region, name];
      if (qualifier === "$LATEST") throw invalid("$LATEST version cannot be deleted without deleting the function.");
      if (qualifier !== undefined && !isVersion(qualifier))
        throw invalid("Deletion of aliases is not currently supported. Use DeleteAlias.");
      await store.write(async (tx) => {
        const stored = await functionOf(tx, call, { name });
        if (qualifier !== undefined) {
          const version = await tx.get(versions, [...key, versionKey(qualifier)]);
          if (!version) throw functionNotFound(functionArn(call, name, qualifier));
          const using = (await tx.list(aliases, { prefix: key })).filter(
            (alias) => alias.version === qualifier || alias.weights[qualifier] !== undefined,
          );
          if (using.length > 0)
            throw conflict(
              `Version ${qualifier} is currently referenced by one or more aliases: ${using.map((alias) => functionArn(call, name, alias.name)).join(", ")}`,
            );
          await tx.delete(versions, [...key, versionKey(qualifier)]);
          await tx.delete(policies, [...key, qualifier]);
          await tx.delete(deliveries, [...key, qualifier]);
          return discardLater(tx, call, [version.code, ...version.configuration.layers.map(({ code }) => code)]);
        }
        const all: Version[] = [stored, ...(await tx.list(versions, { prefix: key }))];
        for (const { id } of await tx.list(urls, { prefix: key })) await tx.delete(urlIds, [id]);
        await tx.delete(functions, key);
        for (const collection of [versions, aliases, policies, urls, deliveries] as Collection<unknown>[])
          await tx.deleteAll(collection, key);
        await discardLater(
          tx,
          call,
          all.flatMap(({ code, configuration }) => [code, ...configuration.layers.map((layer) => layer.code)]),
        );
      });
      void world.fleet.retire(
        ({ account, region, version }) =>
          account === call.account &&
          region === call.region &&
          version.name === name &&
          (qualifier === undefined || version.version === qualifier),
      );
      return { StatusCode: 204, $metadata: { httpStatusCode: 204 } };
    },
  };
};
