/** Pipelines: made, changed, shown, removed. */
import type * as sdk from "@aws-sdk/client-codepipeline";
import { InvalidStructureException, PipelineNameInUseException, PipelineVersionNotFoundException } from "@aws-sdk/client-codepipeline";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Handlers } from "../../protocols/operations.ts";
import { BadToken, page } from "../../lib/pages.ts";
import type { Writing } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { providerOf } from "./actions/index.ts";
import { arnOf } from "./announcements.ts";
import { loadWorld, make } from "./changes.ts";
import { declarationOf } from "./declaration.ts";
import { problem } from "./errors.ts";
import { forget } from "./follow.ts";
import { knownPipeline, partsOf, placeOf } from "./lookups.ts";
import { type Declaration, declarations, executions, jobs, keyOf, lines, type Place, pipelines, requests, versionKey } from "./records.ts";
import { pipelineShape } from "./shapes.ts";
import { MissingVariables, startExecution } from "./start.ts";
import { checkTags, tagList } from "./tags.ts";
import { actionOfRun, emptyLine, runsGoingOn } from "./world.ts";
import { unwatch, watch } from "./watches.ts";
import { sessionName } from "./session.ts";

export const pipelineOperations = (context: Context): Handlers<typeof sdk> => ({
  async CreatePipeline(input, call) {
    const declaration = declarationOf(input.pipeline!, call, 1);
    const tags = checkTags({}, input.tags ?? []);
    const place = placeOf(call, declaration.name);
    await checkRoles(context, place, declaration);
    const now = context.clock.now().getTime();
    await context.store.write(async (tx) => {
      const created = await tx.create(pipelines, keyOf(place), { name: declaration.name, version: 1, created: now, updated: now, tags });
      if (!created)
        throw problem(
          PipelineNameInUseException,
          `A pipeline with the name '${declaration.name}' already exists in account '${place.account}'`,
        );
      await tx.put(declarations, [...keyOf(place), versionKey(1)], declaration);
      await tx.put(lines, keyOf(place), emptyLine(declaration.stages.map(({ name }) => name)));
      await watch(tx, place, declaration);
      await begin(tx, context, place, call);
    });
    return { pipeline: pipelineShape(declaration, call.region), tags: tagList(tags) };
  },

  async UpdatePipeline(input, call) {
    const checked = declarationOf(input.pipeline!, call, 0);
    const place = placeOf(call, checked.name);
    await context.store.read((tx) => knownPipeline(tx, place));
    await checkRoles(context, place, checked);
    const declaration = await context.store.write(async (tx) => {
      const { pipeline, declaration: before } = await knownPipeline(tx, place);
      const after = { ...checked, version: pipeline.version + 1 };
      await make(tx, context, place, { kind: "replaced", stages: after.stages.map(({ name }) => name) });
      await tx.put(pipelines, keyOf(place), { ...pipeline, version: after.version, updated: context.clock.now().getTime() });
      await tx.put(declarations, [...keyOf(place), versionKey(after.version)], after);
      await unwatch(tx, place, before);
      await watch(tx, place, after);
      return after;
    });
    return { pipeline: pipelineShape(declaration, call.region) };
  },

  async DeletePipeline(input, call) {
    const place = placeOf(call, input.name!);
    await context.store.write((tx) => remove(tx, place));
    return {};
  },

  async GetPipeline(input, call) {
    const place = placeOf(call, input.name!);
    return context.store.read(async (tx) => {
      const { pipeline, declaration: current } = await knownPipeline(tx, place);
      const version = input.version ?? pipeline.version;
      const declaration = version === pipeline.version ? current : await tx.get(declarations, [...keyOf(place), versionKey(version)]);
      if (!declaration)
        throw problem(PipelineVersionNotFoundException, `Pipeline '${place.pipeline}' does not have a version '${version}'`);
      return {
        pipeline: pipelineShape(declaration, call.region),
        metadata: { pipelineArn: arnOf(place), created: new Date(pipeline.created), updated: new Date(pipeline.updated) },
      };
    });
  },

  async ListPipelines(input, call) {
    return context.store.read(async (tx) => {
      const all = await tx.list(pipelines, { prefix: [call.account, call.region] });
      const { items, next } = pageOf(all, ({ name }) => name, input.maxResults ?? 1000, input.nextToken);
      const summaries = [];
      for (const { name, version, created, updated } of items) {
        const declaration = await tx.get(declarations, [call.account, call.region, name, versionKey(version)]);
        summaries.push({
          name,
          version,
          pipelineType: declaration?.type,
          executionMode: declaration?.mode,
          created: new Date(created),
          updated: new Date(updated),
        });
      }
      return { pipelines: summaries, nextToken: next };
    });
  },
});

/** A new pipeline runs at once; one with variables that have no value waits for somebody who gives them. */
const begin = async (tx: Writing, context: Context, place: Place, call: Call): Promise<void> => {
  try {
    await startExecution(tx, context, place, { trigger: { type: "CreatePipeline", detail: call.principal.arn } });
  } catch (error) {
    if (!(error instanceof MissingVariables)) throw error;
  }
};

/** As AWS does: a role that cannot be assumed is found out now and not at the first run. */
const checkRoles = async (context: Context, place: Place, declaration: Declaration): Promise<void> => {
  const roles = new Set([
    declaration.roleArn,
    ...declaration.stages.flatMap(({ actions }) => actions.flatMap(({ roleArn }) => roleArn ?? [])),
  ]);
  for (const role of roles) {
    try {
      await context.aws.at(place).as(role, sessionName(place)).client(STSClient).send(new GetCallerIdentityCommand());
    } catch (error) {
      if (!["AccessDenied", "AccessDeniedException"].includes((error as Error).name)) throw error;
      throw problem(InvalidStructureException, `CodePipeline is not authorized to perform AssumeRole on role ${role}`);
    }
  }
};

const pageOf = <T>(items: T[], nameOf: (item: T) => string, limit: number, token: string | undefined) => {
  try {
    return page(items, nameOf, limit, token);
  } catch (error) {
    if (error instanceof BadToken) partsOf("", 1);
    throw error;
  }
};

/** Nothing is left; what runs elsewhere for it is stopped by a task of its own. */
const remove = async (tx: Writing, place: Place): Promise<void> => {
  const key = keyOf(place);
  const pipeline = await tx.get(pipelines, key);
  if (!pipeline) return;
  const world = await loadWorld(tx, place);
  for (const declaration of await tx.list(declarations, { prefix: key })) await unwatch(tx, place, declaration);
  for (const execution of Object.values(world.executions))
    for (const run of runsGoingOn(execution)) {
      await forget(tx, place, run);
      const { type } = actionOfRun(world, execution, run);
      if (run.externalId !== undefined && providerOf(type)?.stop)
        await tx.later({ name: "codepipeline.stopWork", payload: { place, type, externalId: run.externalId } });
    }
  for (const { runs } of await tx.list(executions, { prefix: key }))
    for (const { id } of runs) await tx.delete(jobs, [place.account, place.region, id]);
  await tx.deleteAll(executions, key);
  await tx.deleteAll(declarations, key);
  await tx.deleteAll(requests, key);
  await tx.delete(lines, key);
  await tx.delete(pipelines, key);
};
