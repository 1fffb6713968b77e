import * as sdk from "@aws-sdk/client-codebuild";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Handlers } from "../../protocols/operations.ts";
import type { Collection, Key, Reading, Writing } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { announcement } from "./announce.ts";
import { phaseChange, stateChange } from "./announcements.ts";
import { buildDeclaration, invalid, notFound } from "./declaration.ts";
import { mappedImage } from "./images.ts";
import { begin, end, type Phase } from "./phases.ts";
import { nameOf } from "./projects.ts";
import {
  type Build,
  buildArn,
  buildKey,
  builds,
  byProject,
  byTime,
  complete,
  type Declaration,
  declarationIn,
  idOf,
  live,
  numbers,
  parseBuildId,
  type Place,
  type Project,
  projectArn,
  projectKey,
  projects,
  requests,
  stops,
  timeKey,
} from "./records.ts";
import { buildShape } from "./shapes.ts";
import type { Signals } from "./signals.ts";

/** As AWS: the same token within five minutes is the same build. */
const tokenMs = 5 * 60_000;

export const buildOperations = (context: Context, signals: Signals): Handlers<typeof sdk> => {
  const { store, clock, settings } = context;

  /** Writes a new build and the task that runs it. */
  const open = async (tx: Writing, call: Call, project: Project, declaration: Declaration): Promise<Build> => {
    const active = await tx.list(live, { prefix: projectKey(call, project.name), limit: project.concurrentBuildLimit ?? 1 });
    if (project.concurrentBuildLimit !== undefined && active.length >= project.concurrentBuildLimit)
      throw limitExceeded(
        `Cannot have more than ${project.concurrentBuildLimit} builds in queue or in progress for the project ${project.name}`,
      );
    const now = clock.now().getTime();
    const number = ((await tx.get(numbers, projectKey(call, project.name)))?.last ?? 0) + 1;
    const image = declaration.environment.image as string;
    const build: Build = {
      ...declaration,
      account: call.account,
      region: call.region,
      project: project.name,
      uuid: randomUUID(),
      number,
      initiator: initiatorOf(call, declaration),
      started: now,
      status: "IN_PROGRESS",
      phases: begin(end(begin([], "SUBMITTED", now), "SUCCEEDED", now), "QUEUED", now),
      cacheEpoch: project.cacheEpoch,
      nonce: randomBytes(12).toString("hex"),
      engineImage: mappedImage(image, settings.images) ?? image,
    };
    await tx.put(numbers, projectKey(call, project.name), { last: number });
    await tx.put(builds, buildKey(build), build);
    await tx.put(live, buildKey(build), { at: now });
    await tx.put(byTime, [build.account, build.region, timeKey(now), build.project, build.uuid], {
      project: build.project,
      uuid: build.uuid,
    });
    await tx.put(byProject, [build.account, build.region, build.project, timeKey(now), build.uuid], { uuid: build.uuid });
    await tx.later({ name: "codebuild.build", payload: { key: buildKey(build) }, id: `codebuild.build/${build.uuid}` });
    await tx.later(announcement(build, [stateChange(build, now), phaseChange(build, build.phases[0] as Phase)]));
    return build;
  };

  /** Once per token. */
  const once = async (
    call: Call,
    project: string,
    token: string | undefined,
    input: object,
    make: (tx: Writing) => Promise<Build>,
  ): Promise<Build> => {
    const { idempotencyToken: _, ...rest } = input as { idempotencyToken?: string };
    const digest = createHash("sha256").update(JSON.stringify(rest)).digest("hex");
    return store.write(async (tx) => {
      const key = [...projectKey(call, project), token ?? ""];
      const earlier = token ? await tx.get(requests, key) : undefined;
      if (earlier) {
        const build = await tx.get(builds, [...projectKey(call, project), earlier.uuid]);
        // A caller that was killed asks again, however late, while its build runs.
        if (build && (!complete(build) || clock.now().getTime() - earlier.at < tokenMs)) {
          if (earlier.input !== digest) throw invalid(`The idempotency token ${token} was used with other parameters`);
          return build;
        }
      }
      const build = await make(tx);
      if (token) await tx.put(requests, key, { uuid: build.uuid, at: build.started, input: digest });
      return build;
    });
  };

  const find = async (call: Place, ids: readonly string[]): Promise<(Build | undefined)[]> =>
    store.read(async (tx) => {
      const found: (Build | undefined)[] = [];
      for (const id of ids) {
        const parsed = parseBuildId(id);
        found.push(parsed && (await tx.get(builds, buildKey({ account: call.account, region: call.region, ...parsed }))));
      }
      return found;
    });
  const need = async (call: Place, id: string): Promise<Build> => {
    const [build] = await find(call, [id]);
    if (!build) throw notFound(`Build cannot be found: ${id}`);
    return build;
  };

  return {
    async StartBuild(input, call) {
      const name = nameOf(input.projectName as string);
      const build = await once(call, name, input.idempotencyToken, input, async (tx) => {
        const project = await tx.get(projects, projectKey(call, name));
        if (!project) throw notFound(`Project cannot be found: ${projectArn(call, name)}`);
        return open(tx, call, project, buildDeclaration(project, input));
      });
      return { build: buildShape(build) };
    },

    async RetryBuild(input, call) {
      const before = await need(call, input.id as string);
      const build = await once(call, before.project, input.idempotencyToken, input, async (tx) => {
        const project = await tx.get(projects, projectKey(call, before.project));
        if (!project) throw notFound(`Project cannot be found: ${projectArn(call, before.project)}`);
        if (!complete(before)) throw invalid(`Build ${idOf(before)} is still in progress`);
        return open(tx, call, project, declarationIn(before));
      });
      return { build: buildShape(build) };
    },

    async StopBuild(input, call) {
      const found = await need(call, input.id as string);
      const build = await store.write(async (tx) => {
        const current = await tx.get(builds, buildKey(found));
        if (!current) throw notFound(`Build cannot be found: ${input.id}`);
        if (!complete(current)) await tx.put(stops, buildKey(current), { at: clock.now().getTime(), by: call.principal.arn });
        return current;
      });
      signals.stop(build.uuid);
      return { build: buildShape(build) };
    },

    async BatchGetBuilds(input, call) {
      const ids = input.ids ?? [];
      const found = await find(call, ids);
      return {
        builds: found.filter((one) => one !== undefined).map(buildShape),
        buildsNotFound: ids.filter((_, index) => found[index] === undefined),
      };
    },

    async ListBuilds(input, call) {
      const { items, next } = await store.read((tx) => orderedPage(tx, byTime, [call.account, call.region], input));
      return { ids: items.map(idOf), nextToken: next };
    },

    async ListBuildsForProject(input, call) {
      const project = nameOf(input.projectName as string);
      const { items, next } = await store.read(async (tx) => {
        const found = await orderedPage(tx, byProject, projectKey(call, project), input);
        if (found.items.length === 0 && !(await tx.get(projects, projectKey(call, project))))
          throw notFound(`The provided project ${projectArn(call, project)} does not exist`);
        return found;
      });
      return { ids: items.map(({ uuid }) => idOf({ project, uuid })), nextToken: next };
    },

    async BatchDeleteBuilds(input, call) {
      const buildsDeleted: string[] = [];
      const buildsNotDeleted: sdk.BuildNotDeleted[] = [];
      for (const id of input.ids ?? []) {
        const [build] = await find(call, [id]);
        if (!build) buildsNotDeleted.push({ id, statusCode: "BUILD_NOT_FOUND" });
        else if (!complete(build)) buildsNotDeleted.push({ id, statusCode: "BUILD_IN_PROGRESS" });
        else {
          await store.write(async (tx) => {
            await tx.delete(builds, buildKey(build));
            await tx.delete(byTime, [build.account, build.region, timeKey(build.started), build.project, build.uuid]);
            await tx.delete(byProject, [build.account, build.region, build.project, timeKey(build.started), build.uuid]);
          });
          buildsDeleted.push(buildArn(build));
        }
      }
      return { buildsDeleted, buildsNotDeleted };
    },
  };
};

