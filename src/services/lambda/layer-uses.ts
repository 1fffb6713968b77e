/** The layers a function names, as it will use them. */
import { invalid, notBuilt } from "./errors.ts";
import { readLayerArn, versionKey } from "./names.ts";
import { layerVersions, type LayerUse } from "./records.ts";
import type { Place, World } from "./world.ts";

/** Undefined where the input says nothing of layers. */
export const layersOf = async ({ context }: World, place: Place, arns: readonly string[] | undefined): Promise<LayerUse[] | undefined> => {
  if (arns === undefined) return undefined;
  return context.store.read(async (tx) => {
    const found: LayerUse[] = [];
    for (const arn of arns) {
      const named = readLayerArn(arn);
      if (!named || named.version === undefined) throw invalid(`${arn} is not the ARN of a layer version`);
      if (named.account !== place.account) throw notBuilt(`A layer of another account (${arn})`);
      const layer = named.region === place.region ? await tx.get(layerVersions, [named.account, named.region, named.layer, versionKey(named.version)]) : undefined;
      if (!layer) throw invalid(`Layer version ${arn} does not exist.`);
      if (found.some((use) => readLayerArn(use.arn)?.layer === named.layer)) throw invalid(`Two different versions of the same layer are not allowed to be referenced in the same function. ${arn}`);
      found.push({ arn, code: layer.code });
    }
    return found;
  });
};
