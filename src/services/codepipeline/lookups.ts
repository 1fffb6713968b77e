/** Finds what an operation names, or throws AWS's exception. */
import {
  InvalidNextTokenException,
  PipelineExecutionNotFoundException,
  PipelineNotFoundException,
  StageNotFoundException,
} from "@aws-sdk/client-codepipeline";
import type { Reading } from "../../store/store.ts";
import type { Call } from "../service.ts";
import { problem } from "./errors.ts";
import {
  type Declaration,
  declarations,
  type Execution,
  executions,
  keyOf,
  type Pipeline,
  type Place,
  pipelines,
  type Stage,
  versionKey,
} from "./records.ts";

export const placeOf = (call: Pick<Call, "account" | "region">, pipeline: string): Place => ({
  account: call.account,
  region: call.region,
  pipeline,
});

export const noPipeline = ({ account, pipeline }: Place) =>
  problem(PipelineNotFoundException, `Account '${account}' does not have a pipeline with name '${pipeline}'`);

export interface Known {
  readonly place: Place;
  readonly pipeline: Pipeline;
  readonly declaration: Declaration;
}

export const knownPipeline = async (tx: Reading, place: Place): Promise<Known> => {
  const pipeline = await tx.get(pipelines, keyOf(place));
  const declaration = pipeline && (await tx.get(declarations, [...keyOf(place), versionKey(pipeline.version)]));
  if (!pipeline || !declaration) throw noPipeline(place);
  return { place, pipeline, declaration };
};

export const knownStage = ({ declaration, place }: Known, name: string): Stage => {
  const stage = declaration.stages.find((one) => one.name === name);
  if (!stage) throw problem(StageNotFoundException, `Pipeline '${place.pipeline}' does not have a stage with name '${name}'`);
  return stage;
};

export const knownExecution = async (tx: Reading, place: Place, id: string): Promise<Execution> => {
  const execution = await tx.get(executions, [...keyOf(place), id]);
  if (!execution)
    throw problem(PipelineExecutionNotFoundException, `Pipeline '${place.pipeline}' does not have a pipeline execution with id '${id}'`);
  return execution;
};

const mark = "cp1 ";
/** A page token names the last item that was given. */
export const tokenFor = (...parts: string[]): string => Buffer.from(mark + parts.join(" ")).toString("base64url");
export const partsOf = (token: string, count: number): string[] => {
  const text = Buffer.from(token, "base64url").toString();
  const parts = text.slice(mark.length).split(" ");
  if (!text.startsWith(mark) || parts.length !== count || tokenFor(...parts) !== token)
    throw problem(InvalidNextTokenException, "The next token was specified in an invalid format");
  return parts;
};
