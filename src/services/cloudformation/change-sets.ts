import { randomUUID } from "node:crypto";
import * as sdk from "@aws-sdk/client-cloudformation";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { announceChangeSet } from "./announcements.ts";
import { beginCreate, beginUpdate, newStack, reserve } from "./begin.ts";
import type { Ends } from "./ends.ts";
import { answering, findStack, invalid, stackOf } from "./find.ts";
import { forecast } from "./forecast.ts";
import { stackEvent, writeStack } from "./history.ts";
import { partitionOf } from "./prepare.ts";
import { checkStackName, refuse } from "./refusals.ts";
import { type ChangeSet, changeSetIds, changeSets, type Stack, stackKey, stacks, type Version, versions } from "./records.ts";
import { mayUpdate, patience, prepareWish, recordsOf, requireCapabilities, versionOf } from "./stacks.ts";
import { allows } from "./transitions.ts";
import { changeSetOut } from "./wire.ts";

const noChanges = "The submitted information didn't contain changes. Submit different information to create a change set.";
const isArn = (name: string) => name.startsWith("arn:");

/** By name within a stack, or by its own id. */
const findSet = async (
  tx: Reading,
  call: Call,
  name: string | undefined,
  stackName: string | undefined,
): Promise<{ stack: Stack; set: ChangeSet }> => {
  const missing = () => new sdk.ChangeSetNotFoundException({ message: `ChangeSet [${name ?? ""}] does not exist`, $metadata: {} });
  if (!name)
    throw invalid("1 validation error detected: Value null at 'changeSetName' failed to satisfy constraint: Member must not be null");
  if (isArn(name)) {
    const at = await tx.get(changeSetIds, [call.account, call.region, name.slice(name.lastIndexOf("/") + 1)]);
    const stack = at && (await tx.get(stacks, [call.account, call.region, at.stackUuid]));
    const set = at && (await tx.get(changeSets, [call.account, call.region, at.stackUuid, at.name]));
    if (!stack || !set || set.id !== name) throw missing();
    return { stack, set };
  }
  if (!stackName) throw invalid("StackName must be specified if ChangeSetName is not specified as an ARN.");
  const stack = await stackOf(tx, call, stackName, "plain");
  const set = await tx.get(changeSets, [...stackKey(stack), name]);
  if (!set) throw missing();
  return { stack, set };
};
const isOver = (set: ChangeSet): boolean => /^EXECUTE_(COMPLETE|FAILED)$/.test(set.executionStatus);

