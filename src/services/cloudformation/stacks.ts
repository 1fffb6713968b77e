import * as sdk from "@aws-sdk/client-cloudformation";
import type { Handlers } from "../../protocols/operations.ts";
import type { Call, Context } from "../service.ts";
import { beginCreate, beginDelete, beginRollback, beginUpdate, newStack, reserve } from "./begin.ts";
import type { Ends } from "./ends.ts";
import { exportsInUse } from "./outputs.ts";
import { answering, findStack, invalid, stackOf } from "./find.ts";
import { forecast } from "./forecast.ts";
import { wake } from "./history.ts";
import { missingCapabilities } from "./iam-needs.ts";
import { partitionOf, type Prepared, prepare } from "./prepare.ts";
import { checkStackName, refuse } from "./refusals.ts";
import { rememberRequest, requestBefore } from "./requests.ts";
import { resources, type Stack, stackKey, stacks, type Version, versions } from "./records.ts";
import { policyComplaint } from "./stack-policy.ts";
import { s3Text, templateText } from "./template/source.ts";
import { allows } from "./transitions.ts";
import { stackOut } from "./wire.ts";

const tagsIn = (tags: readonly sdk.Tag[] | undefined): Version["tags"] | undefined =>
  tags?.map(({ Key = "", Value = "" }) => ({ Key, Value }));

interface WishInput {
  readonly TemplateBody?: string;
  readonly TemplateURL?: string;
  readonly UsePreviousTemplate?: boolean;
  readonly Parameters?: readonly sdk.Parameter[];
  readonly Capabilities?: readonly string[];
  readonly Tags?: readonly sdk.Tag[];
  readonly NotificationARNs?: readonly string[];
}
/** Reads what a request wants a stack to become; what it does not say stays as it is. */
export const prepareWish = async (
  context: Context,
  call: Call,
  stack: Stack,
  previous: Version | undefined,
  input: WishInput,
): Promise<Prepared> => {
  const body =
    input.UsePreviousTemplate && previous ? previous.body : await templateText(context.aws.at(call), input.TemplateBody, input.TemplateURL);
  return prepare(context.store, context.aws.at(call), stack, {
    body,
    parameters: input.Parameters ?? [],
    ...(previous && { previous }),
    capabilities: input.Capabilities ?? [],
    tags: tagsIn(input.Tags) ?? previous?.tags ?? [],
    notificationArns: input.NotificationARNs ?? previous?.notificationArns ?? [],
  });
};
export const requireCapabilities = (prepared: Prepared, granted: readonly string[], expand: boolean): void => {
  const wanted = [...prepared.needs.capabilities, ...(expand && prepared.version.transforms.length > 0 ? ["CAPABILITY_AUTO_EXPAND"] : [])];
  const missing = missingCapabilities(wanted, granted);
  if (missing.length > 0)
    throw new sdk.InsufficientCapabilitiesException({ message: `Requires capabilities : [${missing.join(", ")}]`, $metadata: {} });
};
export const policyText = async (
  context: Context,
  call: Call,
  body: string | undefined,
  address: string | undefined,
): Promise<string | undefined> => {
  const policy = body ?? (address === undefined ? undefined : await answering(() => s3Text(context.aws.at(call), address)));
  const complaint = policy && policyComplaint(policy);
  if (complaint) throw invalid(complaint);
  return policy;
};
export const versionOf = (context: Context, stack: Stack, id = stack.version): Promise<Version | undefined> =>
  id === undefined ? Promise.resolve(undefined) : context.store.read((tx) => tx.get(versions, [...stackKey(stack), id]));
export const recordsOf = async (context: Context, stack: Stack) =>
  new Map((await context.store.read((tx) => tx.list(resources, { prefix: stackKey(stack) }))).map((one) => [one.logicalId, one]));
const unimplemented = ["ResourceTypes", "RollbackConfiguration", "DeploymentConfig", "DisableValidation"];

/** Our own calls hear of the end by its event; others are answered when it has come, or after this long. */
export const patience = (call: Call): number => (call.userAgent.includes("app/mayfly") ? 0 : 500);

