import * as sdk from "@aws-sdk/client-lambda";
import { join } from "node:path";
import { operations } from "../../protocols/operations.ts";
import type { Context, Service } from "../service.ts";
import { aliasOperations } from "./aliases.ts";
import { deliver } from "./deliver.ts";
import { deliveryOperations } from "./deliveries.ts";
import { removeLeftovers, starter } from "./deployments.ts";
import { discard } from "./discard.ts";
import { createFleet } from "./fleet.ts";
import { functionOperations } from "./functions.ts";
import { invocationOperations } from "./invocations.ts";
import { layerOperations } from "./layers.ts";
import { limitOperations } from "./limits.ts";
import { codePath, followCodeLink } from "./links.ts";
import { createPackages } from "./packages.ts";
import { permissions } from "./permissions.ts";
import { policyOperations } from "./policies.ts";
import { report } from "./report.ts";
import { roleSessions } from "./roles.ts";
import { createRuntimeApi } from "./runtime-api.ts";
import { tagOperations } from "./tags.ts";
import { updateOperations } from "./updates.ts";
import { answerUrl } from "./url-requests.ts";
import { urlOperations } from "./urls.ts";
import { versionOperations } from "./versions.ts";
import type { World } from "./world.ts";

export const create = async (context: Context): Promise<Service> => {
  const packages = createPackages(context.blobs, join(context.folder, "packages"));
  // What an earlier process unpacked may be half there.
  await packages.clear();
  await removeLeftovers(context);
  const api = createRuntimeApi();
  const roles = roleSessions(context.aws, context.clock);
  const fleet = createFleet(starter({ context, api, packages, roles }), context.clock, context.settings.lambdaIdleSeconds);
  const world: World = { context, packages, fleet };
  const stop = async () => {
    await fleet.stop();
    await api.close();
    roles.forget();
    await packages.clear();
  };
  return {
    operations: operations(sdk)(
      functionOperations(world),
      updateOperations(world),
      versionOperations(world),
      aliasOperations(world),
      layerOperations(world),
      policyOperations(world),
      urlOperations(world),
      invocationOperations(world),
      deliveryOperations(world),
      limitOperations(world),
      tagOperations(world),
    ),
    permissions,
    tasks: { deliver: deliver(world), report: report(world), discard: discard(world) },
    http: (request) => (request.path.startsWith(codePath) ? followCodeLink(context, request) : answerUrl(world, request)),
    stop,
    reset: stop,
  };
};
