/** Our records in AWS's shapes. */
import type {
  ActionDeclaration,
  ActionExecution,
  ActionExecutionDetail,
  ArtifactDetail,
  ArtifactRevision,
  PipelineDeclaration,
  PipelineExecution,
  PipelineExecutionSummary,
  SourceRevision,
  StageExecution,
} from "@aws-sdk/client-codepipeline";
import type { Action, Declaration, Execution, Located, Place, Run, StageRun } from "./records.ts";

const actionShape = (action: Action): ActionDeclaration => ({
  name: action.name,
  actionTypeId: action.type as ActionDeclaration["actionTypeId"],
  runOrder: action.runOrder,
  configuration: action.configuration,
  inputArtifacts: action.inputs.map((name) => ({ name })),
  outputArtifacts: action.outputs.map((name) => ({ name })),
  roleArn: action.roleArn,
  region: action.region,
  namespace: action.namespace,
  timeoutInMinutes: action.timeoutInMinutes,
});

export const pipelineShape = (declaration: Declaration, region: string): PipelineDeclaration => {
  const store = { type: "S3" as const, location: declaration.bucket };
  return {
    name: declaration.name,
    roleArn: declaration.roleArn,
    ...(declaration.perRegion ? { artifactStores: { [region]: store } } : { artifactStore: store }),
    stages: declaration.stages.map(({ name, actions }) => ({ name, actions: actions.map(actionShape) })),
    version: declaration.version,
    executionMode: declaration.mode,
    pipelineType: declaration.type,
    ...(declaration.variables.length > 0 ? { variables: declaration.variables } : {}),
  };
};

/** AWS knows no difference between what is about to begin and what was begun. */
const runStatus = ({ status }: Run) => (status === "Starting" || status === "Waiting" ? "InProgress" : status);

const sources = (execution: Execution, declaration: Declaration): { run: Run; action: Action }[] => {
  const [first] = declaration.stages;
  return first!.actions.flatMap((action) => {
    const run = execution.runs.findLast((one) => one.stage === first!.name && one.action === action.name && one.revision);
    return run ? [{ run, action }] : [];
  });
};

const artifactRevisions = (execution: Execution, declaration: Declaration): ArtifactRevision[] =>
  sources(execution, declaration).map(({ run, action }) => ({
    name: action.outputs[0],
    revisionId: run.revision!.id,
    revisionSummary: run.revision!.summary,
    revisionUrl: run.revision!.url,
    created: run.revision!.created === undefined ? undefined : new Date(run.revision!.created),
  }));

const sourceRevisions = (execution: Execution, declaration: Declaration): SourceRevision[] =>
  sources(execution, declaration).map(({ run }) => ({
    actionName: run.action,
    revisionId: run.revision!.id,
    revisionSummary: run.revision!.summary,
    revisionUrl: run.revision!.url,
  }));

const common = (execution: Execution, declaration: Declaration) => ({
  pipelineExecutionId: execution.id,
  status: execution.status,
  statusSummary: execution.summary,
  trigger: { triggerType: execution.trigger.type as never, triggerDetail: execution.trigger.detail },
  executionMode: declaration.mode,
  executionType: "STANDARD" as const,
});

export const executionShape = (place: Place, execution: Execution, declaration: Declaration): PipelineExecution => ({
  ...common(execution, declaration),
  pipelineName: place.pipeline,
  pipelineVersion: execution.version,
  artifactRevisions: artifactRevisions(execution, declaration),
  ...(declaration.variables.length > 0
    ? { variables: Object.entries(execution.variables).map(([name, resolvedValue]) => ({ name, resolvedValue })) }
    : {}),
});

export const summaryShape = (execution: Execution, declaration: Declaration): PipelineExecutionSummary => ({
  ...common(execution, declaration),
  startTime: new Date(execution.started),
  lastUpdateTime: new Date(execution.updated),
  sourceRevisions: sourceRevisions(execution, declaration),
  ...(execution.stop ? { stopTrigger: { reason: execution.stop.reason } } : {}),
});

const located = (all: readonly Located[]): ArtifactDetail[] => all.map(({ name, bucket, key }) => ({ name, s3location: { bucket, key } }));
const failureOf = (run: Run) => (run.failure ? { errorDetails: { code: run.failure.code, message: run.failure.message } } : {});

export const runDetail = (execution: Execution, declaration: Declaration, run: Run): ActionExecutionDetail => {
  const action = declaration.stages.find(({ name }) => name === run.stage)!.actions.find(({ name }) => name === run.action)!;
  const status = runStatus(run);
  return {
    pipelineExecutionId: execution.id,
    actionExecutionId: run.id,
    pipelineVersion: execution.version,
    stageName: run.stage,
    actionName: run.action,
    startTime: new Date(run.started),
    lastUpdateTime: new Date(run.updated),
    updatedBy: run.updatedBy,
    status,
    input: {
      actionTypeId: action.type as never,
      configuration: action.configuration,
      resolvedConfiguration: run.configuration,
      roleArn: action.roleArn,
      region: action.region,
      inputArtifacts: located(run.inputs),
      namespace: action.namespace,
    },
    ...(status === "InProgress" && run.externalId === undefined
      ? {}
      : {
          output: {
            outputArtifacts: run.status === "Succeeded" ? located(run.outputs) : [],
            executionResult: {
              externalExecutionId: run.externalId,
              externalExecutionSummary: run.summary ?? run.failure?.message,
              externalExecutionUrl: run.externalUrl,
              ...failureOf(run),
              logStreamARN: run.logStreamArn,
            },
            outputVariables: run.variables,
          },
        }),
  };
};

export const runState = (run: Run): ActionExecution => ({
  actionExecutionId: run.id,
  status: runStatus(run),
  summary: run.summary,
  lastStatusChange: new Date(run.updated),
  token: run.status === "Waiting" || run.status === "Starting" ? run.token : undefined,
  lastUpdatedBy: run.updatedBy,
  externalExecutionId: run.externalId,
  externalExecutionUrl: run.externalUrl,
  percentComplete: run.percent,
  ...failureOf(run),
  logStreamARN: run.logStreamArn,
});

export const stageShape = (execution: string, stage: StageRun): StageExecution => ({
  pipelineExecutionId: execution,
  status: stage.status,
  type: "STANDARD",
});
