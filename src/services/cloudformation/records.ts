/** What is remembered. Keys begin with [account, region]; a stack is known by the last part of its id, its uuid. */
import { collection } from "../../store/store.ts";
import type { Template } from "./template/template.ts";
import type { ParameterValues } from "./template/parameters.ts";
import type { Tags } from "./properties.ts";

export type StackStatus =
  | "REVIEW_IN_PROGRESS"
  | "CREATE_IN_PROGRESS"
  | "CREATE_FAILED"
  | "CREATE_COMPLETE"
  | "ROLLBACK_IN_PROGRESS"
  | "ROLLBACK_FAILED"
  | "ROLLBACK_COMPLETE"
  | "DELETE_IN_PROGRESS"
  | "DELETE_FAILED"
  | "DELETE_COMPLETE"
  | "UPDATE_IN_PROGRESS"
  | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
  | "UPDATE_COMPLETE"
  | "UPDATE_FAILED"
  | "UPDATE_ROLLBACK_IN_PROGRESS"
  | "UPDATE_ROLLBACK_FAILED"
  | "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
  | "UPDATE_ROLLBACK_COMPLETE";
export type ResourceStatus = `${"CREATE" | "UPDATE" | "DELETE"}_${"IN_PROGRESS" | "COMPLETE" | "FAILED"}` | "DELETE_SKIPPED";

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

/** What a stack is to become, or has become: a template with its parameters. Never changed once written. */
export interface Version {
  readonly id: string;
  /** As it was given. */
  readonly body: string;
  /** After transforms, in long forms. */
  readonly template: Template;
  readonly transforms: readonly string[];
  readonly parameters: ParameterValues;
  readonly capabilities: readonly string[];
  readonly tags: Tags;
  readonly notificationArns: readonly string[];
  /** Names of the exports it imports. */
  readonly imports: readonly string[];
}

/** What is being done to a stack. */
export interface Operation {
  readonly id: string;
  readonly kind: "create" | "update" | "delete";
  readonly clientToken?: string;
  /** deploy: towards `version`; undo: delete what a creation made; restore: back to `previous`; clean and cleanBack: delete what is no longer of the stack. */
  readonly phase: "deploy" | "undo" | "restore" | "clean" | "cleanBack" | "delete";
  readonly version: string;
  readonly previous?: string;
  readonly startedAt: string;
  readonly deadline?: string;
  readonly onFailure: "ROLLBACK" | "DELETE" | "DO_NOTHING";
  /** What failed, in the order it did. */
  readonly failed: readonly {
    readonly phase: string;
    readonly key: string;
    readonly logicalId: string;
    readonly action: "create" | "update" | "delete";
    readonly reason: string;
  }[];
  readonly cancelled?: boolean;
  /** Only of a deletion. */
  readonly retain?: readonly string[];
  /** Only of a continued rollback. */
  readonly skip?: readonly string[];
  readonly policyDuringUpdate?: string;
  readonly changeSetId?: string;
}

export interface Stack {
  readonly account: string;
  readonly region: string;
  readonly uuid: string;
  readonly name: string;
  readonly id: string;
  readonly status: StackStatus;
  readonly statusReason?: string;
  readonly createdAt: string;
  readonly updatedAt?: string;
  readonly deletedAt?: string;
  /** What the resources stand for; absent until the first creation has begun. */
  readonly version?: string;
  readonly description?: string;
  readonly disableRollback: boolean;
  readonly timeoutInMinutes?: number;
  readonly roleArn?: string;
  readonly terminationProtection: boolean;
  readonly policy?: string;
  readonly outputs: readonly StackOutput[];
  /** Names of exports that this stack holds on to: those of its version, and during an update also of the next. */
  readonly imports: readonly string[];
  readonly changeSetId?: string;
  readonly parent?: { readonly uuid: string; readonly id: string; readonly rootId: string };
  readonly operation?: Operation;
  /** Why the last operation did not get where it was to go, whatever became of the stack since. */
  readonly failure?: string;
  /** The place of the next event in the history. */
  readonly eventCount: number;
  readonly endpoint: string;
}

