/** The events codebuild emits: AWS's shapes, and under `mayfly` what makes them useful. Pure. */
import type { Phase, PhaseContext } from "./phases.ts";
import { type Build, buildArn, complete } from "./records.ts";
import { deepLink, logPlace } from "./shapes.ts";

export interface BusEvent {
  readonly Source: "aws.codebuild";
  readonly DetailType: string;
  /** ISO. */
  readonly Time: string;
  readonly Resources: string[];
  readonly Detail: string;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** `Sep 1, 2017 4:12:29 PM`, in UTC. */
export const eventTime = (ms: number): string => {
  const at = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  const hour = at.getUTCHours();
  return `${months[at.getUTCMonth()]} ${at.getUTCDate()}, ${at.getUTCFullYear()} ${hour % 12 || 12}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} ${hour < 12 ? "AM" : "PM"}`;
};
const contextText = (contexts: readonly PhaseContext[]) =>
  `[${contexts.map(({ statusCode, message }) => `${statusCode}: ${message}`).join(", ")}]`;
const seconds = (phase: Phase) => ((phase.end ?? phase.start) - phase.start) / 1000;

const phaseShape = (phase: Phase) => ({
  "phase-context": phase.contexts.map(({ statusCode, message }) => `${statusCode}: ${message}`),
  "start-time": eventTime(phase.start),
  ...(phase.end !== undefined && { "end-time": eventTime(phase.end), "duration-in-seconds": Math.floor(seconds(phase)) }),
  "phase-type": phase.type,
  ...(phase.status && { "phase-status": phase.status }),
});

const additional = (build: Build) => {
  const place = logPlace(build);
  const primary = build.uploaded?.find(({ identifier }) => identifier === undefined);
  return {
    artifact: {
      ...(primary?.md5 && { md5sum: primary.md5 }),
      ...(primary?.sha256 && { sha256sum: primary.sha256 }),
      location: primary?.location ?? "",
    },
    environment: {
      image: build.environment.image,
      "privileged-mode": build.environment.privilegedMode ?? false,
      "compute-type": build.environment.computeType,
      type: build.environment.type,
      "environment-variables": (build.environment.environmentVariables ?? []).map(({ name, value, type }) => ({
        name,
        type: type ?? "PLAINTEXT",
        value,
      })),
    },
    "timeout-in-minutes": build.timeoutInMinutes,
    "build-complete": complete(build),
    "build-number": build.number,
    initiator: build.initiator,
    "build-start-time": eventTime(build.started),
    source: { ...(build.source.location && { location: build.source.location }), type: build.source.type },
    ...(build.sourceVersion && { "source-version": build.sourceVersion }),
    ...(place && { logs: { "group-name": place.group, "stream-name": place.stream, "deep-link": deepLink(build) } }),
    phases: build.phases.map(phaseShape),
    "queued-timeout-in-minutes": build.queuedTimeoutInMinutes,
  };
};

const event = (build: Build, type: string, time: number, detail: object): BusEvent => ({
  Source: "aws.codebuild",
  DetailType: type,
  Time: new Date(time).toISOString(),
  Resources: [buildArn(build)],
  Detail: JSON.stringify(detail),
});

export const stateChange = (build: Build, time: number): BusEvent =>
  event(build, "CodeBuild Build State Change", time, {
    "build-status": build.status,
    "project-name": build.project,
    "build-id": buildArn(build),
    "additional-information": additional(build),
    "current-phase": complete(build) ? "COMPLETED" : (build.phases.at(-1)?.type ?? "SUBMITTED"),
    "current-phase-context": contextText(build.phases.at(-1)?.contexts ?? []),
    version: "1",
    mayfly: {
      buildNumber: build.number,
      ...(build.ended !== undefined && { durationSeconds: (build.ended - build.started) / 1000 }),
      ...(build.commit && { commit: build.commit }),
      ...(build.failure && { failure: build.failure }),
      ...(build.lastLogLines && { lastLogLines: build.lastLogLines }),
      ...(deepLink(build) && { links: { logs: deepLink(build) } }),
    },
  });

export const phaseChange = (build: Build, phase: Phase): BusEvent =>
  event(build, "CodeBuild Build Phase Change", phase.end ?? phase.start, {
    "completed-phase": phase.type,
    "project-name": build.project,
    "build-id": buildArn(build),
    "completed-phase-context": contextText(phase.contexts),
    "completed-phase-status": phase.status,
    "completed-phase-duration-seconds": seconds(phase),
    "completed-phase-start": eventTime(phase.start),
    "completed-phase-end": eventTime(phase.end ?? phase.start),
    "additional-information": additional(build),
    version: "1",
  });
