/** Puts together what a provider needs to know. */
import type { Context } from "../service.ts";
import type { Act } from "./actions/action.ts";
import { providerOf } from "./actions/index.ts";
import type { Execution, Place, Run } from "./records.ts";
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

/** One session a pipeline, so that its credentials are asked for once and not at each action. */
export const sessionName = (place: Place): string => place.pipeline.slice(0, 64).padEnd(2, "-");