/** A physical resource and what was asked of it. Dynamic references stand in it unresolved. */
export interface Standing {
  readonly type: string;
  readonly physicalId: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly state?: unknown;
  readonly deletionPolicy?: string;
  readonly updateReplacePolicy?: string;
  readonly metadata?: unknown;
  readonly needs: readonly string[];
}
/** An effect that was decided and may have been tried. */
export interface Step {
  readonly action: "create" | "update" | "delete";
  readonly token: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly startedAt: string;
  /** What an update starts from. */
  readonly was?: Readonly<Record<string, unknown>>;
  /** Something of an earlier try may be there even at the first one. */
  readonly again?: boolean;
  /** A creation that takes the place of what stands. */
  readonly replaces?: boolean;
  /** The properties as events show them: JSON, without secrets. */
  readonly shown?: string;
  /** It now waits to be called. */
  readonly waiting?: { readonly until?: string; readonly physicalId?: string; readonly state?: unknown };
  /** What stands afterwards, beside what the type itself says. */
  readonly declared: Pick<Standing, "deletionPolicy" | "updateReplacePolicy" | "metadata" | "needs">;
}
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly status: ResourceStatus;
  readonly statusReason?: string;
  readonly at: string;
  readonly stands?: Standing;
  readonly step?: Step;
  /** What stood before an operation that has not yet ended well first touched it; null: nothing. */
  readonly before?: { readonly stood: Standing | null };
  /** The operation that has dealt with it last, forwards or backwards. */
  readonly touched?: string;
  /** Properties of an update that failed: any part of it may have been carried out. */
  readonly attempted?: Readonly<Record<string, unknown>>;
  /** Made in vain, to be taken away in the clean-up. */
  readonly debris?: readonly Standing[];
}
/** A physical resource that the stack has let go and that is to be deleted. */
export interface Discard {
  readonly logicalId: string;
  readonly stands: Standing;
  readonly fate: "delete" | "retain";
  readonly step?: Step;
  /** Its deletion failed; it is kept for the record. */
  readonly failed?: string;
  readonly done?: boolean;
}
export interface StackEvent {
  readonly id: string;
  readonly at: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  /** JSON, without secrets. */
  readonly properties?: string;
  readonly clientToken?: string;
  readonly operation?: string;
  /** Of a stack's last event: what AWS does not tell. */
  readonly mayfly?: object;
  /** Whom to tell beside the event bus. */
  readonly topics?: readonly string[];
}

export interface ChangeDetail {
  readonly attribute: "Properties" | "Metadata" | "DeletionPolicy" | "UpdateReplacePolicy" | "Tags";
  readonly name?: string;
  readonly path?: string;
  readonly requires: "Never" | "Conditionally" | "Always";
  readonly evaluation: "Static" | "Dynamic";
  readonly source?: "ResourceReference" | "ParameterReference" | "ResourceAttribute" | "DirectModification" | "Automatic";
  readonly causing?: string;
  readonly kind?: "Add" | "Remove" | "Modify";
  readonly before?: string;
  readonly after?: string;
}
export interface ResourceChange {
  readonly action: "Add" | "Modify" | "Remove";
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly replacement?: "True" | "False" | "Conditional";
  readonly policyAction?: "Delete" | "Retain" | "Snapshot" | "ReplaceAndDelete" | "ReplaceAndRetain" | "ReplaceAndSnapshot";
  readonly scope: readonly ChangeDetail["attribute"][];
  readonly details: readonly ChangeDetail[];
  readonly before?: string;
  readonly after?: string;
}
export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly uuid: string;
  readonly stackUuid: string;
  readonly kind: "CREATE" | "UPDATE";
  readonly description?: string;
  readonly createdAt: string;
  readonly status: "CREATE_COMPLETE" | "FAILED" | "CREATE_IN_PROGRESS";
  readonly statusReason?: string;
  readonly executionStatus: "UNAVAILABLE" | "AVAILABLE" | "EXECUTE_IN_PROGRESS" | "EXECUTE_COMPLETE" | "EXECUTE_FAILED" | "OBSOLETE";
  readonly changes: readonly ResourceChange[];
  readonly version: string;
  readonly roleArn?: string;
  readonly onStackFailure?: "ROLLBACK" | "DELETE" | "DO_NOTHING";
  readonly executeToken?: string;
  readonly clientToken?: string;
}

/** [account, region, uuid] */
export const stacks = collection<Stack>("cloudformation.stack");
/** [account, region, name] → uuid of the one stack of that name that is not deleted. */
export const stackNames = collection<string>("cloudformation.name");
/** [account, region, uuid, version] */
export const versions = collection<Version>("cloudformation.version");
/** [account, region, uuid, logical id] */
export const resources = collection<Resource>("cloudformation.resource");
/** [account, region, uuid, number] */
export const discards = collection<Discard>("cloudformation.discard");
/** [account, region, uuid, number of twelve digits] */
export const events = collection<StackEvent>("cloudformation.event");
/** [account, region, uuid] → the number of the last event that was told. */
export const announced = collection<number>("cloudformation.announced");
/** [account, region, stack uuid, name] */
export const changeSets = collection<ChangeSet>("cloudformation.changeSet");
/** [account, region, change set uuid] → where it is. */
export const changeSetIds = collection<{ readonly stackUuid: string; readonly name: string }>("cloudformation.changeSetId");
/** [account, region, export name] */
export const exports = collection<{ readonly value: string; readonly stackUuid: string; readonly stackId: string }>(
  "cloudformation.export",
);
/** [account, region, export name, stack uuid] → the importing stack's name. */
export const imports = collection<string>("cloudformation.import");
/** [account, region, secret] → who waits for an answer at that address. */
export const calls = collection<{
  readonly stackUuid: string;
  readonly logicalId: string;
  readonly token: string;
  readonly kind: "custom" | "wait";
}>("cloudformation.call");
/** [account, region, stack uuid, logical id, token, unique id] → the answer. */
export const answers = collection<Readonly<Record<string, unknown>>>("cloudformation.answer");
/** [account, region, operation, client token] */
export const requests = collection<{ readonly digest: string; readonly stackId: string }>("cloudformation.request");

export const stackKey = (stack: Pick<Stack, "account" | "region" | "uuid">): [string, string, string] => [
  stack.account,
  stack.region,
  stack.uuid,
];
export const eventKey = (number: number): string => String(number).padStart(12, "0");
