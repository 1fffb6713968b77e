/** How operations begin: the records of a stack that is about to be created, updated or deleted, with the task that goes on. */
import { randomUUID } from "node:crypto";
import type { Writing } from "../../store/store.ts";
import { beforeDelete } from "./discard.ts";
import { letGo } from "./execute.ts";
import { stackEvent, wake, writeStack } from "./history.ts";
import { exchangeImports } from "./outputs.ts";
import { changeSets, discards, type Operation, resources, type Stack, stackKey, stackNames, type Version, versions } from "./records.ts";

type Begun = Pick<Operation, "onFailure"> & {
  readonly clientToken?: string;
  readonly now: Date;
  readonly timeoutInMinutes?: number;
  readonly changeSetId?: string;
};

const operationOf = (kind: Operation["kind"], version: string, how: Begun): Operation => ({
  id: randomUUID(),
  kind,
  phase: kind === "delete" ? "delete" : "deploy",
  version,
  startedAt: how.now.toISOString(),
  onFailure: how.onFailure,
  failed: [],
  ...(how.clientToken && { clientToken: how.clientToken }),
  ...(how.changeSetId && { changeSetId: how.changeSetId }),
  ...(how.timeoutInMinutes && { deadline: new Date(how.now.getTime() + how.timeoutInMinutes * 60_000).toISOString() }),
});
const wakeUps = async (tx: Writing, stack: Stack): Promise<void> => {
  await tx.later(wake(stack));
  if (stack.operation?.deadline) await tx.later(wake(stack, new Date(stack.operation.deadline)));
};

/** A stack that is only a name so far. False: the name is taken. */
export const reserve = (tx: Writing, stack: Stack): Promise<boolean> =>
  tx.create(stackNames, [stack.account, stack.region, stack.name], stack.uuid);

export const beginCreate = async (tx: Writing, stack: Stack, version: Version, how: Begun): Promise<Stack> => {
  await tx.put(versions, [...stackKey(stack), version.id], version);
  await exchangeImports(tx, stack, version.imports);
  const next: Stack = {
    ...stack,
    status: "CREATE_IN_PROGRESS",
    statusReason: "User Initiated",
    failure: undefined,
    version: version.id,
    description: version.template.Description,
    imports: version.imports,
    operation: operationOf("create", version.id, how),
  };
  const written = await writeStack(tx, next, [stackEvent(next, next.status, "User Initiated")], how.now, version.notificationArns);
  await wakeUps(tx, written);
  return written;
};

export const beginUpdate = async (
  tx: Writing,
  stack: Stack,
  version: Version,
  how: Begun & { readonly policyDuringUpdate?: string },
): Promise<Stack> => {
  await tx.put(versions, [...stackKey(stack), version.id], version);
  const both = [...new Set([...stack.imports, ...version.imports])];
  await exchangeImports(tx, stack, both);
  const next: Stack = {
    ...stack,
    status: "UPDATE_IN_PROGRESS",
    statusReason: "User Initiated",
    failure: undefined,
    updatedAt: how.now.toISOString(),
    imports: both,
    operation: {
      ...operationOf("update", version.id, how),
      ...(stack.version && { previous: stack.version }),
      ...(how.policyDuringUpdate && { policyDuringUpdate: how.policyDuringUpdate }),
    },
  };
  const written = await writeStack(tx, next, [stackEvent(next, next.status, "User Initiated")], how.now, version.notificationArns);
  // Change sets are differences to what stood; that is no more.
  for (const set of await tx.list(changeSets, { prefix: stackKey(stack) })) {
    if (set.id !== how.changeSetId && set.executionStatus === "AVAILABLE")
      await tx.put(changeSets, [...stackKey(stack), set.name], { ...set, executionStatus: "OBSOLETE" });
  }
  await wakeUps(tx, written);
  return written;
};

export const beginDelete = async (
  tx: Writing,
  stack: Stack,
  how: { readonly now: Date; readonly clientToken?: string; readonly retain?: readonly string[] },
): Promise<Stack> => {
  const version = stack.operation?.version ?? stack.version;
  const kept = version ? await tx.get(versions, [...stackKey(stack), version]) : undefined;
  const empty: Version = {
    id: "none",
    body: "",
    template: { Resources: {} },
    transforms: [],
    parameters: {},
    capabilities: [],
    tags: [],
    notificationArns: [],
    imports: [],
  };
  if (!kept) await tx.put(versions, [...stackKey(stack), empty.id], empty);
  const operation: Operation = {
    ...operationOf("delete", kept?.id ?? empty.id, { onFailure: "ROLLBACK", ...how }),
    ...(how.retain && { retain: how.retain }),
  };
  const next: Stack = { ...stack, status: "DELETE_IN_PROGRESS", statusReason: "User Initiated", operation };
  const records = await tx.list(resources, { prefix: stackKey(stack) });
  const waste = await tx.list(discards, { prefix: stackKey(stack) });
  await letGo(tx, { stack, discards: { size: waste.length } }, beforeDelete(records));
  const written = await writeStack(tx, next, [stackEvent(next, next.status, "User Initiated")], how.now, kept?.notificationArns ?? []);
  await wakeUps(tx, written);
  return written;
};

/** Back to what stood before a failed operation. */
export const beginRollback = async (
  tx: Writing,
  stack: Stack,
  how: { readonly now: Date; readonly clientToken?: string; readonly skip?: readonly string[] },
): Promise<Stack> => {
  const creating = stack.status === "CREATE_FAILED";
  const version = (await tx.get(versions, [...stackKey(stack), stack.version as string])) as Version;
  const operation: Operation = {
    ...operationOf(creating ? "create" : "update", version.id, { onFailure: "ROLLBACK", ...how }),
    phase: creating ? "undo" : "restore",
    previous: version.id,
    ...(how.skip && { skip: how.skip }),
  };
  const next: Stack = {
    ...stack,
    status: creating ? "ROLLBACK_IN_PROGRESS" : "UPDATE_ROLLBACK_IN_PROGRESS",
    statusReason: "User Initiated",
    operation,
  };
  const written = await writeStack(tx, next, [stackEvent(next, next.status, "User Initiated")], how.now, version.notificationArns);
  await wakeUps(tx, written);
  return written;
};

/** A stack nobody has seen yet. */
export const newStack = (
  place: { account: string; region: string; partition: string; endpoint: string },
  name: string,
  now: Date,
  more: Partial<Stack> = {},
): Stack => {
  const uuid = randomUUID();
  return {
    account: place.account,
    region: place.region,
    uuid,
    name,
    id: `arn:${place.partition}:cloudformation:${place.region}:${place.account}:stack/${name}/${uuid}`,
    status: "REVIEW_IN_PROGRESS",
    createdAt: now.toISOString(),
    disableRollback: false,
    terminationProtection: false,
    outputs: [],
    imports: [],
    eventCount: 0,
    endpoint: place.endpoint,
    ...more,
  };
};
