import * as sdk from "@aws-sdk/client-codepipeline";
import { operations } from "../../protocols/operations.ts";
import type { Task } from "../../queue/queue.ts";
import type { Context, Service } from "../service.ts";
import { actionTypeOperations } from "./action-types.ts";
import { providerOf } from "./actions/index.ts";
import { advance } from "./advance.ts";
import { announce } from "./announcements.ts";
import { approvalOperations } from "./approvals.ts";
import { executionOperations } from "./executions.ts";
import { hearBuild, hearSource, hearStack } from "./hearings.ts";
import { historyOperations } from "./history.ts";
import { jobOperations } from "./job-results.ts";
import { check } from "./looks.ts";
import { permissions } from "./permissions.ts";
import { pipelineOperations } from "./pipelines.ts";
import { stateOperations } from "./state.ts";
import { tagOperations } from "./tags.ts";
import { transitionOperations } from "./transitions.ts";

export const create = (context: Context): Service => ({
  operations: operations(sdk)(
    pipelineOperations(context),
    executionOperations(context),
    historyOperations(context),
    stateOperations(context),
    approvalOperations(context),
    transitionOperations(context),
    jobOperations(context),
    actionTypeOperations(),
    tagOperations(context),
  ),
  permissions,
  tasks: {
    advance: (task) => advance(context, task),
    announce: (task) => announce(context, task),
    check: (task) => check(context, task),
    hearSource: (task) => hearSource(context, task),
    hearBuild: (task) => hearBuild(context, task),
    hearStack: (task) => hearStack(context, task),
    stopWork: (task) => stopWork(context, task),
  },
});

/** The task after a pipeline was deleted: ends what it had begun elsewhere. What is gone already is no trouble. */
const stopWork = async (context: Context, task: Task): Promise<void> => {
  const { place, type, externalId } = task.payload;
  try {
    await providerOf(type)?.stop?.(context, place, externalId);
  } catch (error) {
    context.log.warn("cannot stop the work of a deleted pipeline", { pipeline: place.pipeline, externalId, error: String(error) });
  }
};
