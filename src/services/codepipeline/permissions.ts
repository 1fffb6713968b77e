/** What a caller must be allowed to do, as AWS's service authorization reference has it. */
import type { Permissions } from "../service.ts";

/** Resources of each operation, from the pipeline's ARN; what is missing is `*`. */
const resources: Record<string, (pipeline: (name: string) => string, input: Record<string, string>) => string> = {
  CreatePipeline: (pipeline, input) => pipeline((input.pipeline as unknown as { name: string }).name),
  UpdatePipeline: (pipeline, input) => pipeline((input.pipeline as unknown as { name: string }).name),
  DeletePipeline: (pipeline, { name }) => pipeline(name!),
  GetPipeline: (pipeline, { name }) => pipeline(name!),
  GetPipelineState: (pipeline, { name }) => pipeline(name!),
  StartPipelineExecution: (pipeline, { name }) => pipeline(name!),
  StopPipelineExecution: (pipeline, { pipelineName }) => pipeline(pipelineName!),
  GetPipelineExecution: (pipeline, { pipelineName }) => pipeline(pipelineName!),
  ListPipelineExecutions: (pipeline, { pipelineName }) => pipeline(pipelineName!),
  ListActionExecutions: (pipeline, { pipelineName }) => pipeline(pipelineName!),
  RetryStageExecution: (pipeline, { pipelineName, stageName }) => `${pipeline(pipelineName!)}/${stageName}`,
  DisableStageTransition: (pipeline, { pipelineName, stageName }) => `${pipeline(pipelineName!)}/${stageName}`,
  EnableStageTransition: (pipeline, { pipelineName, stageName }) => `${pipeline(pipelineName!)}/${stageName}`,
  PutApprovalResult: (pipeline, { pipelineName, stageName, actionName }) => `${pipeline(pipelineName!)}/${stageName}/${actionName}`,
  TagResource: (_, { resourceArn }) => resourceArn!,
  UntagResource: (_, { resourceArn }) => resourceArn!,
  ListTagsForResource: (_, { resourceArn }) => resourceArn!,
};

export const permissions: Permissions = {
  of(operation, input, { account, region }) {
    const pipeline = (name: string) => `arn:aws:codepipeline:${region}:${account}:${name}`;
    return [{ action: `codepipeline:${operation}`, resource: resources[operation]?.(pipeline, input) ?? "*" }];
  },
};
