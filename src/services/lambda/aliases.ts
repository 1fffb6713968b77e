import type * as sdk from "@aws-sdk/client-lambda";
import { randomUUID } from "node:crypto";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import type { Call } from "../service.ts";
import { conflict, invalid, notFound, validation } from "./errors.ts";
import { checkRevision, functionOf, numbered, paged, target } from "./lookups.ts";
import { functionArn, isVersion } from "./names.ts";
import { type Alias, aliases, deliveries, policies, type StoredFunction, urlIds, urls } from "./records.ts";
import { aliasShape } from "./shapes.ts";
import { deploymentOf, type Place, type World } from "./world.ts";

/** Which version an invocation of the alias runs; `chance` is from 0 up to, not including, 1. */
export const choose = ({ version, weights }: Pick<Alias, "version" | "weights">, chance: number): string => {
  let passed = 0;
  for (const [other, weight] of Object.entries(weights)) {
    passed += weight;
    if (chance < passed) return other;
  }
  return version;
};

const weightsOf = (routing: sdk.AliasRoutingConfiguration | undefined, version: string): Record<string, number> => {
  const weights = Object.entries(routing?.AdditionalVersionWeights ?? {});
  if (weights.length > 1) throw invalid("Number of items in AdditionalVersionWeights cannot be greater than 1");
  for (const [other, weight] of weights) {
    if (!(weight >= 0 && weight <= 1))
      throw validation(
        `Value '${weight}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0]`,
      );
    if (other === version)
      throw invalid(`Invalid function version ${other}. Function version ${other} is already included in routing configuration.`);
    if (other === "$LATEST" || version === "$LATEST")
      throw invalid("$LATEST is not supported for an alias pointing to more than 1 version");
  }
  return Object.fromEntries(weights);
};

export const aliasOperations = ({ context, fleet }: World): Handlers<typeof sdk> => {
  const { store } = context;
  const keyOf = (place: Place, name: string, alias: string) => [place.account, place.region, name, alias];
  const absent = (place: Place, name: string, alias: string) => notFound(`Cannot find alias arn: ${functionArn(place, name, alias)}`);

  /** Throws unless all versions exist; true where calls come in by a URL. */
  const check = async (tx: Reading, call: Call, stored: StoredFunction, { name, version, weights }: Alias) => {
    const [main] = await Promise.all([version, ...Object.keys(weights)].map((one) => numbered(tx, call, stored, one)));
    const url = await tx.get(urls, keyOf(call, stored.name, name));
    return url && main ? deploymentOf(call, stored, main) : undefined;
  };
  /** Who calls next finds an instance of the new version ready. */
  const warm = (deployment: Parameters<typeof fleet.warm>[0] | undefined) => deployment && fleet.warm(deployment);

  return {
    async CreateAlias(input, call) {
      const { name } = target(call, input.FunctionName);
      const version = input.FunctionVersion as string;
      const alias: Alias = {
        function: name,
        name: input.Name as string,
        version,
        description: input.Description ?? "",
        weights: weightsOf(input.RoutingConfig, version),
        revisionId: randomUUID(),
      };
      if (isVersion(alias.name))
        throw validation(
          `Value '${alias.name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)`,
        );
      await store.write(async (tx) => {
        await check(tx, call, await functionOf(tx, call, { name }), alias);
        if (!(await tx.create(aliases, keyOf(call, name, alias.name), alias)))
          throw conflict(`Alias already exists: ${functionArn(call, name, alias.name)}`);
      });
      return { ...aliasShape(call, alias), $metadata: { httpStatusCode: 201 } };
    },

    async GetAlias(input, call) {
      const { name } = target(call, input.FunctionName);
      const alias = await store.read(async (tx) => {
        await functionOf(tx, call, { name });
        return tx.get(aliases, keyOf(call, name, input.Name as string));
      });
      if (!alias) throw absent(call, name, input.Name as string);
      return aliasShape(call, alias);
    },

    async UpdateAlias(input, call) {
      const { name } = target(call, input.FunctionName);
      const key = keyOf(call, name, input.Name as string);
      const { alias, deployment } = await store.write(async (tx) => {
        const stored = await functionOf(tx, call, { name });
        const now = await tx.get(aliases, key);
        if (!now) throw absent(call, name, input.Name as string);
        checkRevision(input.RevisionId, now);
        const version = input.FunctionVersion ?? now.version;
        const alias: Alias = {
          ...now,
          version,
          description: input.Description ?? now.description,
          weights: input.RoutingConfig
            ? weightsOf(input.RoutingConfig, version)
            : weightsOf({ AdditionalVersionWeights: now.weights }, version),
          revisionId: randomUUID(),
        };
        const deployment = await check(tx, call, stored, alias);
        await tx.put(aliases, key, alias);
        return { alias, deployment };
      });
      warm(deployment);
      return aliasShape(call, alias);
    },

    async DeleteAlias(input, call) {
      const { name } = target(call, input.FunctionName);
      const key = keyOf(call, name, input.Name as string);
      await store.write(async (tx) => {
        await functionOf(tx, call, { name });
        const url = await tx.get(urls, key);
        if (url) await tx.delete(urlIds, [url.id]);
        await tx.delete(urls, key);
        await tx.delete(aliases, key);
        await tx.delete(policies, key);
        await tx.delete(deliveries, key);
      });
      return { $metadata: { httpStatusCode: 204 } };
    },

    async ListAliases(input, call) {
      const { name } = target(call, input.FunctionName);
      const all = await store.read(async (tx) => {
        await functionOf(tx, call, { name });
        return tx.list(aliases, { prefix: [call.account, call.region, name] });
      });
      const wanted = all.filter(
        ({ version, weights }) =>
          input.FunctionVersion === undefined || version === input.FunctionVersion || weights[input.FunctionVersion] !== undefined,
      );
      const { items, NextMarker } = paged(wanted, (alias) => alias.name, input);
      return { Aliases: items.map((alias) => aliasShape(call, alias)), NextMarker };
    },
  };
};
