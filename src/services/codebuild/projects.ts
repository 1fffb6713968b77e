import type * as sdk from "@aws-sdk/client-codebuild";
import { BadToken, page } from "../../lib/pages.ts";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { declarationOf, exists, invalid, notFound } from "./declaration.ts";
import { type Place, type Project, projectArn, projectKey, projects } from "./records.ts";
import { projectShape } from "./shapes.ts";

/** A project by its name or ARN. */
export const nameOf = (given: string): string => /^arn:[\w-]+:codebuild:[\w-]+:\d{12}:project\/(.+)$/.exec(given)?.[1] ?? given;

const checkTags = (tags: readonly sdk.Tag[] = []): sdk.Tag[] => {
  const keys = tags.map(({ key }) => key ?? "");
  if (tags.length > 50) throw invalid("A project has at most 50 tags");
  if (new Set(keys).size < keys.length) throw invalid("Duplicate tag keys are not allowed");
  for (const key of keys) if (key === "" || /^aws:/i.test(key)) throw invalid(`Invalid tag key: '${key}'`);
  return tags.map(({ key, value }) => ({ key, value: value ?? "" }));
};

/** `page` goes by name: an item's place in the list is its name. */
const pageInOrder = <T>(items: readonly T[], limit: number, token?: string) => {
  const places = new Map(items.map((item, index) => [item, String(index).padStart(9, "0")]));
  try {
    return page(items, (item) => places.get(item) as string, limit, token);
  } catch (error) {
    if (error instanceof BadToken) throw invalid("Invalid next token");
    throw error;
  }
};

export const projectOperations = ({ store, clock }: Context): Handlers<typeof sdk> => {
  const change = async (at: Place, given: string, by: (project: Project) => Project): Promise<Project> =>
    store.write(async (tx) => {
      const name = nameOf(given);
      const before = await tx.get(projects, projectKey(at, name));
      if (!before) throw notFound(`Project cannot be found: ${projectArn(at, name)}`);
      const after = by(before);
      await tx.put(projects, projectKey(at, name), after);
      return after;
    });

  return {
    async CreateProject(input, call) {
      const now = clock.now().getTime();
      const name = input.name as string;
      if (input.concurrentBuildLimit !== undefined && input.concurrentBuildLimit < 1)
        throw invalid("concurrentBuildLimit must be at least 1");
      const project: Project = {
        ...declarationOf(input),
        account: call.account,
        region: call.region,
        name,
        description: input.description,
        tags: checkTags(input.tags),
        concurrentBuildLimit: input.concurrentBuildLimit,
        created: now,
        modified: now,
        cacheEpoch: 0,
      };
      const made = await store.write((tx) => tx.create(projects, projectKey(call, name), project));
      if (!made) throw exists(`Project already exists: ${projectArn(call, name)}`);
      return { project: projectShape(project) };
    },

    async UpdateProject(input, call) {
      const project = await change(call, input.name as string, (before) => ({
        ...before,
        ...declarationOf(input, before),
        description: input.description ?? before.description,
        tags: input.tags ? checkTags(input.tags) : before.tags,
        // AWS takes -1 for "no limit any more".
        concurrentBuildLimit: input.concurrentBuildLimit === -1 ? undefined : (input.concurrentBuildLimit ?? before.concurrentBuildLimit),
        modified: clock.now().getTime(),
      }));
      return { project: projectShape(project) };
    },

    async BatchGetProjects(input, call) {
      const names = [...new Set((input.names ?? []).map(nameOf))];
      const found = await store.read(async (tx) => {
        const all: (Project | undefined)[] = [];
        for (const name of names) all.push(await tx.get(projects, projectKey(call, name)));
        return all;
      });
      return {
        projects: found.filter((one) => one !== undefined).map(projectShape),
        projectsNotFound: names.filter((_, index) => found[index] === undefined),
      };
    },

    async ListProjects(input, call) {
      const all = await store.read((tx) => tx.list(projects, { prefix: [call.account, call.region] }));
      const by: Record<sdk.ProjectSortByType, (one: Project) => string | number> = {
        NAME: ({ name }) => name,
        CREATED_TIME: ({ created }) => created,
        LAST_MODIFIED_TIME: ({ modified }) => modified,
      };
      const key = by[input.sortBy ?? "NAME"];
      all.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
      if (input.sortOrder === "DESCENDING") all.reverse();
      const { items, next } = pageInOrder(all, 100, input.nextToken);
      return { projects: items.map(({ name }) => name), nextToken: next };
    },

    async DeleteProject(input, call) {
      // Builds stay: their project is gone, their record is not. Safe to repeat, as on AWS.
      await store.write((tx) => tx.delete(projects, projectKey(call, nameOf(input.name as string))));
      return {};
    },

    async InvalidateProjectCache(input, call) {
      await change(call, input.projectName as string, (before) => ({ ...before, cacheEpoch: before.cacheEpoch + 1 }));
      return {};
    },
  };
};
