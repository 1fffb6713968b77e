/** What EventBridge hears of pipelines: AWS's shapes, and beside them what makes them useful. */
import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import type { Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import { executionLink, pipelineLink } from "./links.ts";
import type { Execution, Located, Place, Run } from "./records.ts";
import { actionOfRun, type Fact, runOf, type Step, type World } from "./world.ts";

const detailTypes = {
  pipeline: "CodePipeline Pipeline Execution State Change",
  stage: "CodePipeline Stage Execution State Change",
  action: "CodePipeline Action Execution State Change",
};

export const arnOf = (place: Place): string => `arn:aws:codepipeline:${place.region}:${place.account}:${place.pipeline}`;

/** As tasks keep it: `Time` is text. */
type Entry = Omit<PutEventsRequestEntry, "Time"> & { Time: string };

export const entriesFor = (context: Pick<Context, "endpoint">, place: Place, result: Step): Entry[] =>
  result.facts.map((fact) => ({
    Source: "aws.codepipeline",
    DetailType: detailTypes[fact.subject],
    Resources: [arnOf(place)],
    Time: new Date(fact.at).toISOString(),
    Detail: JSON.stringify(detailOf(context.endpoint(), place, result.world, fact)),
  }));

const located = (all: readonly Located[]) => all.map(({ name, bucket, key }) => ({ name, s3location: { bucket, key } }));

export const detailOf = (endpoint: string, place: Place, world: World, fact: Fact): Record<string, unknown> => {
  const execution = world.executions[fact.execution]!;
  const run = runOf(execution, fact.run);
  return {
    pipeline: place.pipeline,
    "execution-id": execution.id,
    ...(fact.stage === undefined ? {} : { stage: fact.stage }),
    ...(run ? actionDetail(place, world, execution, run, fact) : {}),
    "start-time": new Date(startOf(execution, run, fact)).toISOString(),
    ...(fact.subject === "pipeline"
      ? { "execution-trigger": { "trigger-type": execution.trigger.type, "trigger-detail": execution.trigger.detail } }
      : {}),
    ...(execution.stop?.reason !== undefined && (fact.state === "STOPPING" || fact.state === "STOPPED")
      ? { "stop-execution-comments": execution.stop.reason }
      : {}),
    state: fact.state,
    version: execution.version,
    "pipeline-execution-attempt": execution.attempt,
    mayfly: extras(endpoint, place, execution, run, fact),
  };
};

const startOf = (execution: Execution, run: Run | undefined, fact: Fact): number =>
  run?.started ?? (fact.subject === "stage" ? execution.stages[fact.stage!]?.started : undefined) ?? execution.started;

const actionDetail = (place: Place, world: World, execution: Execution, run: Run, fact: Fact) => {
  const { type } = actionOfRun(world, execution, run);
  return {
    "action-execution-id": run.id,
    action: run.action,
    region: place.region,
    type: { owner: type.owner, category: type.category, provider: type.provider, version: type.version },
    "input-artifacts": located(run.inputs),
    "output-artifacts": located(run.outputs),
    ...(fact.state === "STARTED"
      ? {}
      : {
          "execution-result": {
            "external-execution-url": run.externalUrl,
            "external-execution-summary": run.failure?.message ?? run.summary,
            "external-execution-id": run.externalId,
            "error-code": run.failure?.code,
          },
        }),
  };
};

const extras = (endpoint: string, place: Place, execution: Execution, run: Run | undefined, fact: Fact) => {
  const source = execution.runs.find((one) => one.revision);
  const failed =
    fact.state === "FAILED"
      ? (run ?? execution.runs.findLast((one) => one.status === "Failed" && (fact.stage ?? one.stage) === one.stage))
      : undefined;
  return {
    ...(failed
      ? { failedStage: failed.stage, failedAction: failed.action, reason: failed.failure?.message, lastLogLines: failed.logTail }
      : {}),
    ...(source?.revision ? { commit: { id: source.revision.id, author: source.revision.author, message: source.revision.summary } } : {}),
    ...(fact.state === "STARTED" || fact.state === "RESUMED" ? {} : { durationMs: fact.at - startOf(execution, run, fact) }),
    links: {
      pipeline: pipelineLink(endpoint, place),
      execution: executionLink(endpoint, place, execution.id),
      ...((failed ?? run)?.externalUrl ? { action: (failed ?? run)!.externalUrl } : {}),
    },
  };
};

/** The task: tells EventBridge, up to ten at once, in order. */
export const announce = async (context: Context, task: Task): Promise<void> => {
  const { place, entries } = task.payload as { place: Place; entries: Entry[] };
  const { EventBridgeClient, PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
  const client = context.aws.at(place).client(EventBridgeClient);
  for (let start = 0; start < entries.length; start += 10) {
    const some = entries.slice(start, start + 10).map((entry) => ({ ...entry, Time: new Date(entry.Time) }));
    const { FailedEntryCount, Entries } = await client.send(new PutEventsCommand({ Entries: some }));
    if (FailedEntryCount)
      throw new Error(`EventBridge refused ${FailedEntryCount} events: ${Entries?.find((entry) => entry.ErrorCode)?.ErrorMessage}`);
  }
};
