import * as sdk from "@aws-sdk/client-ssm";
import { operations } from "../../protocols/operations.ts";
import type { Context, Service } from "../service.ts";
import { vault } from "../vault.ts";
import { announceTask } from "./announcements.ts";
import { labelOperations } from "./labels.ts";
import { parameterOperations } from "./parameters.ts";
import { permissions } from "./permissions.ts";
import { readingOperations } from "./readings.ts";
import { tagOperations } from "./tagging.ts";

/** The parameter store of Systems Manager. */
export const create = (context: Context): Service => {
  const sealed = vault(context.store, "ssm");
  return {
    operations: operations(sdk)(
      parameterOperations(context, sealed),
      readingOperations(context, sealed),
      labelOperations(context),
      tagOperations(context),
    ),
    permissions,
    tasks: { announce: announceTask(context) },
    reset: async () => sealed.forget(),
  };
};
