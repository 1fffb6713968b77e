/** Watches a build's container to its end: its output becomes log lines and phases. */
import type { Container, Exit } from "../../engines/engine.ts";
import type { BuildLog } from "./log.ts";
import { containerLine, phaseComplete } from "./log-lines.ts";
import { createOutput, type Item } from "./output.ts";
import { follows, type PhaseContext, type PhaseType, running, type Status } from "./phases.ts";
import { phaseNames } from "./buildspec.ts";
import type { Plan } from "./prepare.ts";
import { phaseTypeOf, stepsOf } from "./program.ts";
import type { Progress } from "./progress.ts";

export interface Ending {
  /** What comes next; COMPLETED after a stop, a time-out or a fault. */
  readonly next: PhaseType;
}

/** Uptime is told in hundredths of a second. */
const exactMs = 10;
/** Marks younger than this are read as they come. */
const liveMs = 1000;

export const follow = async (
  container: Container,
  plan: Plan,
  progress: Progress,
  log: BuildLog,
  now: () => number,
  signal: AbortSignal,
): Promise<Ending> => {
  const steps = stepsOf(plan.spec);
  const output = createOutput(progress.build.nonce);
  let failed: { text: string; code: number } | undefined;
  let next = "INSTALL" as PhaseType;
  let finished = false;
  let last = plan.clock.wall;
  let live = false;

  const timeOf = (uptime: number) => {
    const told = plan.clock.wall + (uptime - plan.clock.uptime) * 1000;
    live ||= now() - told < liveMs;
    last = Math.max(last, Math.min(now(), told + exactMs));
    return last;
  };
  const say = (text: string, at: number) => log.line(containerLine(at, text), at);
  const endPhase = (status: Status, at: number, context?: PhaseContext) => {
    const type = running(progress.build.phases)?.type;
    if (!type) return;
    progress.end(status, at, context);
    for (const line of phaseComplete(type, status, context)) say(line, at);
  };

  const heed = (item: Item) => {
    // Old output, read again by a restarted server, is as old as the mark before it.
    if (item.kind === "line") return log.line(item.text, live ? now() : last);
    const [word, first = "", second = ""] = item.words;
    const at = timeOf(item.uptime);
    if (word === "phase") {
      progress.begin(first as PhaseType, at);
      say(`Entering phase ${first}`, at);
      failed = undefined;
    } else if (word === "run") {
      const step = steps[Number(first)];
      if (step?.kind === "command") say(`Running command ${step.text}`, at);
    } else if (word === "ran" && second !== "0") {
      const step = steps[Number(first)];
      if (step?.kind !== "command") return;
      const code = Number(second);
      say(`Command did not exit successfully ${step.text} exit status ${code}`, at);
      failed ??= { text: step.text, code };
    } else if (word === "end") {
      const type = first as PhaseType;
      const status: Status = second === "0" ? "SUCCEEDED" : "FAILED";
      const context = failed && {
        statusCode: "COMMAND_EXECUTION_ERROR",
        message: `Error while executing command: ${failed.text}. Reason: exit status ${failed.code}`,
      };
      if (status === "FAILED" && !progress.build.failure)
        progress.change({
          failure: { phase: type, command: failed?.text, exitCode: failed?.code, reason: context?.message ?? "the phase failed" },
        });
      endPhase(status, at, status === "FAILED" ? context : undefined);
      const name = phaseNames.find((one) => phaseTypeOf(one) === type);
      next = follows(type, status, name && plan.spec.phases[name]?.onFailure);
    } else if (word === "finished") finished = true;
  };

  const reader = container.logs()[Symbol.asyncIterator]();
  const leave = () => void reader.return?.();
  signal.addEventListener("abort", leave, { once: true });
  for (;;) {
    signal.throwIfAborted();
    const { done, value } = await reader.next();
    if (done) break;
    for (const item of output.push(value.bytes)) heed(item);
  }
  signal.removeEventListener("abort", leave);
  signal.throwIfAborted();
  for (const item of output.end()) heed(item);
  const exit = await container.wait();
  if (finished && "code" in exit && exit.code === 0 && !running(progress.build.phases)) return { next };

  const end = endOf(exit);
  if (!running(progress.build.phases)) progress.begin(next === "UPLOAD_ARTIFACTS" || next === "FINALIZING" ? "FINALIZING" : next);
  const phase = running(progress.build.phases)?.type as PhaseType;
  if (end.status !== "STOPPED" && !progress.build.failure) progress.change({ failure: { phase, reason: end.context.message } });
  endPhase(end.status, Math.max(now(), last), end.context);
  return { next: end.status === "FAILED" ? "FINALIZING" : "COMPLETED" };
};

/** Why a container that did not go through its program ended: pure. */
export const endOf = (exit: Exit): { status: Status; context: PhaseContext } => {
  const found = (status: Status, statusCode: string, message: string) => ({ status, context: { statusCode, message } });
  if ("code" in exit)
    return exit.code === 97
      ? found(
          "FAILED",
          "COMMAND_EXECUTION_ERROR",
          "The shell or the user of the commands is not there; its own words are the last lines of the log",
        )
      : found("FAILED", "CLIENT_ERROR", `Build container found dead before completing the build (exit code ${exit.code}).`);
  switch (exit.lost) {
    case "stopped":
      return found("STOPPED", "", "");
    case "timed-out":
      return found("TIMED_OUT", "BUILD_TIMED_OUT", "Build has timed out.");
    case "out-of-memory":
      return found(
        "FAILED",
        "CLIENT_ERROR",
        "Build container found dead before completing the build. Build container died because it was out of memory.",
      );
    case "vanished":
      return found(
        "FAULT",
        "INTERNAL_SERVICE_ERROR",
        "The build's environment vanished before the build was complete (was the machine restarted?).",
      );
  }
};
