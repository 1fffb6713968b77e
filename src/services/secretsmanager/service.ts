import * as sdk from "@aws-sdk/client-secrets-manager";
import { operations } from "../../protocols/operations.ts";
import type { Context, Service } from "../service.ts";
import { vault } from "../vault.ts";
import { deletionOperations, discard } from "./deletions.ts";
import { permissions } from "./permissions.ts";
import { readingOperations } from "./readings.ts";
import { secretOperations } from "./secrets.ts";
import { tagOperations } from "./tagging.ts";

/** Secrets, their versions and the labels on these. */
export const create = (context: Context): Service => {
  const sealed = vault(context.store, "secretsmanager");
  return {
    operations: operations(sdk)(
      secretOperations(context, sealed),
      readingOperations(context, sealed),
      deletionOperations(context),
      tagOperations(context),
    ),
    permissions,
    tasks: { discard },
    reset: async () => sealed.forget(),
  };
};
