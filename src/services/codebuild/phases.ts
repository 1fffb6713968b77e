/** How a build moves from phase to phase: pure. */

export const phaseTypes = [
  "SUBMITTED",
  "QUEUED",
  "PROVISIONING",
  "DOWNLOAD_SOURCE",
  "INSTALL",
  "PRE_BUILD",
  "BUILD",
  "POST_BUILD",
  "UPLOAD_ARTIFACTS",
  "FINALIZING",
  "COMPLETED",
] as const;
export type PhaseType = (typeof phaseTypes)[number];
export type Status = "SUCCEEDED" | "FAILED" | "FAULT" | "TIMED_OUT" | "IN_PROGRESS" | "STOPPED";
export interface PhaseContext {
  readonly statusCode: string;
  readonly message: string;
}
export interface Phase {
  readonly type: PhaseType;
  /** Absent: it runs. COMPLETED never has one. */
  readonly status?: Status;
  /** Milliseconds. */
  readonly start: number;
  readonly end?: number;
  readonly contexts: readonly PhaseContext[];
}

/** What comes after a failure, unless the phase's own `on-failure` says otherwise. */
const afterFailure: Partial<Record<PhaseType, PhaseType>> = {
  PROVISIONING: "FINALIZING",
  DOWNLOAD_SOURCE: "FINALIZING",
  INSTALL: "FINALIZING",
  PRE_BUILD: "FINALIZING",
};
const next = (type: PhaseType): PhaseType => phaseTypes[phaseTypes.indexOf(type) + 1] ?? "COMPLETED";

/** Where a build goes when a phase has ended so. A stop, a time-out or a fault ends it; a failed build phase is still followed by POST_BUILD. */
export const follows = (type: PhaseType, status: Status, onFailure?: "ABORT" | "CONTINUE"): PhaseType => {
  if (status === "SUCCEEDED") return next(type);
  if (status !== "FAILED") return "COMPLETED";
  if (onFailure === "CONTINUE") return next(type);
  if (onFailure === "ABORT") return "FINALIZING";
  return afterFailure[type] ?? next(type);
};

const rank: readonly Status[] = ["SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED", "FAULT"];

/** The worst of its phases. A build whose phases did not all end has not succeeded. */
export const resultOf = (phases: readonly Phase[]): Status => {
  const ended = phases.filter(({ type }) => type !== "COMPLETED").map(({ status }) => status ?? "FAULT");
  return ended.reduce<Status>((worst, status) => (rank.indexOf(status) > rank.indexOf(worst) ? status : worst), "SUCCEEDED");
};

/** Begins a phase, at the moment the one before ended if the clock says earlier. */
export const begin = (phases: readonly Phase[], type: PhaseType, now: number): Phase[] => {
  const before = phases.at(-1);
  return [...phases, { type, start: Math.max(now, before?.end ?? before?.start ?? now), contexts: [] }];
};

/** Ends the phase that runs. */
export const end = (phases: readonly Phase[], status: Status, now: number, context?: PhaseContext): Phase[] => {
  const running = phases.at(-1);
  if (!running || running.status !== undefined || running.type === "COMPLETED") throw new Error("no phase runs");
  return [...phases.slice(0, -1), { ...running, status, end: Math.max(now, running.start), contexts: context ? [context] : [] }];
};

export const running = (phases: readonly Phase[]): Phase | undefined => {
  const last = phases.at(-1);
  return last && last.status === undefined && last.type !== "COMPLETED" ? last : undefined;
};
export const failedBefore = (phases: readonly Phase[]): boolean =>
  phases.some(({ status }) => status !== undefined && status !== "SUCCEEDED");