const limitExceeded = (message: string) => new sdk.AccountLimitExceededException({ message, $metadata: {} });

const pageSize = 100;
/** In the order of their keys, newest first unless asked otherwise. The token names the last key given, so that new builds shift nothing. */
const orderedPage = async <T>(tx: Reading, from: Collection<T>, prefix: Key, input: { sortOrder?: string; nextToken?: string }) => {
  const after = input.nextToken === undefined ? undefined : keyIn(input.nextToken, prefix);
  const found = await tx.entries(from, { prefix, after, limit: pageSize + 1, newestFirst: input.sortOrder !== "ASCENDING" });
  const given = found.slice(0, pageSize);
  return {
    items: given.map(({ value }) => value),
    next: found.length > pageSize ? Buffer.from(JSON.stringify(given.at(-1)?.key)).toString("base64url") : undefined,
  };
};
const keyIn = (token: string, prefix: Key): string[] => {
  try {
    const key: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    if (Array.isArray(key) && key.every((part) => typeof part === "string") && prefix.every((part, index) => key[index] === part))
      return key;
  } catch {}
  throw invalid("Invalid next token");
};

/** `codepipeline/<pipeline>`, the user's name, or role and session. */
const initiatorOf = (call: Call, { source }: Declaration): string => {
  if (source.type === "CODEPIPELINE") return `codepipeline/${source.location?.split("/")[1] ?? ""}`;
  const { kind, arn } = call.principal;
  if (kind === "root") return "root";
  if (kind === "role") return arn.replace(/^.*:assumed-role\//, "");
  return arn.replace(/^.*:user\/(?:.*\/)?/, "");
};
