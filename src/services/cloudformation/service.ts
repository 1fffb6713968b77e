/** CloudFormation: stacks and change sets. */
import * as sdk from "@aws-sdk/client-cloudformation";
import { operations } from "../../protocols/operations.ts";
import type { Context, Service } from "../service.ts";
import { announce, announceSet } from "./announcements.ts";
import { addresses, takeAnswer } from "./answers.ts";
import { changeSetOperations } from "./change-sets.ts";
import { ends } from "./ends.ts";
import { eventOperations } from "./events.ts";
import { execute } from "./execute.ts";
import { exportOperations } from "./exports.ts";
import { nestedStacks } from "./nested.ts";
import { permissions } from "./permissions.ts";
import type { Desk } from "./resources/resource.ts";
import { stackOperations } from "./stacks.ts";
import { templateOperations } from "./templates.ts";

export const create = (context: Context): Service => {
  const desk: Desk = { ...addresses(context), nested: nestedStacks(context) };
  const ending = ends();
  return {
    operations: operations(sdk)(
      stackOperations(context, ending),
      changeSetOperations(context, ending),
      eventOperations(context),
      templateOperations(context),
      exportOperations(context),
    ),
    permissions,
    tasks: { execute: execute(context, desk, ending), announce: announce(context), announceSet: announceSet(context) },
    http: takeAnswer(context),
  };
};
