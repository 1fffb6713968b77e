/** A pipeline's execution as it advances: a line for each action that ends, the failing one with its reason and last log lines. */
import { BatchGetBuildsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { CloudFormationClient, DescribeStackEventsCommand } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  type ActionExecutionDetail,
  CodePipelineClient,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
} from "@aws-sdk/client-codepipeline";
import { setTimeout as pause } from "node:timers/promises";
import { duration, paint } from "./terminal.ts";

/** An AWS client has nothing to listen to here: it asks this often. */
const ASK_EVERY_MS = 20;

// biome-ignore lint/suspicious/noExplicitAny: a client's configuration
type Config = any;

export interface Followed {
  readonly status: string;
  readonly executionId: string;
}

/** Follows the execution that was started for that commit, until it has ended. Throws when none starts within `seconds`. */
export const followExecution = async (
  config: Config,
  pipeline: string,
  commit: string,
  write: (text: string) => void,
  seconds = 120,
): Promise<Followed> => {
  const client = new CodePipelineClient(config);
  const deadline = Date.now() + seconds * 1000;
  const shown = new Set<string>();
  const actions = async (executionId: string) => {
    const { actionExecutionDetails = [] } = await client.send(
      new ListActionExecutionsCommand({ pipelineName: pipeline, filter: { pipelineExecutionId: executionId } }),
    );
    return actionExecutionDetails.reverse();
  };
  const show = async (executionId: string) => {
    for (const action of await actions(executionId)) {
      if (action.status === "InProgress" || shown.has(action.actionExecutionId ?? "")) continue;
      shown.add(action.actionExecutionId ?? "");
      write(`${lineOf(action)}\n`);
      if (action.status === "Failed") write(await reasonOf(config, action));
    }
  };
  for (;;) {
    const { pipelineExecutionSummaries = [] } = await client.send(
      new ListPipelineExecutionsCommand({ pipelineName: pipeline, maxResults: 5 }),
    );
    const execution = pipelineExecutionSummaries.find(({ sourceRevisions }) =>
      sourceRevisions?.some(({ revisionId }) => revisionId === commit),
    );
    if (execution?.pipelineExecutionId) {
      const { pipelineExecutionId: executionId, status = "" } = execution;
      await show(executionId);
      if (status !== "InProgress" && status !== "Stopping") return { status, executionId };
    }
    if (Date.now() > deadline) throw new Error(`the pipeline ${pipeline} did not finish commit ${commit} within ${seconds} s`);
    await pause(ASK_EVERY_MS);
  }
};

const lineOf = (action: ActionExecutionDetail): string => {
  const status = action.status ?? "";
  const ms = (action.lastUpdateTime?.getTime() ?? 0) - (action.startTime?.getTime() ?? 0);
  const colour = status === "Succeeded" ? "green" : status === "Failed" ? "red" : "yellow";
  return `  ${(action.stageName ?? "").padEnd(8)} ${(action.actionName ?? "").padEnd(17)} ${paint(colour, status.padEnd(10))} ${duration(ms)}`;
};

/** Why an action failed, as far as anything tells: its error, the build's last lines, the stack's failed resources. */
const reasonOf = async (config: Config, action: ActionExecutionDetail): Promise<string> => {
  const result = action.output?.executionResult;
  const lines = [result?.errorDetails?.message ?? result?.externalExecutionSummary ?? "no reason was given"];
  const { provider } = action.input?.actionTypeId ?? {};
  if (provider === "CodeBuild" && result?.externalExecutionId) lines.push(...(await lastLogLines(config, result.externalExecutionId)));
  const stack = action.input?.configuration?.StackName;
  if (provider === "CloudFormation" && stack) lines.push(...(await failedResources(config, stack)));
  return lines.map((line) => `    ${paint("dim", "│")} ${line}\n`).join("");
};

const lastLogLines = async (config: Config, buildId: string): Promise<string[]> => {
  const { builds } = await new CodeBuildClient(config).send(new BatchGetBuildsCommand({ ids: [buildId] }));
  const logs = builds?.[0]?.logs;
  if (!logs?.groupName || !logs.streamName) return [];
  const { events = [] } = await new CloudWatchLogsClient(config).send(
    new GetLogEventsCommand({ logGroupName: logs.groupName, logStreamName: logs.streamName, limit: 15 }),
  );
  return events.map(({ message = "" }) => message.trimEnd());
};

/** The resources of a stack that failed, and why: the latest five. */
export const failedResources = async (config: Config, stackName: string): Promise<string[]> => {
  const { StackEvents = [] } = await new CloudFormationClient(config).send(new DescribeStackEventsCommand({ StackName: stackName }));
  return StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith("_FAILED"))
    .slice(0, 5)
    .map(
      ({ LogicalResourceId, ResourceStatus, ResourceStatusReason }) =>
        `${LogicalResourceId} ${ResourceStatus}: ${ResourceStatusReason ?? ""}`,
    );
};
