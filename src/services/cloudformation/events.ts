import type * as sdk from "@aws-sdk/client-cloudformation";
import { BadToken, page } from "../../lib/pages.ts";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { invalid, stackOf } from "./find.ts";
import { eventKey, events, resources, stackKey, versions } from "./records.ts";
import { eventOut, resourceOut } from "./wire.ts";
import { evaluate } from "./template/functions.ts";
import { nothingKnown, stackScope } from "./template/scope.ts";
import { placeOf } from "./prepare.ts";
import { Unknown } from "./template/functions.ts";

const pageSize = 100;

export const eventOperations = (context: Context): Handlers<typeof sdk> => ({
  async DescribeStackEvents(input, call) {
    const { stack, found } = await context.store.read(async (tx) => {
      const stack = await stackOf(tx, call, input.StackName, "plain");
      const before = input.NextToken === undefined ? undefined : Number(Buffer.from(input.NextToken, "base64url").toString());
      if (before !== undefined && !Number.isInteger(before)) throw invalid("The NextToken is not valid");
      const after = before === undefined ? {} : { after: [...stackKey(stack), eventKey(before)] };
      return { stack, found: await tx.entries(events, { prefix: stackKey(stack), newestFirst: true, limit: pageSize + 1, ...after }) };
    });
    const shown = found.slice(0, pageSize);
    const last = shown.at(-1)?.key.at(-1);
    return {
      StackEvents: shown.map(({ value }) => eventOut(stack, value)),
      NextToken: found.length > pageSize && last ? Buffer.from(String(Number(last))).toString("base64url") : undefined,
    };
  },

  async DescribeStackResource(input, call) {
    const { stack, resource, metadata } = await context.store.read(async (tx) => {
      const stack = await stackOf(tx, call, input.StackName, "plain");
      const resource = await tx.get(resources, [...stackKey(stack), input.LogicalResourceId ?? ""]);
      if (!resource) throw invalid(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
      const version = stack.version ? await tx.get(versions, [...stackKey(stack), stack.version]) : undefined;
      const declared = version?.template.Resources[resource.logicalId]?.Metadata;
      const scope =
        version &&
        stackScope(version.template, version.parameters, placeOf(stack, []), nothingKnown(), (name) => new Unknown([name]), true);
      return { stack, resource, metadata: resource.stands?.metadata ?? (declared && scope ? evaluate(declared, scope) : undefined) };
    });
    return {
      StackResourceDetail: {
        ...resourceOut(stack, resource),
        LastUpdatedTimestamp: new Date(resource.at),
        Metadata: metadata === undefined ? undefined : JSON.stringify(metadata),
      },
    };
  },

  async DescribeStackResources(input, call) {
    if (!input.StackName && !input.PhysicalResourceId) throw invalid("Either StackName or PhysicalResourceId must be specified");
    if (input.StackName && input.PhysicalResourceId) throw invalid("You cannot specify both StackName and PhysicalResourceId");
    const { stack, list } = await context.store.read(async (tx) => {
      let name = input.StackName;
      if (!name) {
        const owner = (await tx.entries(resources, { prefix: [call.account, call.region] })).find(
          ({ value }) => value.stands?.physicalId === input.PhysicalResourceId && value.status !== "DELETE_COMPLETE",
        );
        if (!owner) throw invalid(`Stack for ${input.PhysicalResourceId} does not exist`);
        name = `arn:aws:cloudformation:${call.region}:${call.account}:stack/x/${owner.key[2]}`;
      }
      const stack = await stackOf(tx, call, name);
      return { stack, list: await tx.list(resources, { prefix: stackKey(stack) }) };
    });
    const shown = list.filter((one) => input.LogicalResourceId === undefined || one.logicalId === input.LogicalResourceId);
    if (input.LogicalResourceId && shown.length === 0)
      throw invalid(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
    return {
      StackResources: shown.slice(0, 100).map((resource) => ({ ...resourceOut(stack, resource), Timestamp: new Date(resource.at) })),
    };
  },

  async ListStackResources(input, call) {
    const { stack, list } = await context.store.read(async (tx) => {
      const stack = await stackOf(tx, call, input.StackName);
      return { stack, list: await tx.list(resources, { prefix: stackKey(stack) }) };
    });
    try {
      const { items, next } = page(list, (one) => one.logicalId, pageSize, input.NextToken);
      return {
        StackResourceSummaries: items.map((resource) => ({ ...resourceOut(stack, resource), LastUpdatedTimestamp: new Date(resource.at) })),
        NextToken: next,
      };
    } catch (error) {
      if (error instanceof BadToken) throw invalid("The NextToken is not valid");
      throw error;
    }
  },
});
