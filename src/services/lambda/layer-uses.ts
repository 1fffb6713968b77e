/** The layers a function names, as it will use them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { invalid, notBuilt } from "./errors.ts";
import { readLayerArn, versionKey } from "./names.ts";
import { layerVersions, type LayerUse } from "./records.ts";
import { BadZip } from "./unzip.ts";
import type { Place, World } from "./world.ts";

/** Undefined where the input says nothing of layers. They were laid over each other once, without complaint. */
export const layersOf = async (world: World, place: Place, arns: readonly string[] | undefined): Promise<LayerUse[] | undefined> => {
  if (arns === undefined) return undefined;
  const layers = await find(world, place, arns);
  const { folder, release } = await world.packages.hold(layers.map(({ code }) => code)).catch((error) => {
    throw error instanceof BadZip ? invalid(`The layers cannot be laid over each other: ${error.message}`) : error;
  });
  const hasExtensions = existsSync(join(folder, "extensions"));
  release();
  if (hasExtensions) throw notBuilt("A layer with Lambda extensions (/opt/extensions)");
  return layers;
};

const find = ({ context }: World, place: Place, arns: readonly string[]): Promise<LayerUse[]> =>
  context.store.read(async (tx) => {
    const found: LayerUse[] = [];
    for (const arn of arns) {
      const named = readLayerArn(arn);
      if (!named || named.version === undefined) throw invalid(`${arn} is not the ARN of a layer version`);
      if (named.account !== place.account) throw notBuilt(`A layer of another account (${arn})`);
      const layer =
        named.region === place.region
          ? await tx.get(layerVersions, [named.account, named.region, named.layer, versionKey(named.version)])
          : undefined;
      if (!layer) throw invalid(`Layer version ${arn} does not exist.`);
      if (found.some((use) => readLayerArn(use.arn)?.layer === named.layer))
        throw invalid(`Two different versions of the same layer are not allowed to be referenced in the same function. ${arn}`);
      found.push({ arn, code: layer.code });
    }
    return found;
  });
