/** Records → AWS's shapes. */
import type * as sdk from "@aws-sdk/client-cloudformation";
import type { ChangeSet, Resource, ResourceChange, Stack, StackEvent, Version } from "./records.ts";
import type { ParameterValues } from "./template/parameters.ts";

export const parametersOut = (parameters: ParameterValues): sdk.Parameter[] =>
  Object.entries(parameters).map(([ParameterKey, { value, resolved, noEcho }]) => ({
    ParameterKey,
    ParameterValue: noEcho ? "****" : value,
    ...(resolved !== undefined && !noEcho && { ResolvedValue: resolved }),
  }));

/** Lists that AWS leaves out where they are empty. */
const filled = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);

export const stackOut = (stack: Stack, version: Version | undefined): sdk.Stack => ({
  StackId: stack.id,
  StackName: stack.name,
  CreationTime: new Date(stack.createdAt),
  LastUpdatedTime: stack.updatedAt ? new Date(stack.updatedAt) : undefined,
  DeletionTime: stack.deletedAt ? new Date(stack.deletedAt) : undefined,
  StackStatus: stack.status,
  StackStatusReason: stack.statusReason,
  Description: stack.description,
  DisableRollback: stack.disableRollback,
  TimeoutInMinutes: stack.timeoutInMinutes,
  RoleARN: stack.roleArn,
  EnableTerminationProtection: stack.terminationProtection,
  ChangeSetId: stack.changeSetId,
  ParentId: stack.parent?.id,
  RootId: stack.parent?.rootId,
  Capabilities: filled([...(version?.capabilities ?? [])] as sdk.Capability[]),
  NotificationARNs: [...(version?.notificationArns ?? [])],
  Parameters: filled(version ? parametersOut(version.parameters) : []),
  Tags: version?.tags.map(({ Key, Value }) => ({ Key, Value })) ?? [],
  Outputs: filled(
    stack.outputs.map((output) => ({
      OutputKey: output.key,
      OutputValue: output.value,
      Description: output.description,
      ExportName: output.exportName,
    })),
  ),
  RollbackConfiguration: {},
  DriftInformation: { StackDriftStatus: "NOT_CHECKED" },
});

export const eventOut = (stack: Stack, event: StackEvent): sdk.StackEvent => ({
  StackId: stack.id,
  StackName: stack.name,
  EventId: event.id,
  LogicalResourceId: event.logicalId,
  PhysicalResourceId: event.physicalId,
  ResourceType: event.type,
  ResourceStatus: event.status as sdk.ResourceStatus,
  ResourceStatusReason: event.reason,
  ResourceProperties: event.properties,
  Timestamp: new Date(event.at),
  ClientRequestToken: event.clientToken,
  OperationId: event.operation,
});

export const resourceOut = (stack: Stack, resource: Resource) => ({
  StackId: stack.id,
  StackName: stack.name,
  LogicalResourceId: resource.logicalId,
  PhysicalResourceId: resource.stands?.physicalId ?? resource.step?.waiting?.physicalId,
  ResourceType: resource.type,
  ResourceStatus: resource.status as sdk.ResourceStatus,
  ResourceStatusReason: resource.statusReason,
  DriftInformation: { StackResourceDriftStatus: "NOT_CHECKED" as const },
});

const changeOut = (change: ResourceChange, values: boolean): sdk.Change => ({
  Type: "Resource",
  ResourceChange: {
    Action: change.action,
    LogicalResourceId: change.logicalId,
    PhysicalResourceId: change.physicalId,
    ResourceType: change.type,
    Replacement: change.replacement,
    PolicyAction: change.policyAction,
    Scope: [...change.scope],
    Details: change.details.map((detail) => ({
      Target: {
        Attribute: detail.attribute,
        Name: detail.name,
        RequiresRecreation: detail.requires,
        ...(values && { Path: detail.path, BeforeValue: detail.before, AfterValue: detail.after, AttributeChangeType: detail.kind }),
      },
      Evaluation: detail.evaluation,
      ChangeSource: detail.source,
      CausingEntity: detail.causing,
    })),
    ...(values && { BeforeContext: change.before, AfterContext: change.action === "Remove" ? undefined : change.after }),
  },
});

export const changeSetOut = (stack: Stack, set: ChangeSet, version: Version, values: boolean) => ({
  ChangeSetName: set.name,
  ChangeSetId: set.id,
  StackId: stack.id,
  StackName: stack.name,
  Description: set.description,
  Parameters: parametersOut(version.parameters),
  CreationTime: new Date(set.createdAt),
  ExecutionStatus: set.executionStatus,
  Status: set.status,
  StatusReason: set.statusReason,
  NotificationARNs: [...version.notificationArns],
  RollbackConfiguration: {},
  Capabilities: [...version.capabilities] as sdk.Capability[],
  Tags: version.tags.map(({ Key, Value }) => ({ Key, Value })),
  IncludeNestedStacks: false,
  OnStackFailure: set.onStackFailure,
  Changes: set.changes.map((change) => changeOut(change, values)),
});
