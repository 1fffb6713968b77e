import * as sdk from "@aws-sdk/client-sts";
import { operations } from "../../protocols/operations.ts";
import type { Context, Service } from "../service.ts";
import { permissions } from "./permissions.ts";
import { forget, sessionOperations } from "./sessions.ts";

/** Sessions: keys that end by themselves. */
export const create = (context: Context): Service => ({
  operations: operations(sdk)(sessionOperations(context)),
  permissions,
  tasks: { forget },
});
