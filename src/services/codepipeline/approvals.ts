/** Answers to manual approvals. */
import type * as sdk from "@aws-sdk/client-codepipeline";
import { ActionNotFoundException, ApprovalAlreadyCompletedException, InvalidApprovalTokenException } from "@aws-sdk/client-codepipeline";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import type { Outcome } from "./actions/action.ts";
import { make } from "./changes.ts";
import { problem } from "./errors.ts";
import { knownPipeline, knownStage, placeOf } from "./lookups.ts";
import { executions, keyOf, lines, running } from "./records.ts";
import { runOf } from "./world.ts";

const outcomeOf = (approved: boolean, summary: string | undefined, by: string): Outcome =>
  approved
    ? { kind: "succeeded", summary }
    : { kind: "failed", summary, failure: { code: "JobFailed", message: `Rejected by ${by}${summary ? `: ${summary}` : ""}` } };

export const approvalOperations = (context: Context): Handlers<typeof sdk> => ({
  async PutApprovalResult(input, call) {
    const place = placeOf(call, input.pipelineName!);
    const { summary, status } = input.result!;
    await context.store.write(async (tx) => {
      const known = await knownPipeline(tx, place);
      const stage = knownStage(known, input.stageName!);
      const action = stage.actions.find(({ name }) => name === input.actionName);
      if (action?.type.category !== "Approval")
        throw problem(ActionNotFoundException, `Stage '${stage.name}' does not have an approval action with name '${input.actionName}'`);
      const line = await tx.get(lines, keyOf(place));
      // In mode PARALLEL several executions may wait for the same approval: the token tells which is meant.
      const last = line?.gates[stage.name]?.actions[action.name]?.execution;
      const candidates = new Set([...(last === undefined ? [] : [last]), ...(line?.active ?? [])]);
      for (const id of candidates) {
        const execution = await tx.get(executions, [...keyOf(place), id]);
        const run = execution && runOf(execution, execution.stages[stage.name]?.runs[action.name]);
        if (!run || !running(run) || run.token !== input.token) continue;
        const by = call.principal.arn;
        const outcome = outcomeOf(status === "Approved", summary, by);
        await make(tx, context, place, { kind: "outcome", execution: id, run: run.id, outcome, by });
        return;
      }
      const latest = last === undefined ? undefined : await tx.get(executions, [...keyOf(place), last]);
      const run = latest && runOf(latest, line?.gates[stage.name]?.actions[action.name]?.run);
      if (run && !running(run))
        throw problem(ApprovalAlreadyCompletedException, "The approval action has already been approved or rejected.");
      throw problem(
        InvalidApprovalTokenException,
        "The approval token is invalid: the request already received a response, has expired, or the token is not its.",
      );
    });
    return { approvedAt: context.clock.now() };
  },
});
