/** Where people look at things. */
import type { Place } from "./records.ts";

const part = encodeURIComponent;
const at = (endpoint: string, region: string, path: string) => `${endpoint}/console/${path}?region=${part(region)}`;

export const pipelineLink = (endpoint: string, place: Place): string =>
  at(endpoint, place.region, `codepipeline/pipelines/${part(place.pipeline)}`);
export const executionLink = (endpoint: string, place: Place, execution: string): string =>
  at(endpoint, place.region, `codepipeline/pipelines/${part(place.pipeline)}/executions/${part(execution)}`);
export const commitLink = (endpoint: string, region: string, repository: string, commit: string): string =>
  at(endpoint, region, `codecommit/repositories/${part(repository)}/commit/${part(commit)}`);
export const branchLink = (endpoint: string, region: string, repository: string, branch: string): string =>
  at(endpoint, region, `codecommit/repositories/${part(repository)}/browse/${part(branch)}`);
export const objectLink = (endpoint: string, region: string, bucket: string, key: string): string =>
  at(endpoint, region, `s3/buckets/${part(bucket)}/objects/${part(key)}`);
export const projectLink = (endpoint: string, region: string, project: string): string =>
  at(endpoint, region, `codebuild/projects/${part(project)}`);
export const buildLink = (endpoint: string, region: string, build: string): string =>
  at(endpoint, region, `codebuild/builds/${part(build)}`);
export const stackLink = (endpoint: string, region: string, stack: string): string =>
  at(endpoint, region, `cloudformation/stacks/${part(stack)}`);
export const functionLink = (endpoint: string, region: string, name: string): string =>
  at(endpoint, region, `lambda/functions/${part(name)}`);
export const approvalLink = (endpoint: string, place: Place, stage: string, action: string): string =>
  at(endpoint, place.region, `codepipeline/pipelines/${part(place.pipeline)}/approvals/${part(stage)}/${part(action)}`);