export const changeSetOperations = (context: Context, ends: Ends): Handlers<typeof sdk> => ({
  async CreateChangeSet(input, call) {
    const kind = input.ChangeSetType ?? "UPDATE";
    if (kind !== "CREATE" && kind !== "UPDATE") throw invalid(`ChangeSetType ${kind} is not implemented by Mayfly`);
    refuse(input, [
      "ResourceTypes",
      "RollbackConfiguration",
      "ResourcesToImport",
      "IncludeNestedStacks",
      "ImportExistingResources",
      "DeploymentMode",
      "DeploymentConfig",
      "DisableValidation",
    ]);
    const name = input.ChangeSetName ?? "";
    if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name))
      throw invalid(
        `1 validation error detected: Value '${name}' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
      );
    const now = context.clock.now();
    const existing = await context.store.read((tx) => findStack(tx, call, input.StackName ?? ""));
    const living = existing && existing.status !== "DELETE_COMPLETE" ? existing : undefined;
    if (kind === "UPDATE" && !living) throw invalid(`Stack [${input.StackName}] does not exist`);
    if (kind === "CREATE" && living && living.status !== "REVIEW_IN_PROGRESS")
      throw invalid(`Stack [${living.name}] already exists and cannot be created again with the changeSet [${name}].`);
    if (kind === "UPDATE" && living) {
      if (living.status === "REVIEW_IN_PROGRESS")
        throw invalid(`Stack [${living.name}] is in ${living.status} state and can not be updated.`);
      if (!allows(living.status, "create change set"))
        throw invalid(`Stack:${living.id} is in ${living.status} state and can not be updated.`);
    }
    const before = living && (await context.store.read((tx) => tx.get(changeSets, [...stackKey(living), name])));
    if (before && !isOver(before)) {
      if (input.ClientToken && before.clientToken === input.ClientToken) return { Id: before.id, StackId: living.id };
      throw new sdk.AlreadyExistsException({
        message: `ChangeSet ${name} cannot be created due to a mismatch with existing attribute: it already exists`,
        $metadata: {},
      });
    }
    const place = { account: call.account, region: call.region, partition: partitionOf(call.region), endpoint: call.endpoint };
    const stack = living ?? newStack(place, checkStackName(input.StackName), now, { roleArn: input.RoleARN });
    const previous = await versionOf(context, stack);
    const prepared = await answering(() => prepareWish(context, call, stack, previous, input));
    requireCapabilities(prepared, input.Capabilities ?? [], false);
    const predicted = await answering(async () => forecast(stack, await recordsOf(context, stack), previous, prepared));
    const bad = predicted.idle && kind === "UPDATE";
    const uuid = randomUUID();
    const set: ChangeSet = {
      id: `arn:${place.partition}:cloudformation:${call.region}:${call.account}:changeSet/${name}/${uuid}`,
      name,
      uuid,
      stackUuid: stack.uuid,
      kind,
      description: input.Description,
      createdAt: now.toISOString(),
      status: bad ? "FAILED" : "CREATE_COMPLETE",
      statusReason: bad ? noChanges : undefined,
      executionStatus: bad ? "UNAVAILABLE" : "AVAILABLE",
      changes: predicted.changes,
      version: prepared.version.id,
      roleArn: input.RoleARN,
      onStackFailure: input.OnStackFailure,
      clientToken: input.ClientToken,
    };
    await context.store.write(async (tx) => {
      let current = await findStack(tx, call, stack.id);
      if (!current) {
        if (!(await reserve(tx, stack)))
          throw new sdk.AlreadyExistsException({ message: `Stack [${stack.name}] already exists`, $metadata: {} });
        current = await writeStack(
          tx,
          { ...stack, statusReason: "User Initiated" },
          [stackEvent(stack, "REVIEW_IN_PROGRESS", "User Initiated")],
          now,
          prepared.version.notificationArns,
        );
      }
      const same = await tx.get(changeSets, [...stackKey(stack), name]);
      if (same && !isOver(same)) throw new sdk.AlreadyExistsException({ message: `ChangeSet ${name} already exists`, $metadata: {} });
      if (same) await tx.delete(changeSetIds, [call.account, call.region, same.uuid]);
      await tx.put(versions, [...stackKey(stack), prepared.version.id], prepared.version);
      await tx.put(changeSets, [...stackKey(stack), name], set);
      await tx.put(changeSetIds, [call.account, call.region, uuid], { stackUuid: stack.uuid, name });
      await announceChangeSet(tx, current, set);
    });
    return { Id: set.id, StackId: stack.id };
  },

  async DescribeChangeSet(input, call) {
    const { stack, set, version } = await context.store.read(async (tx) => {
      const found = await findSet(tx, call, input.ChangeSetName, input.StackName);
      return { ...found, version: (await tx.get(versions, [...stackKey(found.stack), found.set.version])) as Version };
    });
    return changeSetOut(stack, set, version, input.IncludePropertyValues === true);
  },

  async ListChangeSets(input, call) {
    const { stack, sets } = await context.store.read(async (tx) => {
      const stack = await stackOf(tx, call, input.StackName, "plain");
      return { stack, sets: await tx.list(changeSets, { prefix: stackKey(stack) }) };
    });
    return {
      Summaries: sets.map((set) => ({
        StackId: stack.id,
        StackName: stack.name,
        ChangeSetId: set.id,
        ChangeSetName: set.name,
        ExecutionStatus: set.executionStatus,
        Status: set.status,
        StatusReason: set.statusReason,
        CreationTime: new Date(set.createdAt),
        Description: set.description,
        IncludeNestedStacks: false,
      })),
    };
  },

  async DeleteChangeSet(input, call) {
    await context.store.write(async (tx) => {
      const found = await findSet(tx, call, input.ChangeSetName, input.StackName).catch((error: unknown) => {
        // What is not there is deleted already, as AWS answers it; a stack that is not there is not.
        if (error instanceof sdk.ChangeSetNotFoundException) return undefined;
        throw error;
      });
      if (!found) return;
      const { stack, set } = found;
      if (set.executionStatus === "EXECUTE_IN_PROGRESS") {
        throw new sdk.InvalidChangeSetStatusException({
          message: `ChangeSet [${set.id}] cannot be deleted in its current execution status of [${set.executionStatus}]`,
          $metadata: {},
        });
      }
      await tx.delete(changeSets, [...stackKey(stack), set.name]);
      await tx.delete(changeSetIds, [stack.account, stack.region, set.uuid]);
      if (set.version !== stack.version && set.version !== stack.operation?.version)
        await tx.delete(versions, [...stackKey(stack), set.version]);
    });
    return {};
  },

  async ExecuteChangeSet(input, call) {
    refuse(input, ["RetainExceptOnCreate"]);
    const known = await context.store.read((tx) => findSet(tx, call, input.ChangeSetName, input.StackName));
    const over = ends.soon(known.stack.uuid, known.set.executionStatus === "AVAILABLE" ? patience(call) : 0);
    await context.store.write(async (tx) => {
      const { stack, set } = await findSet(tx, call, input.ChangeSetName, input.StackName);
      const token = input.ClientRequestToken;
      if (token && set.executionStatus !== "AVAILABLE" && set.executeToken === token) return;
      if (set.executionStatus !== "AVAILABLE") {
        throw new sdk.InvalidChangeSetStatusException({
          message: `ChangeSet [${set.id}] cannot be executed in its current execution status of [${set.executionStatus}]`,
          $metadata: {},
        });
      }
      if (set.kind === "UPDATE") mayUpdate(stack);
      else if (stack.status !== "REVIEW_IN_PROGRESS")
        throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be created.`);
      const version = (await tx.get(versions, [...stackKey(stack), set.version])) as Version;
      const onFailure = input.DisableRollback ? "DO_NOTHING" : (set.onStackFailure ?? "ROLLBACK");
      const how = { now: context.clock.now(), onFailure, changeSetId: set.id, ...(token && { clientToken: token }) } as const;
      const next: Stack = {
        ...stack,
        changeSetId: set.id,
        disableRollback: onFailure === "DO_NOTHING",
        ...(set.roleArn && { roleArn: set.roleArn }),
      };
      // The others were differences to what now ceases to be.
      for (const other of await tx.list(changeSets, { prefix: stackKey(stack) })) {
        if (other.name === set.name) continue;
        await tx.delete(changeSets, [...stackKey(stack), other.name]);
        await tx.delete(changeSetIds, [stack.account, stack.region, other.uuid]);
      }
      await tx.put(changeSets, [...stackKey(stack), set.name], {
        ...set,
        executionStatus: "EXECUTE_IN_PROGRESS",
        ...(token && { executeToken: token }),
      });
      await (set.kind === "CREATE" ? beginCreate(tx, next, version, how) : beginUpdate(tx, next, version, how));
    });
    await over;
    return {};
  },
});
