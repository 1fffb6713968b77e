/** Transitions between stages, opened and closed. What leaves a stage enters the next: both ends are the same gate. */
import type * as sdk from "@aws-sdk/client-codepipeline";
import { ValidationException } from "@aws-sdk/client-codepipeline";
import type { Handlers } from "../../protocols/operations.ts";
import type { Call, Context } from "../service.ts";
import { make } from "./changes.ts";
import { problem } from "./errors.ts";
import { knownPipeline, knownStage, placeOf } from "./lookups.ts";

export const transitionOperations = (context: Context): Handlers<typeof sdk> => {
  const change = async (
    input: { pipelineName?: string; stageName?: string; transitionType?: string; reason?: string },
    call: Call,
    enabled: boolean,
  ): Promise<void> => {
    const place = placeOf(call, input.pipelineName!);
    await context.store.write(async (tx) => {
      const known = await knownPipeline(tx, place);
      const named = knownStage(known, input.stageName!);
      const { stages } = known.declaration;
      const stage = input.transitionType === "Outbound" ? stages[stages.indexOf(named) + 1] : named;
      if (!stage) throw problem(ValidationException, `Stage ${named.name} is the last one: nothing comes out of it`);
      await make(tx, context, place, { kind: "transition", stage: stage.name, enabled, by: call.principal.arn, reason: input.reason });
    });
  };
  return {
    async DisableStageTransition(input, call) {
      await change(input, call, false);
      return {};
    },
    async EnableStageTransition(input, call) {
      await change(input, call, true);
      return {};
    },
  };
};
