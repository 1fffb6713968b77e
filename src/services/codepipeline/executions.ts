/** Executions: started, stopped, retried, shown. */
import type * as sdk from "@aws-sdk/client-codepipeline";
import {
  ConcurrentPipelineExecutionsLimitExceededException,
  ConflictException,
  DuplicatedStopRequestException,
  NotLatestPipelineExecutionException,
  PipelineExecutionNotStoppableException,
  StageNotRetryableException,
  ValidationException,
} from "@aws-sdk/client-codepipeline";
import type { Handlers } from "../../protocols/operations.ts";
import type { Call, Context } from "../service.ts";
import { make } from "./changes.ts";
import { problem } from "./errors.ts";
import { type Known, knownExecution, knownPipeline, knownStage, partsOf, placeOf, tokenFor } from "./lookups.ts";
import { type Declaration, declarations, ended, type Execution, executions, keyOf, lines, versionKey } from "./records.ts";
import { executionShape, summaryShape } from "./shapes.ts";
import { MissingVariables, mostConcurrent, startExecution, TokenReused, TooManyExecutions } from "./start.ts";
import { runOf } from "./world.ts";

/** EventBridge's rules start pipelines in their own name: as the service, or in the session of the target's role. */
const triggerOf = ({ principal }: Call): { type: string; detail: string } => {
  const byRule = principal.arn === "events.amazonaws.com" || /:assumed-role\/[^/]+\/Aws(CloudWatch)?Events/.test(principal.arn);
  return byRule ? { type: "CloudWatchEvent", detail: principal.arn } : { type: "StartPipelineExecution", detail: principal.arn };
};

const fitting: Record<string, readonly string[]> = { CodeCommit: ["COMMIT_ID"], S3: ["S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"] };

const overridesOf = (declaration: Declaration, given: readonly sdk.SourceRevisionOverride[]): Execution["overrides"] => {
  const overrides: Execution["overrides"] = {};
  for (const { actionName, revisionType, revisionValue } of given) {
    const action = declaration.stages[0]!.actions.find(({ name }) => name === actionName);
    if (!action) throw problem(ValidationException, `The pipeline has no source action named ${actionName}`);
    if (!fitting[action.type.provider]?.includes(revisionType!))
      throw problem(
        ValidationException,
        `The source action ${actionName} (${action.type.provider}) does not support the revision type ${revisionType}`,
      );
    overrides[actionName!] = { type: revisionType!, value: revisionValue! };
  }
  return overrides;
};

const variablesOf = (declaration: Declaration, given: readonly sdk.PipelineVariable[]): Record<string, string> => {
  const declared = new Set(declaration.variables.map(({ name }) => name));
  const unknown = given.filter(({ name }) => !declared.has(name!)).map(({ name }) => name);
  if (unknown.length > 0) throw problem(ValidationException, `The pipeline does not declare the variables: ${unknown.join(", ")}`);
  return Object.fromEntries(given.map(({ name, value }) => [name!, value!]));
};

const explain = (error: unknown): unknown => {
  if (error instanceof TooManyExecutions)
    return problem(
      ConcurrentPipelineExecutionsLimitExceededException,
      `The pipeline has reached the limit of ${mostConcurrent} concurrent executions`,
    );
  if (error instanceof MissingVariables)
    return problem(ValidationException, `The following pipeline variables need a value: ${error.message}`);
  if (error instanceof TokenReused) return problem(ConflictException, "The clientRequestToken was used before with other parameters");
  return error;
};

