/** The task that takes a build from QUEUED to COMPLETED. Killed anywhere, the next one finds the container by the build's id and goes on. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Container, EngineUnavailable } from "../../engines/engine.ts";
import type { Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import { announcement } from "./announce.ts";
import { stateChange } from "./announcements.ts";
import { ArtifactError } from "./artifact-files.ts";
import { follow } from "./follow.ts";
import { restoreCache, saveCache } from "./keep.ts";
import { type BuildLog, createBuildLog } from "./log.ts";
import { containerLine, createMask, phaseComplete } from "./log-lines.ts";
import { begin, failedBefore, follows, type PhaseContext, type PhaseType, resultOf, running, type Status } from "./phases.ts";
import { assumeRole, createPrelude, PhaseFailure, type Plan, planFile, prepare } from "./prepare.ts";
import { createProgress, type Progress } from "./progress.ts";
import { type Build, buildKey, builds, complete, containerId, live, stops } from "./records.ts";
import { logPlace } from "./shapes.ts";
import type { Signals, Slots } from "./signals.ts";
import { uploadArtifacts } from "./upload.ts";
import { insideOf, sourceFolder, workspaceFolder } from "./workspace.ts";

/** What builds of this process share. */
export interface Shop {
  readonly signals: Signals;
  readonly slots: Slots;
  readonly tools: { folder(): Promise<string> };
  /** Resolves when what an earlier process left behind is cleared away. */
  readonly swept: Promise<void>;
}

/** So often an error of ours is tried again before the build is given up as a fault. */
const mostAttempts = 3;
class Stopped extends Error {}

export const run =
  (context: Context, shop: Shop) =>
  async (task: Task): Promise<void> => {
    const key: string[] = task.payload.key;
    const [build, stop] = await context.store.read(async (tx) => [await tx.get(builds, key), await tx.get(stops, key)] as const);
    if (!build) return;
    const folder = workspaceFolder(context.folder, build.uuid);
    if (!complete(build)) await createRun(context, shop, task, build, folder, stop !== undefined).go();
    await cleanUp(context, build, folder);
    shop.signals.forget(build.uuid);
  };

const cleanUp = async ({ engine, log }: Context, build: Build, folder: string): Promise<void> => {
  try {
    await (await engine.find(containerId(build)))?.remove();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    log.error("a build's environment cannot be removed", error, { build: build.uuid });
  }
};

