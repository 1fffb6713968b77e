/** What a type of resource is. One file for each type; `index.ts` lists them. */
import type { Aws } from "../../../aws/aws.ts";

/** A resource that stands: what `Ref` and `Fn::GetAtt` see of it. */
export interface Made {
  readonly physicalId: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** What only this type needs to know later. */
  readonly state?: unknown;
}
/** Not yet: something will call (a response, a nested stack), at the latest at `until`. */
export interface Wait {
  readonly wait: true;
  readonly physicalId?: string;
  readonly until?: Date;
  readonly state?: unknown;
}

/** One step for one resource. */
export interface Work {
  readonly type: string;
  readonly logicalId: string;
  // biome-ignore lint/suspicious/noExplicitAny: each type knows its properties; they were checked against the specification
  readonly properties: any;
  /** The name to give: the template's own, or one made of stack and logical id, the same at every try. */
  readonly name: string;
  /** The same at every try of this step, and at no other step. */
  readonly token: string;
  /** An earlier try may have done it, wholly or in part: what it left is to be found and used. */
  readonly again: boolean;
  readonly startedAt: Date;
  readonly aws: Aws;
  readonly stack: StackFacts;
  readonly desk: Desk;
  /** Says that the thing now exists under this id: if what follows fails, it is taken away again. */
  exists(physicalId: string): void;
}
export interface Change extends Work {
  readonly physicalId: string;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly was: any;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly state?: unknown;
  /** Restores what stood before a failed update. */
  readonly rollback: boolean;
}
export type Removal = Omit<Change, "was" | "exists">;
export interface Waiting extends Work {
  readonly action: "create" | "update" | "delete";
  readonly physicalId?: string;
  readonly state?: unknown;
  readonly now: Date;
}
export interface StackFacts {
  readonly id: string;
  readonly uuid: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** Our own address, for what must reach us. */
  readonly endpoint: string;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly roleArn?: string;
  readonly capabilities: readonly string[];
  readonly disableRollback: boolean;
  readonly rootId?: string;
  readonly notificationArns: readonly string[];
}

/** What CloudFormation itself offers to the types that live within it. */
export interface Desk {
  /** An address that takes answers by PUT, the same for the same token. Only who was told it can know it. */
  address(work: Pick<Work, "stack" | "logicalId" | "token">, kind: "custom" | "wait"): Promise<string>;
  /** The answers given there, by their unique ids; a custom resource's one answer is under "". */
  answers(work: Pick<Work, "stack" | "logicalId" | "token">): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>>;
  /** What was answered at an address of this stack, whoever asked for it. */
  signals(work: Pick<Work, "stack">, address: string): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>>;
  readonly nested: {
    create(work: Work): Promise<string>;
    /** False: nothing to update. With `state`, back to the version it names. */
    update(change: Change): Promise<boolean>;
    delete(removal: Removal): Promise<boolean>;
    look(work: Pick<Work, "stack">, stackId: string): Promise<NestedState | undefined>;
  };
}
export interface NestedState {
  readonly status: string;
  readonly reason?: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly version: string;
}

export interface NameRule {
  readonly property: string;
  readonly most: number;
  readonly lowerCase?: boolean;
  readonly suffix?: string;
  /** The name alone does not make it one of a kind: a replacement may bear the same. */
  readonly shared?: boolean;
}
export interface ResourceType {
  /** Top-level properties that are carried out; another that AWS knows is refused by name. */
  readonly properties: readonly string[];
  /** Paths further down that are not (`Source.BuildStatusConfig`), list places left out. */
  readonly refuses?: readonly string[];
  readonly name?: NameRule;
  /** An update looks at it even where its properties are the same: what they name may have changed. */
  readonly always?: boolean;
  /** Attributes that may be others after an update in place. */
  readonly changing?: readonly string[] | "all";
  /** Creating it needs a capability; `CAPABILITY_NAMED_IAM` when the template names it by `name`. */
  readonly iam?: boolean;
  /** Whether something of the name that the template gives is there already. */
  taken?(work: Work): Promise<boolean>;
  /** For a change that only may need a new resource, or whose need the specification does not tell. */
  replaces?(before: Record<string, unknown>, after: Record<string, unknown>): boolean;
  create(work: Work): Promise<Made | Wait>;
  /** Absent when every property's change needs a new resource. */
  update?(change: Change): Promise<Made | Wait>;
  /** What is gone already is no error. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most deletions end with the call
  delete(removal: Removal): Promise<void | Wait>;
  /** How a step that waits stands. For a deletion that has ended, any `Made` will do. */
  look?(waiting: Waiting): Promise<Made | Wait>;
}

const named = (error: unknown, names: readonly string[]): boolean => error instanceof Error && names.includes(error.name);
/** Creates; what an earlier try has already made is no error. */
export const createOnce = async (work: Pick<Work, "again">, exists: readonly string[], create: () => Promise<unknown>): Promise<void> => {
  try {
    await create();
  } catch (error) {
    if (!(work.again && named(error, exists))) throw error;
  }
};
/** Does something to a thing that may be gone already. */
export const unlessGone = async <T>(gone: readonly string[], work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch (error) {
    if (named(error, gone)) return undefined;
    throw error;
  }
};
/** A failure whose words are for the user as they are. */
export class ResourceFailure extends Error {}
