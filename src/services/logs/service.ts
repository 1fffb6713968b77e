import * as sdk from "@aws-sdk/client-cloudwatch-logs";
import { operations } from "../../protocols/operations.ts";
import type { Context, Service } from "../service.ts";
import { expire } from "./expire.ts";
import { filterOperations } from "./filters.ts";
import { groupOperations } from "./groups.ts";
import { permissions } from "./permissions.ts";
import { putOperations } from "./puts.ts";
import { readOperations } from "./reads.ts";
import { streamOperations } from "./streams.ts";
import { tagOperations } from "./tags.ts";

/** CloudWatch Logs: groups of streams of events. */
export const create = (context: Context): Service => ({
  operations: operations(sdk)(
    groupOperations(context),
    streamOperations(context),
    putOperations(context),
    readOperations(context),
    filterOperations(context),
    tagOperations(context),
  ),
  permissions,
  tasks: { expire: expire(context) },
});