const createRun = (context: Context, shop: Shop, task: Task, first: Build, folder: string, stopAsked: boolean) => {
  const { engine, clock } = context;
  const now = () => clock.now().getTime();
  const progress: Progress = createProgress(task, clock, first);
  const stopping = new AbortController();
  const asked = shop.signals.listen(first.uuid);
  if (stopAsked) stopping.abort(new Stopped());
  asked.addEventListener("abort", () => stopping.abort(new Stopped()), { once: true });
  if (asked.aborted) stopping.abort(new Stopped());
  let secrets: readonly string[] = [];
  let mask = createMask([]);
  let log: BuildLog | undefined;
  let slot = () => {};
  let tooLate: AbortSignal | undefined;
  const hide = (more: readonly string[]) => {
    secrets = [...secrets, ...more];
    mask = createMask(secrets);
  };
  const say = (text: string) => {
    const at = now();
    log?.line(containerLine(at, text), at);
  };
  const endPhase = (status: Status, sayIt: (text: string) => void, statusContext?: PhaseContext) => {
    const type = running(progress.build.phases)?.type;
    progress.end(status, now(), statusContext);
    if (type) for (const line of phaseComplete(type, status, statusContext)) sayIt(line);
  };

  /** Ends the running phase by what went wrong, and tells what comes next. Throws what is no answer. */
  const failPhase = (error: unknown, sayIt: (text: string) => void): PhaseType => {
    if (task.signal.aborted) throw task.signal.reason;
    const cause = stopping.signal.aborted ? stopping.signal.reason : error;
    const fail = (status: Status, statusCode: string, message: string) => {
      const type = running(progress.build.phases)?.type as PhaseType;
      if (status !== "STOPPED") progress.change({ failure: progress.build.failure ?? { phase: type, reason: message } });
      endPhase(status, sayIt, { statusCode, message });
      return follows(type, status);
    };
    if (cause instanceof Stopped) return fail("STOPPED", "", "");
    if (tooLate?.aborted) return fail("TIMED_OUT", "BUILD_TIMED_OUT", "Build has timed out.");
    if (error instanceof PhaseFailure) return fail("FAILED", error.statusCode, error.message);
    if (error instanceof ArtifactError) return fail("FAILED", "CLIENT_ERROR", error.message);
    if (error instanceof EngineUnavailable) {
      // The environment is part of provisioning, though it starts only when the source is there.
      const before = progress.build.phases.filter(({ type }) => type !== "DOWNLOAD_SOURCE" && type !== "PROVISIONING");
      progress.change({ phases: begin(before, "PROVISIONING", before.at(-1)?.end ?? now()) });
      return fail(
        "FAILED",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        `Unable to provide the image ${progress.build.environment.image}. ${error.message}`,
      );
    }
    if (task.attempt < mostAttempts) throw error;
    context.log.error("a build fails for a reason of ours", error, { build: first.uuid });
    return fail("FAULT", "INTERNAL_SERVICE_ERROR", `${(error as Error)?.message ?? error}`);
  };

  const openLog = (aws: Parameters<typeof createBuildLog>[0]["aws"], resumed: boolean) => {
    log = createBuildLog({ aws, place: logPlace(first), mask: (line) => mask(line), resumed, log: context.log });
    return log;
  };

  /** Until the container runs; or where the build goes instead. */
  const start = async (): Promise<{ container: Container; plan: Plan } | PhaseType> => {
    const again = task.attempt > 1 || running(first.phases)?.type !== "QUEUED";
    const queuedFor = first.started + first.queuedTimeoutInMinutes * 60_000 - now();
    let sayIt = say;
    try {
      tooLate = AbortSignal.timeout(Math.max(0, queuedFor));
      slot = await shop.slots.take(AbortSignal.any([task.signal, stopping.signal, tooLate]));
      await shop.swept;
      if (again) {
        // An earlier attempt did not get as far as the container: all is begun again.
        progress.change({ phases: progress.build.phases.filter(({ type }) => type === "SUBMITTED" || type === "QUEUED") });
      }
      progress.end("SUCCEEDED");
      progress.begin("PROVISIONING");
      const provisioned = now();
      const deadline = provisioned + first.timeoutInMinutes * 60_000;
      const [{ aws, credentials }, tools] = await Promise.all([assumeRole(context, first), shop.tools.folder()]);
      hide([credentials.secretAccessKey, credentials.sessionToken, credentials.accessKeyId]);
      const prelude = createPrelude(openLog(aws, again), now);
      sayIt = prelude.say;
      prelude.say(`Running on Mayfly, engine ${engine.name}, image ${first.engineImage} for ${first.environment.image}`);
      if (first.environment.privilegedMode && engine.name === "sandbox")
        prelude.say("Privileged mode has no effect on the sandbox engine: there is no docker daemon inside");
      progress.end("SUCCEEDED");
      progress.begin("DOWNLOAD_SOURCE");
      tooLate = AbortSignal.timeout(Math.max(1, deadline - now()));
      const signal = AbortSignal.any([task.signal, stopping.signal, tooLate]);
      const keeping = { engine, build: first, aws, folder: context.folder, say: prelude.say };
      const prepared = await prepare({
        context,
        progress,
        prelude,
        aws,
        credentials,
        folder,
        tools,
        signal,
        deadline,
        now,
        hide,
        restoreCache: (workspace, mounts, spec, environment) => restoreCache(keeping, workspace, mounts, spec, environment),
      });
      signal.throwIfAborted();
      endPhase("SUCCEEDED", prelude.say);
      const plan: Plan = { ...prepared.plan, secrets, lines: prelude.lines, phases: progress.build.phases };
      await writeFile(planFile(folder), JSON.stringify(plan), { mode: 0o600 });
      return { container: await engine.start(prepared.spec), plan };
    } catch (error) {
      return failPhase(error, sayIt);
    }
  };

  /** The container an earlier process started. */
  const adopt = async (): Promise<{ container: Container; plan: Plan } | undefined> => {
    const container = await engine.find(containerId(first));
    if (!container) return undefined;
    const text = await readFile(planFile(folder), "utf8").catch(() => undefined);
    if (text === undefined) {
      await container.remove();
      return undefined;
    }
    const plan: Plan = JSON.parse(text);
    hide(plan.secrets);
    const adopted = openLog(context.aws.at(first).as(first.serviceRole, `AWSCodeBuild-${first.uuid}`), true);
    for (const { text, at } of plan.lines) adopted.line(text, at);
    progress.change({ phases: plan.phases, ...plan.known, failure: undefined });
    return { container, plan };
  };

  const exported = async (plan: Plan) => {
    const values: { name: string; value: string }[] = [];
    for (const name of plan.spec.exportedVariables) {
      if (plan.secretNames.includes(name) || name.startsWith("AWS_")) {
        say(`The variable ${name} is not exported: it holds a secret`);
        continue;
      }
      const value = await readFile(join(folder, "state", `export-${name}`), "utf8").catch(() => undefined);
      if (value !== undefined) values.push({ name, value });
    }
    progress.change({ exported: values });
  };

  const finish = async (plan: Plan, from: PhaseType): Promise<void> => {
    let next = from;
    const aws = context.aws.at(first).as(first.serviceRole, `AWSCodeBuild-${first.uuid}`);
    await exported(plan);
    if (next === "UPLOAD_ARTIFACTS") {
      progress.begin("UPLOAD_ARTIFACTS");
      try {
        const names = new Map<string, string>();
        for (const [file, identifier] of Object.entries(plan.names)) {
          const value = await readFile(join(folder, "state", file), "utf8").catch(() => undefined);
          if (value) names.set(identifier, value.trim());
        }
        const out = join(folder, "out");
        const uploaded = await uploadArtifacts({
          build: progress.build,
          spec: plan.spec,
          inside: insideOf(plan.mounts),
          source: sourceFolder(),
          folder: out,
          aws,
          names,
          log: say,
        });
        progress.change({ uploaded });
        if (!failedBefore(progress.build.phases))
          await saveCache({ engine, build: first, aws, folder: context.folder, say }, plan, join(folder, "files"), out);
        endPhase("SUCCEEDED", say);
        next = "FINALIZING";
      } catch (error) {
        next = failPhase(error, say);
      }
    }
    if (next === "FINALIZING") {
      progress.begin("FINALIZING");
      progress.end("SUCCEEDED");
    }
  };

  return {
    async go(): Promise<void> {
      try {
        const begun = (await adopt()) ?? (await start());
        if (typeof begun === "string") {
          if (begun === "FINALIZING") {
            progress.begin("FINALIZING");
            progress.end("SUCCEEDED");
          }
        } else {
          const { container, plan } = begun;
          const halt = () =>
            void container.stop(0).catch((error) => context.log.error("a build cannot be stopped", error, { build: first.uuid }));
          if (stopping.signal.aborted) halt();
          stopping.signal.addEventListener("abort", halt, { once: true });
          const { next } = await follow(container, plan, progress, log as BuildLog, now, task.signal);
          if (next !== "COMPLETED" && stopping.signal.aborted) {
            // It was asked to stop before it was done, and so nothing of it goes out.
            progress.begin(next);
            endPhase("STOPPED", say);
          } else if (next !== "COMPLETED") await finish(plan, next);
        }
        await log?.drain();
        await commit();
      } finally {
        slot();
        await progress.settle().catch(() => {});
      }
    },
  };

  async function commit(): Promise<void> {
    await progress.settle();
    const ended = now();
    const { build } = progress;
    const done: Build = {
      ...build,
      phases: begin(build.phases, "COMPLETED", ended),
      status: resultOf(build.phases),
      ended,
      lastLogLines: log?.tail() ?? [],
    };
    const events = [...progress.takeEvents(), stateChange(done, ended)];
    await task.finish(async (tx) => {
      await tx.put(builds, buildKey(done), done);
      await tx.delete(live, buildKey(done));
      await tx.delete(stops, buildKey(done));
      await tx.later(announcement(done, events));
    });
  }
};
