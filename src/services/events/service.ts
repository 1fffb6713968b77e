import * as sdk from "@aws-sdk/client-eventbridge";
import { operations } from "../../protocols/operations.ts";
import type { Context, Service } from "../service.ts";
import { busOperations } from "./buses.ts";
import { deliver } from "./deliver.ts";
import { forget } from "./forget.ts";
import { permissions } from "./permissions.ts";
import { putOperations } from "./puts.ts";
import { ruleOperations } from "./rules.ts";
import { tagOperations } from "./tagging.ts";
import { targetOperations } from "./targets.ts";
import { tick } from "./tick.ts";

/** EventBridge: what happened is put on a bus, rules pick from it, targets are given it. */
export const create = (context: Context): Service => ({
  operations: operations(sdk)(
    putOperations(context),
    ruleOperations(context),
    targetOperations(context),
    busOperations(context),
    tagOperations(context),
  ),
  permissions,
  tasks: { deliver: deliver(context), tick: tick(context), forget },
});
