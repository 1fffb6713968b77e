/** Jobs of Lambda functions: looked up, and ended by the function. */
import type * as sdk from "@aws-sdk/client-codepipeline";
import { InvalidJobStateException, JobNotFoundException, OutputVariablesSizeExceededException } from "@aws-sdk/client-codepipeline";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import type { Outcome } from "./actions/action.ts";
import { againMs, jobData } from "./actions/lambda.ts";
import { actFor } from "./acts.ts";
import { arnOf } from "./announcements.ts";
import { loadWorld, make } from "./changes.ts";
import { problem } from "./errors.ts";
import { jobs, type Run, running } from "./records.ts";
import { sizeOf, variableLimit } from "./variables.ts";
import { runOf } from "./world.ts";

const noJob = (id: string) => problem(JobNotFoundException, `The job ${id} could not be found`);

const knownJob = async (tx: Reading, call: Call, id: string) => {
  const job = await tx.get(jobs, [call.account, call.region, id]);
  const world = job && (await loadWorld(tx, job.place, job.execution));
  const execution = world?.executions[job!.execution];
  const run = execution && runOf(execution, id);
  if (!job || !world || !execution || !run) throw noJob(id);
  if (!running(run)) throw problem(InvalidJobStateException, `The job ${id} has ended`);
  return { ...job, world, execution, run };
};

export const jobOperations = (context: Context): Handlers<typeof sdk> => {
  const end = async (call: Call, id: string, outcomeOf: (run: Run) => Outcome): Promise<void> => {
    await context.store.write(async (tx) => {
      const { place, execution, run } = await knownJob(tx, call, id);
      await make(tx, context, place, {
        kind: "outcome",
        execution: execution.id,
        run: id,
        outcome: outcomeOf(run),
        by: call.principal.arn,
      });
    });
  };
  return {
    async PutJobSuccessResult(input, call) {
      const variables = input.outputVariables ?? {};
      if (sizeOf(variables) > variableLimit)
        throw problem(OutputVariablesSizeExceededException, `The output variables are larger than ${variableLimit} bytes`);
      const { externalExecutionId: externalId, summary, percentComplete: percent } = input.executionDetails ?? {};
      const { continuationToken, currentRevision } = input;
      const lookAt = context.clock.now().getTime() + againMs;
      await end(call, input.jobId!, ({ deadline, memory }) =>
        continuationToken === undefined
          ? {
              kind: "succeeded",
              variables,
              externalId,
              summary,
              ...(currentRevision ? { revision: { id: currentRevision.revision!, summary: currentRevision.revisionSummary } } : {}),
            }
          : {
              kind: "waiting",
              on: [],
              memory: { continuationToken, turn: String(Number(memory?.turn ?? 0) + 1) },
              externalId,
              summary,
              percent,
              lookAt,
              deadline,
            },
      );
      return {};
    },

    async PutJobFailureResult(input, call) {
      const { type, message, externalExecutionId: externalId } = input.failureDetails!;
      await end(call, input.jobId!, () => ({ kind: "failed", failure: { code: type!, message: message! }, externalId }));
      return {};
    },

    async GetJobDetails(input, call) {
      const { place, world, execution, run } = await context.store.read((tx) => knownJob(tx, call, input.jobId!));
      const act = actFor(context, place, world, execution, run);
      const pipelineContext = {
        pipelineName: place.pipeline,
        stage: { name: run.stage },
        action: { name: run.action, actionExecutionId: run.id },
        pipelineArn: arnOf(place),
        pipelineExecutionId: execution.id,
      };
      const data = { ...(await jobData(act)), actionTypeId: act.action.type as sdk.ActionTypeId, pipelineContext };
      return { jobDetails: { id: run.id, accountId: place.account, data } };
    },
  };
};
