import type { Call, Permissions } from "../service.ts";
import { parseBuildId, projectArn } from "./records.ts";

const unbound = new Set([
  "DeleteSourceCredentials",
  "ImportSourceCredentials",
  "ListBuilds",
  "ListBuildBatches",
  "ListCuratedEnvironmentImages",
  "ListFleets",
  "ListProjects",
  "ListReportGroups",
  "ListReports",
  "ListSandboxes",
  "ListSharedProjects",
  "ListSharedReportGroups",
  "ListSourceCredentials",
]);

/** Builds are permitted through their project. */
export const permissions: Permissions = {
  of(operation, input, call) {
    const action = `codebuild:${operation}`;
    const named = namesOf(input, call);
    if (unbound.has(operation) || named.length === 0) return [{ action, resource: "*" }];
    return named.map((resource) => ({ action, resource }));
  },
};

// biome-ignore lint/suspicious/noExplicitAny: the input's shape is the operation's
const namesOf = (input: any, call: Call): string[] => {
  const arnOf = (name: unknown) => (String(name).startsWith("arn:") ? String(name) : projectArn(call, String(name)));
  const ofBuild = (id: unknown) => projectArn(call, parseBuildId(String(id))?.project ?? "*");
  if (input?.projectName !== undefined) return [arnOf(input.projectName)];
  if (input?.projectArn !== undefined) return [String(input.projectArn)];
  if (input?.name !== undefined) return [arnOf(input.name)];
  if (Array.isArray(input?.names)) return input.names.map(arnOf);
  if (input?.id !== undefined) return [ofBuild(input.id)];
  if (Array.isArray(input?.ids)) return [...new Set<string>(input.ids.map(ofBuild))];
  return [];
};
