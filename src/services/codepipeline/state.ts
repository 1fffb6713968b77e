/** The state of a pipeline: each stage with whom it let in last, and the last try of each of its actions. */
import type * as sdk from "@aws-sdk/client-codepipeline";
import type { ActionState, StageState } from "@aws-sdk/client-codepipeline";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { type Known, knownPipeline, placeOf } from "./lookups.ts";
import { branchLink, functionLink, objectLink, projectLink, stackLink } from "./links.ts";
import { type Action, type Execution, executions, type Gate, keyOf, lines, type Stage } from "./records.ts";
import { runState, stageShape } from "./shapes.ts";
import { emptyGate, runOf } from "./world.ts";

const entityLink = (endpoint: string, region: string, { type, configuration }: Action): string | undefined => {
  const known: Record<string, () => string> = {
    "Source CodeCommit": () => branchLink(endpoint, region, configuration.RepositoryName ?? "", configuration.BranchName ?? ""),
    "Source S3": () => objectLink(endpoint, region, configuration.S3Bucket ?? "", configuration.S3ObjectKey ?? ""),
    "Build CodeBuild": () => projectLink(endpoint, region, configuration.ProjectName ?? ""),
    "Test CodeBuild": () => projectLink(endpoint, region, configuration.ProjectName ?? ""),
    "Deploy CloudFormation": () => stackLink(endpoint, region, configuration.StackName ?? ""),
    "Deploy S3": () => objectLink(endpoint, region, configuration.BucketName ?? "", configuration.ObjectKey ?? ""),
    "Invoke Lambda": () => functionLink(endpoint, region, configuration.FunctionName ?? ""),
  };
  return known[`${type.category} ${type.provider}`]?.();
};

export const stateOperations = (context: Context): Handlers<typeof sdk> => ({
  async GetPipelineState(input, call) {
    const place = placeOf(call, input.name!);
    return context.store.read(async (tx) => {
      const known = await knownPipeline(tx, place);
      const line = await tx.get(lines, keyOf(place));
      const cache = new Map<string, Execution | undefined>();
      const find: Find = async (id) => {
        if (!cache.has(id)) cache.set(id, await tx.get(executions, [...keyOf(place), id]));
        return cache.get(id);
      };
      const stageStates: StageState[] = [];
      for (const [index, stage] of known.declaration.stages.entries())
        stageStates.push(await stageState(context, known, stage, index, line?.gates[stage.name] ?? emptyGate(), find));
      return {
        pipelineName: place.pipeline,
        pipelineVersion: known.pipeline.version,
        stageStates,
        created: new Date(known.pipeline.created),
        updated: new Date(known.pipeline.updated),
      };
    });
  },
});

type Find = (id: string) => Promise<Execution | undefined>;

const stageState = async (context: Context, known: Known, stage: Stage, index: number, gate: Gate, find: Find): Promise<StageState> => {
  const latest = gate.latest === undefined ? undefined : await find(gate.latest);
  const run = latest?.stages[stage.name];
  const inbound = gate.waiting.map((id) => ({ pipelineExecutionId: id, status: "InProgress" as const, type: "STANDARD" as const }));
  const actionStates: ActionState[] = [];
  for (const action of stage.actions) actionStates.push(await actionState(context, known, action, gate, find));
  return {
    stageName: stage.name,
    ...(inbound.length > 0 ? { inboundExecution: inbound.at(-1), inboundExecutions: inbound } : {}),
    // Nothing stands before the first stage but the start of the pipeline.
    ...(index > 0 || !gate.inbound.enabled || gate.inbound.at !== undefined ? { inboundTransitionState: transition(gate) } : {}),
    actionStates,
    ...(latest && run ? { latestExecution: stageShape(latest.id, run) } : {}),
    ...(run && run.retries > 0
      ? { retryStageMetadata: { manualStageRetryAttempt: run.retries, latestRetryTrigger: "ManualStageRetry" as const } }
      : {}),
  };
};

const transition = ({ inbound }: Gate) => ({
  enabled: inbound.enabled,
  lastChangedBy: inbound.by,
  lastChangedAt: inbound.at === undefined ? undefined : new Date(inbound.at),
  disabledReason: inbound.enabled ? undefined : inbound.reason,
});

const actionState = async (context: Context, { place }: Known, action: Action, gate: Gate, find: Find): Promise<ActionState> => {
  const last = Object.hasOwn(gate.actions, action.name) ? gate.actions[action.name] : undefined;
  const execution = last && (await find(last.execution));
  const run = last && execution && runOf(execution, last.run);
  const revision = run?.revision;
  return {
    actionName: action.name,
    ...(revision
      ? {
          currentRevision: { revisionId: revision.id, revisionChangeId: revision.id, created: new Date(revision.created ?? run.updated) },
          revisionUrl: revision.url,
        }
      : {}),
    ...(run ? { latestExecution: runState(run) } : {}),
    entityUrl: entityLink(context.endpoint(), place.region, action),
  };
};