export const executionOperations = (context: Context): Handlers<typeof sdk> => ({
  async StartPipelineExecution(input, call) {
    const place = placeOf(call, input.name!);
    const { clientRequestToken, variables = [], sourceRevisions = [] } = input;
    const pipelineExecutionId = await context.store
      .write(async (tx) => {
        const { declaration } = await knownPipeline(tx, place);
        return startExecution(tx, context, place, {
          trigger: triggerOf(call),
          variables: variablesOf(declaration, variables),
          overrides: overridesOf(declaration, sourceRevisions),
          once: clientRequestToken === undefined ? undefined : `client/${clientRequestToken}`,
          input: JSON.stringify([variables, sourceRevisions]),
        });
      })
      .catch((error) => Promise.reject(explain(error)));
    return { pipelineExecutionId };
  },

  async StopPipelineExecution(input, call) {
    const place = placeOf(call, input.pipelineName!);
    const { pipelineExecutionId: id, abandon = false, reason } = input;
    await context.store.write(async (tx) => {
      await knownPipeline(tx, place);
      const execution = await tx.get(executions, [...keyOf(place), id!]);
      if (!execution || ended(execution))
        throw problem(
          PipelineExecutionNotStoppableException,
          `The pipeline execution ${id} cannot be stopped: ${execution ? `it is ${execution.status}` : "it does not exist"}`,
        );
      if (execution.stop && (execution.stop.abandon || !abandon))
        throw problem(DuplicatedStopRequestException, `The pipeline execution ${id} is already in a Stopping state`);
      await make(tx, context, place, { kind: "stopped", execution: id!, abandon, reason });
    });
    return { pipelineExecutionId: id };
  },

  async RetryStageExecution(input, call) {
    const place = placeOf(call, input.pipelineName!);
    const all = input.retryMode === "ALL_ACTIONS";
    const { pipelineExecutionId: id, stageName } = input;
    await context.store.write(async (tx) => {
      const known = await knownPipeline(tx, place);
      knownStage(known, stageName!);
      const execution = await tx.get(executions, [...keyOf(place), id!]);
      const gate = (await tx.get(lines, keyOf(place)))?.gates[stageName!];
      const complaint = execution ? notRetryable(known, execution, stageName!, all) : "the pipeline execution does not exist";
      if (complaint)
        throw problem(StageNotRetryableException, `Stage ${stageName} of pipeline execution ${id} cannot be retried: ${complaint}`);
      if (known.declaration.mode !== "PARALLEL" && gate?.latest !== id)
        throw problem(NotLatestPipelineExecutionException, `The pipeline execution ${id} is not the latest one of stage ${stageName}`);
      await make(tx, context, place, { kind: "retried", execution: id!, stage: stageName!, all });
    });
    return { pipelineExecutionId: id };
  },

  async GetPipelineExecution(input, call) {
    const place = placeOf(call, input.pipelineName!);
    return context.store.read(async (tx) => {
      await knownPipeline(tx, place);
      const execution = await knownExecution(tx, place, input.pipelineExecutionId!);
      const declaration = await tx.get(declarations, [...keyOf(place), versionKey(execution.version)]);
      return { pipelineExecution: executionShape(place, execution, declaration!) };
    });
  },

  async ListPipelineExecutions(input, call) {
    const place = placeOf(call, input.pipelineName!);
    const limit = input.maxResults ?? 100;
    const succeededIn = input.filter?.succeededInStage?.stageName;
    let after = input.nextToken === undefined ? undefined : partsOf(input.nextToken, 1)[0]!;
    return context.store.read(async (tx) => {
      const known = new Map([[0, (await knownPipeline(tx, place)).declaration]]);
      const found: Execution[] = [];
      while (found.length <= limit) {
        const some = await tx.list(executions, {
          prefix: keyOf(place),
          newestFirst: true,
          limit: limit + 1,
          ...(after === undefined ? {} : { after: [...keyOf(place), after] }),
        });
        found.push(...some.filter((one) => succeededIn === undefined || one.stages[succeededIn]?.status === "Succeeded"));
        after = some.at(-1)?.id;
        if (some.length <= limit) break;
      }
      const pipelineExecutionSummaries = [];
      for (const execution of found.slice(0, limit)) {
        if (!known.has(execution.version))
          known.set(execution.version, (await tx.get(declarations, [...keyOf(place), versionKey(execution.version)]))!);
        pipelineExecutionSummaries.push(summaryShape(execution, known.get(execution.version)!));
      }
      return { pipelineExecutionSummaries, nextToken: found.length > limit ? tokenFor(found[limit - 1]!.id) : undefined };
    });
  },
});

/** Why a stage cannot be retried, if it cannot. */
const notRetryable = ({ pipeline }: Known, execution: Execution, stage: string, all: boolean): string | undefined => {
  if (execution.version !== pipeline.version) return "the structure of the pipeline has changed since";
  const tried = execution.stages[stage];
  if (!tried) return "the stage was not run";
  const runs = Object.values(tried.runs).map((id) => runOf(execution, id)!);
  const bad = runs.some(({ status }) => status === "Failed" || status === "Abandoned");
  if (!ended(execution)) {
    if (tried.status !== "InProgress" || !bad) return `the stage is ${tried.status}`;
    return all ? "actions are in progress" : undefined;
  }
  if (tried.status === "Stopped" && (bad || execution.status === "Stopped")) return undefined;
  return tried.status === "Failed" ? undefined : `the stage is ${tried.status}`;
};
