import type { Call, Permission, Permissions } from "../service.ts";
import { functionArn, layerArn, readFunctionName, readLayerArn } from "./names.ts";

/** Where the action is not named as the operation. */
const actions: Readonly<Record<string, string>> = {
  Invoke: "InvokeFunction",
  InvokeWithResponseStream: "InvokeFunction",
  GetLayerVersionByArn: "GetLayerVersion",
};
/** Operations on no resource of their own. */
const general = new Set([
  "ListFunctions",
  "ListLayers",
  "GetAccountSettings",
  "ListEventSourceMappings",
  "CreateEventSourceMapping",
  "ListCodeSigningConfigs",
]);

// biome-ignore lint/suspicious/noExplicitAny: the input's shape is the operation's
const resourceOf = (operation: string, input: any, call: Call): string => {
  if (general.has(operation)) return "*";
  if (operation === "GetLayerVersionByArn") return input.Arn ?? "*";
  if (typeof input.LayerName === "string") {
    const layer = readLayerArn(input.LayerName)?.layer ?? input.LayerName;
    return layerArn(call, layer, input.VersionNumber);
  }
  if (typeof input.Resource === "string") return input.Resource;
  const named = readFunctionName(input.FunctionName ?? "");
  return named
    ? functionArn(
        { account: named.account ?? call.account, region: named.region ?? call.region },
        named.name,
        input.Qualifier ?? named.qualifier,
      )
    : "*";
};

export const permissions: Permissions = {
  of(operation, input, call): readonly Permission[] {
    const own = { action: `lambda:${actions[operation] ?? operation}`, resource: resourceOf(operation, input, call) };
    const passes = (operation === "CreateFunction" || operation === "UpdateFunctionConfiguration") && input.Role;
    return passes ? [own, { action: "iam:PassRole", resource: input.Role }] : [own];
  },
};
