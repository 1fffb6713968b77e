/** Puts together what a provider needs to know. */
import type { Context } from "../service.ts";
import type { Act } from "./actions/action.ts";
import { providerOf } from "./actions/index.ts";
import type { Execution, Place, Run } from "./records.ts";
import { sessionName } from "./session.ts";
import { actionOfRun, declarationFor, type World } from "./world.ts";

export const actFor = (context: Context, place: Place, world: World, execution: Execution, run: Run): Act => {
  const declaration = declarationFor(world, execution);
  const action = actionOfRun(world, execution, run);
  const roleArn = action.roleArn ?? declaration.roleArn;
  return {
    place,
    declaration,
    execution,
    action,
    run,
    roleArn,
    provider: providerOf(action.type)!,
    aws: context.aws.at(place).as(roleArn, sessionName(place)),
    context,
  };
};
