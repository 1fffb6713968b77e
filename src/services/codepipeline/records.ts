/** What CodePipeline remembers. Moments are milliseconds since 1970. Every key begins with account and region. */
import { collection } from "../../store/store.ts";

/** Where a pipeline is. */
export interface Place {
  readonly account: string;
  readonly region: string;
  readonly pipeline: string;
}
export const keyOf = (place: Place): [string, string, string] => [place.account, place.region, place.pipeline];

export type Mode = "SUPERSEDED" | "QUEUED" | "PARALLEL";
export interface ActionTypeRef {
  category: string;
  owner: string;
  provider: string;
  version: string;
}
export interface Action {
  name: string;
  type: ActionTypeRef;
  runOrder: number;
  configuration: Record<string, string>;
  inputs: string[];
  outputs: string[];
  roleArn?: string;
  region?: string;
  namespace?: string;
  timeoutInMinutes?: number;
}
export interface Stage {
  name: string;
  actions: Action[];
}
export interface Variable {
  name: string;
  defaultValue?: string;
  description?: string;
}
/** One version of a pipeline's structure. */
export interface Declaration {
  name: string;
  version: number;
  roleArn: string;
  /** The bucket of artifacts; `perRegion` says that it was declared as `artifactStores`. */
  bucket: string;
  perRegion: boolean;
  type: "V1" | "V2";
  mode: Mode;
  variables: Variable[];
  stages: Stage[];
}

export interface Pipeline {
  name: string;
  version: number;
  created: number;
  updated: number;
  tags: Record<string, string>;
}

export type ExecutionStatus = "InProgress" | "Stopping" | "Stopped" | "Succeeded" | "Failed" | "Superseded" | "Cancelled";
export type StageStatus = "InProgress" | "Stopping" | "Stopped" | "Succeeded" | "Failed" | "Cancelled";
/** `Starting`: we mean to do it; `Waiting`: it was begun, and somebody will tell us how it ends. AWS calls both InProgress. */
export type RunStatus = "Starting" | "Waiting" | "Succeeded" | "Failed" | "Abandoned";

export interface Located {
  name: string;
  bucket: string;
  key: string;
}
export interface Revision {
  id: string;
  summary?: string;
  url?: string;
  created?: number;
  author?: string;
}
export interface Failure {
  code: string;
  message: string;
}
/** One try of one action. */
export interface Run {
  id: string;
  stage: string;
  action: string;
  status: RunStatus;
  /** The task that carries the start of it out. */
  carrier?: string;
  started: number;
  updated: number;
  updatedBy?: string;
  configuration: Record<string, string>;
  inputs: Located[];
  outputs: Located[];
  /** Names of other services' work that it waits for (build ARN, stack id). */
  on: string[];
  /** What the provider wants to know again when it looks after its work. */
  memory?: Record<string, string>;
  deadline?: number;
  /** Of an approval, while it waits. */
  token?: string;
  externalId?: string;
  externalUrl?: string;
  summary?: string;
  percent?: number;
  failure?: Failure;
  logStreamArn?: string;
  /** The last lines of the log of what failed. */
  logTail?: string[];
  variables: Record<string, string>;
  revision?: Revision;
}
export interface StageRun {
  status: StageStatus;
  started: number;
  updated: number;
  /** Current try of each action, by name. */
  runs: Record<string, string>;
  retries: number;
}
export interface Execution {
  id: string;
  /** Number in the pipeline's history: who came later overtakes. */
  order: number;
  version: number;
  status: ExecutionStatus;
  summary?: string;
  started: number;
  updated: number;
  attempt: number;
  trigger: { type: string; detail: string };
  variables: Record<string, string>;
  overrides: Record<string, { type: string; value: string }>;
  stop?: { abandon: boolean; reason?: string };
  /** Where it is, or where it ended. */
  position: { stage: number; at: "gate" | "stage" };
  stages: Record<string, StageRun>;
  runs: Run[];
  artifacts: Record<string, Located>;
  values: Record<string, Record<string, string>>;
}

export interface Transition {
  enabled: boolean;
  by?: string;
  at?: number;
  reason?: string;
}
/** One stage of a pipeline as all its executions see it. */
export interface Gate {
  /** Who is in the stage (nobody, in mode PARALLEL). */
  holder?: string;
  /** Who waits to enter it, first come first. */
  waiting: string[];
  /** Who entered it last. */
  latest?: string;
  inbound: Transition;
  /** Latest try of each action. */
  actions: Record<string, { execution: string; run: string }>;
}
/** The state of a pipeline between its executions. */
export interface Line {
  count: number;
  /** Executions that have not ended, in the order of their start. */
  active: string[];
  gates: Record<string, Gate>;
}

/** [account, region, name] */
export const pipelines = collection<Pipeline>("codepipeline.pipeline");
/** [account, region, name, version] */
export const declarations = collection<Declaration>("codepipeline.declaration");
/** [account, region, name] */
export const lines = collection<Line>("codepipeline.line");
/** [account, region, name, execution id] */
export const executions = collection<Execution>("codepipeline.execution");
/** [account, region, name, client token] → execution id */
export const requests = collection<{ execution: string; input: string }>("codepipeline.request");
/** [account, region, work's name, run id]: who waits for another service's work */
export const waits = collection<{ place: Place; execution: string; run: string }>("codepipeline.wait");
/** [account, region, run id]: jobs of Lambda functions */
export const jobs = collection<{ place: Place; execution: string }>("codepipeline.job");
/** [account, region, kind, …what is watched, pipeline, action]: which pipelines a change starts */
export const watches = collection<{ place: Place; action: string }>("codepipeline.watch");

export const versionKey = (version: number): string => String(version).padStart(10, "0");
export const ended = (execution: Execution): boolean => execution.status !== "InProgress" && execution.status !== "Stopping";
export const running = (run: Run): boolean => run.status === "Starting" || run.status === "Waiting";
