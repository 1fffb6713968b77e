import type * as sdk from "@aws-sdk/client-lambda";
import type { Handlers } from "../../protocols/operations.ts";
import type { Call } from "../service.ts";
import { discardLater, takeCode } from "./codes.ts";
import { invalid, notBuilt, notFound } from "./errors.ts";
import { codeLink } from "./links.ts";
import { paged } from "./lookups.ts";
import { layerArn, readLayerArn, versionKey } from "./names.ts";
import { type LayerVersion, layers, layerVersions } from "./records.ts";
import { lastModified } from "./shapes.ts";
import type { Place, World } from "./world.ts";

/** A layer's name, or its ARN. */
const nameOf = (place: Place, text: string): string => {
  if (!text.startsWith("arn:")) return text;
  const named = readLayerArn(text);
  if (!named) throw invalid(`${text} is not the ARN of a layer`);
  if (named.account !== place.account || named.region !== place.region) throw notBuilt(`A layer of another account or region (${text})`);
  return named.layer;
};

export const layerOperations = (world: World): Handlers<typeof sdk> => {
  const { context } = world;
  const { store } = context;
  const shapeOf = (place: Place, stored: LayerVersion) => ({
    LayerArn: layerArn(place, stored.layer),
    LayerVersionArn: layerArn(place, stored.layer, stored.version),
    Version: stored.version,
    Description: stored.description,
    CreatedDate: lastModified(stored.createdAt),
    CompatibleRuntimes: stored.runtimes.length > 0 ? ([...stored.runtimes] as sdk.Runtime[]) : undefined,
    CompatibleArchitectures: stored.architectures.length > 0 ? ([...stored.architectures] as sdk.Architecture[]) : undefined,
    LicenseInfo: stored.license,
  });
  const contentOf = async (call: Call, { code }: LayerVersion) => ({
    CodeSha256: code.sha256,
    CodeSize: code.size,
    Location: await codeLink(context, call, call.endpoint, code.blob),
  });
  const versionOf = async (call: Call, layer: string, version: number): Promise<LayerVersion> => {
    const found = await store.read((tx) => tx.get(layerVersions, [call.account, call.region, layer, versionKey(version)]));
    if (!found) throw notFound(`The resource you requested does not exist. ${layerArn(call, layer, version)}`);
    return found;
  };
  const described = async (call: Call, found: LayerVersion) => ({ Content: await contentOf(call, found), ...shapeOf(call, found) });
  const fits =
    (input: { CompatibleRuntime?: string | undefined; CompatibleArchitecture?: string | undefined }) =>
    ({ runtimes, architectures }: LayerVersion) =>
      (input.CompatibleRuntime === undefined || runtimes.includes(input.CompatibleRuntime)) &&
      (input.CompatibleArchitecture === undefined || architectures.includes(input.CompatibleArchitecture));

  return {
    async PublishLayerVersion(input, call) {
      const layer = nameOf(call, input.LayerName as string);
      const code = await takeCode(world, call, input.Content ?? {});
      const published = await store.write(async (tx) => {
        const key = [call.account, call.region, layer];
        const version = ((await tx.get(layers, key))?.lastVersion ?? 0) + 1;
        const made: LayerVersion = {
          layer,
          version,
          description: input.Description ?? "",
          license: input.LicenseInfo,
          runtimes: input.CompatibleRuntimes ?? [],
          architectures: input.CompatibleArchitectures ?? [],
          createdAt: context.clock.now().toISOString(),
          code,
        };
        await tx.put(layers, key, { lastVersion: version });
        await tx.put(layerVersions, [...key, versionKey(version)], made);
        return made;
      });
      return { ...(await described(call, published)), $metadata: { httpStatusCode: 201 } };
    },

    async GetLayerVersion(input, call) {
      return described(call, await versionOf(call, nameOf(call, input.LayerName as string), input.VersionNumber as number));
    },

    async GetLayerVersionByArn(input, call) {
      const named = readLayerArn(input.Arn as string);
      if (!named || named.version === undefined) throw invalid(`${input.Arn} is not the ARN of a layer version`);
      return described(call, await versionOf(call, nameOf(call, input.Arn as string), named.version));
    },

    async ListLayerVersions(input, call) {
      const layer = nameOf(call, input.LayerName as string);
      const all = await store.read((tx) => tx.list(layerVersions, { prefix: [call.account, call.region, layer] }));
      // Newest first, on every page.
      const { items, NextMarker } = paged(all.filter(fits(input)), ({ version }) => versionKey(9_999_999_999 - version), input);
      return { LayerVersions: items.map((one) => shapeOf(call, one)), NextMarker };
    },

    async ListLayers(input, call) {
      const all = await store.read((tx) => tx.list(layerVersions, { prefix: [call.account, call.region] }));
      const newest = new Map(all.filter(fits(input)).map((one) => [one.layer, one]));
      const { items, NextMarker } = paged([...newest.values()], ({ layer }) => layer, input);
      return {
        Layers: items.map((one) => ({
          LayerName: one.layer,
          LayerArn: layerArn(call, one.layer),
          LatestMatchingVersion: shapeOf(call, one),
        })),
        NextMarker,
      };
    },

    async DeleteLayerVersion(input, call) {
      const key = [call.account, call.region, nameOf(call, input.LayerName as string), versionKey(input.VersionNumber as number)];
      await store.write(async (tx) => {
        const found = await tx.get(layerVersions, key);
        if (!found) return;
        await tx.delete(layerVersions, key);
        await discardLater(tx, call, [found.code]);
      });
      return { $metadata: { httpStatusCode: 204 } };
    },
  };
};
