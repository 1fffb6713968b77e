/** Stacks within stacks: begun with their parent's doing, in our own records. */
import type { Context } from "../service.ts";
import { beginCreate, beginDelete, beginUpdate, newStack, reserve } from "./begin.ts";
import { findStack } from "./find.ts";
import { forecast } from "./forecast.ts";
import { missingCapabilities } from "./iam-needs.ts";
import { prepare, type Prepared } from "./prepare.ts";
import { resources, type Stack, stackKey, stackNames, stacks, type Version, versions } from "./records.ts";
import { type Change, type Desk, ResourceFailure, type Work } from "./resources/resource.ts";
import { s3Text } from "./template/source.ts";
import { TemplateError } from "./template/value.ts";
import { allows } from "./transitions.ts";

export const nestedStacks = (context: Context): Desk["nested"] => {
  const prepared = async (work: Work, stack: Stack, previous: Version | undefined): Promise<Prepared> => {
    const {
      TemplateURL: address,
      Parameters: given,
      Tags: tags,
      NotificationARNs: topics,
    } = work.properties as {
      TemplateURL: string;
      Parameters?: Record<string, string>;
      Tags?: { Key: string; Value: string }[];
      NotificationARNs?: string[];
    };
    try {
      const result = await prepare(context.store, work.aws, stack, {
        body: await s3Text(work.aws, address),
        parameters: Object.entries(given ?? {}).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
        ...(previous && { previous }),
        capabilities: work.stack.capabilities,
        tags: tags ?? [],
        notificationArns: topics ?? work.stack.notificationArns,
      });
      const missing = missingCapabilities(result.needs.capabilities, work.stack.capabilities);
      if (missing.length > 0) throw new ResourceFailure(`Requires capabilities : [${missing.join(", ")}]`);
      return result;
    } catch (error) {
      if (error instanceof TemplateError) throw new ResourceFailure(error.message);
      throw error;
    }
  };
  const onFailureOf = (work: Work) => (work.stack.disableRollback ? ("DO_NOTHING" as const) : ("ROLLBACK" as const));
  const find = (stackId: string, place: { account: string; region: string }) => context.store.read((tx) => findStack(tx, place, stackId));

  return {
    async create(work) {
      const place = { account: work.stack.account, region: work.stack.region };
      const there = await context.store.read(async (tx) => {
        const uuid = await tx.get(stackNames, [place.account, place.region, work.name]);
        return uuid === undefined ? undefined : tx.get(stacks, [place.account, place.region, uuid]);
      });
      if (there?.parent?.uuid === work.stack.uuid) return there.id;
      const now = context.clock.now();
      const stack = newStack({ ...place, partition: work.stack.partition, endpoint: work.stack.endpoint }, work.name, now, {
        parent: { uuid: work.stack.uuid, id: work.stack.id, rootId: work.stack.rootId ?? work.stack.id },
        disableRollback: work.stack.disableRollback,
        timeoutInMinutes: work.properties.TimeoutInMinutes,
        roleArn: work.stack.roleArn,
      });
      const { version } = await prepared(work, stack, undefined);
      await context.store.write(async (tx) => {
        if (!(await reserve(tx, stack))) throw new ResourceFailure(`Stack [${stack.name}] already exists`);
        await beginCreate(tx, stack, version, { now, onFailure: onFailureOf(work), timeoutInMinutes: work.properties.TimeoutInMinutes });
      });
      return stack.id;
    },

    async update(change: Change) {
      const stack = await find(change.physicalId, change.stack);
      if (!stack) throw new ResourceFailure(`Embedded stack ${change.physicalId} does not exist`);
      if (stack.operation) return true;
      if (!allows(stack.status, "update"))
        throw new ResourceFailure(`Embedded stack ${stack.id} is in ${stack.status} state and can not be updated.`);
      const before = await context.store.read(async (tx) => ({
        version: stack.version ? await tx.get(versions, [...stackKey(stack), stack.version]) : undefined,
        target:
          change.rollback && typeof change.state === "string" ? await tx.get(versions, [...stackKey(stack), change.state]) : undefined,
        records: new Map((await tx.list(resources, { prefix: stackKey(stack) })).map((one) => [one.logicalId, one])),
      }));
      let version: Version;
      if (before.target) {
        // Back: the very version that stood, whatever its address names by now.
        if (before.target.id === stack.version) return false;
        version = before.target;
      } else {
        const wish = await prepared(change, stack, before.version);
        if (forecast(stack, before.records, before.version, wish).idle) return false;
        version = wish.version;
      }
      await context.store.write(async (tx) => {
        const current = (await tx.get(stacks, stackKey(stack))) as Stack;
        if (current.operation) return;
        await beginUpdate(tx, current, version, { now: context.clock.now(), onFailure: onFailureOf(change) });
      });
      return true;
    },

    async delete(removal) {
      return context.store.write(async (tx) => {
        const stack = await findStack(tx, removal.stack, removal.physicalId);
        if (!stack || stack.status === "DELETE_COMPLETE") return false;
        if (stack.status === "DELETE_IN_PROGRESS") return true;
        if (!allows(stack.status, "delete"))
          throw new ResourceFailure(`Embedded stack ${stack.id} is in ${stack.status} state and can not be deleted.`);
        await beginDelete(tx, stack, { now: context.clock.now() });
        return true;
      });
    },

    async look({ stack: parent }, stackId) {
      const stack = await find(stackId, parent);
      return (
        stack && {
          status: stack.status,
          version: stack.version ?? "",
          outputs: Object.fromEntries(stack.outputs.map(({ key, value }) => [key, value])),
          reason: stack.failure ?? stack.statusReason,
        }
      );
    },
  };
};
