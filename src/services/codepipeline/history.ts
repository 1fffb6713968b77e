/** Every try of every action. */
import type * as sdk from "@aws-sdk/client-codepipeline";
import { PipelineExecutionNotFoundException } from "@aws-sdk/client-codepipeline";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { problem } from "./errors.ts";
import { knownPipeline, partsOf, placeOf, tokenFor } from "./lookups.ts";
import { declarations, type Execution, executions, keyOf, type Place, type Run, versionKey } from "./records.ts";
import { runDetail } from "./shapes.ts";

/** Newest first. `latest`: of every action only what its last try was. */
const runsOf = (execution: Execution, latest: boolean): Run[] => {
  const current = new Set(Object.values(execution.stages).flatMap(({ runs }) => Object.values(runs)));
  return (latest ? execution.runs.filter(({ id }) => current.has(id)) : [...execution.runs]).reverse();
};

/** Executions newest first, from that one on. */
async function* from(tx: Reading, place: Place, start: string | undefined): AsyncGenerator<Execution> {
  let after: string | undefined;
  if (start !== undefined) {
    const first = await tx.get(executions, [...keyOf(place), start]);
    if (first) yield first;
    after = start;
  }
  const size = 20;
  while (true) {
    const some = await tx.list(executions, {
      prefix: keyOf(place),
      newestFirst: true,
      limit: size,
      ...(after === undefined ? {} : { after: [...keyOf(place), after] }),
    });
    yield* some;
    if (some.length < size) return;
    after = some.at(-1)!.id;
  }
}

export const historyOperations = (context: Context): Handlers<typeof sdk> => ({
  async ListActionExecutions(input, call) {
    const place = placeOf(call, input.pipelineName!);
    const limit = input.maxResults ?? 100;
    const [start, last] = input.nextToken === undefined ? [] : partsOf(input.nextToken, 2);
    const latest = input.filter?.latestInPipelineExecution;
    const only = input.filter?.pipelineExecutionId ?? latest?.pipelineExecutionId;
    return context.store.read(async (tx) => {
      await knownPipeline(tx, place);
      const one = only === undefined ? undefined : await tx.get(executions, [...keyOf(place), only]);
      if (only !== undefined && !one)
        throw problem(
          PipelineExecutionNotFoundException,
          `Pipeline '${place.pipeline}' does not have a pipeline execution with id '${only}'`,
        );
      const actionExecutionDetails: sdk.ActionExecutionDetail[] = [];
      let token: string | undefined;
      let given = "";
      for await (const execution of one ? [one] : from(tx, place, start)) {
        const declaration = await tx.get(declarations, [...keyOf(place), versionKey(execution.version)]);
        for (const run of runsOf(execution, latest?.startTimeRange === "Latest")) {
          // Ids rise with time: what was given before this page is not older than its token's.
          if (execution.id === start && last !== undefined && run.id >= last) continue;
          if (actionExecutionDetails.length === limit) {
            token = given;
            break;
          }
          actionExecutionDetails.push(runDetail(execution, declaration!, run));
          given = tokenFor(execution.id, run.id);
        }
        if (token !== undefined) break;
      }
      return { actionExecutionDetails, nextToken: token };
    });
  },
});