export const stackOperations = (context: Context, ends: Ends): Handlers<typeof sdk> => ({
  async CreateStack(input, call) {
    refuse(input, [...unimplemented, "RetainExceptOnCreate"]);
    const name = checkStackName(input.StackName);
    if (input.OnFailure && input.DisableRollback !== undefined) throw invalid("You cannot specify both OnFailure and DisableRollback.");
    const known = await requestBefore(context.store, call, input.ClientRequestToken, { ...input });
    if (known) return { StackId: known };
    const policy = await policyText(context, call, input.StackPolicyBody, input.StackPolicyURL);
    const onFailure = input.DisableRollback ? "DO_NOTHING" : (input.OnFailure ?? "ROLLBACK");
    const stack = newStack(
      { account: call.account, region: call.region, partition: partitionOf(call.region), endpoint: call.endpoint },
      name,
      context.clock.now(),
      {
        disableRollback: onFailure === "DO_NOTHING",
        timeoutInMinutes: input.TimeoutInMinutes,
        roleArn: input.RoleARN,
        terminationProtection: input.EnableTerminationProtection === true,
        policy,
      },
    );
    const existing = await context.store.read((tx) => findStack(tx, call, name));
    if (existing) throw new sdk.AlreadyExistsException({ message: `Stack [${name}] already exists`, $metadata: {} });
    const prepared = await answering(() => prepareWish(context, call, stack, undefined, input));
    requireCapabilities(prepared, input.Capabilities ?? [], true);
    const over = ends.soon(stack.uuid, patience(call));
    const created = await context.store.write(async (tx) => {
      if (!(await reserve(tx, stack))) return false;
      await beginCreate(tx, stack, prepared.version, {
        now: context.clock.now(),
        onFailure,
        clientToken: input.ClientRequestToken,
        timeoutInMinutes: input.TimeoutInMinutes,
      });
      await rememberRequest(tx, call, input.ClientRequestToken, { ...input }, stack.id);
      return true;
    });
    if (!created) throw new sdk.AlreadyExistsException({ message: `Stack [${name}] already exists`, $metadata: {} });
    await over;
    return { StackId: stack.id };
  },

  async UpdateStack(input, call) {
    refuse(input, [...unimplemented, "RetainExceptOnCreate"]);
    const stack = await context.store.read((tx) => stackOf(tx, call, input.StackName, "plain"));
    const known = await requestBefore(context.store, call, input.ClientRequestToken, { ...input });
    if (known) return { StackId: known };
    const policy = await policyText(context, call, input.StackPolicyBody, input.StackPolicyURL);
    const during = await policyText(context, call, input.StackPolicyDuringUpdateBody, input.StackPolicyDuringUpdateURL);
    mayUpdate(stack);
    const previous = await versionOf(context, stack);
    const prepared = await answering(() => prepareWish(context, call, stack, previous, input));
    requireCapabilities(prepared, input.Capabilities ?? [], true);
    const { idle } = await answering(async () => forecast(stack, await recordsOf(context, stack), previous, prepared));
    if (idle) throw invalid("No updates are to be performed.");
    const over = ends.soon(stack.uuid, patience(call));
    await context.store.write(async (tx) => {
      const current = await stackOf(tx, call, stack.id, "plain");
      mayUpdate(current);
      const onFailure = input.DisableRollback ? "DO_NOTHING" : "ROLLBACK";
      const next: Stack = {
        ...current,
        disableRollback: onFailure === "DO_NOTHING",
        ...(input.RoleARN && { roleArn: input.RoleARN }),
        ...(policy && { policy }),
      };
      await beginUpdate(tx, next, prepared.version, {
        now: context.clock.now(),
        onFailure,
        clientToken: input.ClientRequestToken,
        ...(during && { policyDuringUpdate: during }),
      });
      await rememberRequest(tx, call, input.ClientRequestToken, { ...input }, stack.id);
    });
    await over;
    return { StackId: stack.id };
  },

  async DeleteStack(input, call) {
    refuse(input, ["DeploymentConfig"]);
    const known = await context.store.read((tx) => findStack(tx, call, input.StackName ?? ""));
    const over = known && known.status !== "DELETE_COMPLETE" ? ends.soon(known.uuid, patience(call)) : undefined;
    await context.store.write(async (tx) => {
      const stack = await findStack(tx, call, input.StackName ?? "");
      if (!stack || stack.status === "DELETE_COMPLETE" || stack.status === "DELETE_IN_PROGRESS") return;
      if (stack.terminationProtection) {
        throw invalid(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
      }
      if (!allows(stack.status, "delete")) throw invalid(`Stack [${stack.name}] cannot be deleted while in status ${stack.status}`);
      if (input.RetainResources?.length && stack.status !== "DELETE_FAILED") {
        throw invalid(
          `Invalid operation on stack [${stack.id}]. RetainResources can only be specified when the stack is in the DELETE_FAILED state`,
        );
      }
      const used = await exportsInUse(tx, stack);
      if (used) throw invalid(used);
      const failed = (await tx.list(resources, { prefix: stackKey(stack) }))
        .filter((one) => one.status === "DELETE_FAILED")
        .map((one) => one.logicalId);
      const forced = input.DeletionMode === "FORCE_DELETE_STACK";
      if (forced && stack.status !== "DELETE_FAILED")
        throw invalid(
          `Invalid operation on stack [${stack.id}]. FORCE_DELETE_STACK can only be used when the stack is in the DELETE_FAILED state`,
        );
      const next: Stack = input.RoleARN ? { ...stack, roleArn: input.RoleARN } : stack;
      await beginDelete(tx, next, {
        now: context.clock.now(),
        clientToken: input.ClientRequestToken,
        retain: forced ? failed : input.RetainResources,
      });
    });
    await over;
    return {};
  },

  async DescribeStacks(input, call) {
    const found = await context.store.read(async (tx) => {
      const list = input.StackName
        ? [await stackOf(tx, call, input.StackName)]
        : (await tx.list(stacks, { prefix: [call.account, call.region] })).filter((one) => one.status !== "DELETE_COMPLETE");
      const shown = list.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
      return Promise.all(
        shown.map(async (stack) => ({
          stack,
          version: stack.version ? await tx.get(versions, [...stackKey(stack), stack.version]) : undefined,
        })),
      );
    });
    return { Stacks: found.map(({ stack, version }) => stackOut(stack, version)) };
  },

  async ListStacks(input, call) {
    const wanted = new Set<string>(input.StackStatusFilter ?? []);
    const all = await context.store.read((tx) => tx.list(stacks, { prefix: [call.account, call.region] }));
    const shown = all.filter((one) => wanted.size === 0 || wanted.has(one.status)).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    return {
      StackSummaries: shown.map((stack) => ({
        StackId: stack.id,
        StackName: stack.name,
        TemplateDescription: stack.description,
        CreationTime: new Date(stack.createdAt),
        LastUpdatedTime: stack.updatedAt ? new Date(stack.updatedAt) : undefined,
        DeletionTime: stack.deletedAt ? new Date(stack.deletedAt) : undefined,
        StackStatus: stack.status,
        StackStatusReason: stack.statusReason,
        ParentId: stack.parent?.id,
        RootId: stack.parent?.rootId,
        DriftInformation: { StackDriftStatus: "NOT_CHECKED" as const },
      })),
    };
  },

  async UpdateTerminationProtection(input, call) {
    return context.store.write(async (tx) => {
      const stack = await stackOf(tx, call, input.StackName, "plain");
      if (stack.parent) throw invalid(`Termination protection of a nested stack is set on its root stack ${stack.parent.rootId}`);
      await tx.put(stacks, stackKey(stack), { ...stack, terminationProtection: input.EnableTerminationProtection === true });
      return { StackId: stack.id };
    });
  },

  async CancelUpdateStack(input, call) {
    await context.store.write(async (tx) => {
      const stack = await stackOf(tx, call, input.StackName, "plain");
      if (!allows(stack.status, "cancel update") || !stack.operation) {
        throw invalid(`CancelUpdateStack cannot be called from current stack status ${stack.status}`);
      }
      await tx.put(stacks, stackKey(stack), { ...stack, operation: { ...stack.operation, cancelled: true } });
      await tx.later(wake(stack));
    });
    return {};
  },

  async ContinueUpdateRollback(input, call) {
    await context.store.write(async (tx) => {
      const stack = await stackOf(tx, call, input.StackName, "plain");
      if (!allows(stack.status, "continue rollback")) {
        throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not continue update rollback.`);
      }
      const next: Stack = input.RoleARN ? { ...stack, roleArn: input.RoleARN } : stack;
      await beginRollback(tx, next, { now: context.clock.now(), clientToken: input.ClientRequestToken, skip: input.ResourcesToSkip });
    });
    return {};
  },

  async RollbackStack(input, call) {
    refuse(input, ["DeploymentConfig", "RetainExceptOnCreate"]);
    return context.store.write(async (tx) => {
      const stack = await stackOf(tx, call, input.StackName, "plain");
      if (!allows(stack.status, "roll back")) throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be rolled back.`);
      const next: Stack = input.RoleARN ? { ...stack, roleArn: input.RoleARN } : stack;
      await beginRollback(tx, next, { now: context.clock.now(), clientToken: input.ClientRequestToken });
      return { StackId: stack.id };
    });
  },
});

export const mayUpdate = (stack: Stack): void => {
  if (!allows(stack.status, "update")) throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
};
