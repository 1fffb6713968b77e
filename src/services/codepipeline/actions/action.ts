/** The plug of an action provider: what its actions look like, how one is begun, and how to see whether it is over. */
import type { Aws } from "../../../aws/aws.ts";
import type { Context } from "../../service.ts";
import type { Action, Declaration, Execution, Failure, Place, Revision, Run } from "../records.ts";

export interface Property {
  readonly name: string;
  readonly required: boolean;
  readonly description: string;
  /** When only these are understood. */
  readonly values?: readonly string[];
  /** Known to AWS, but not built here: a pipeline that sets it is refused. */
  readonly refused?: boolean;
}

/** One try of one action, as its provider sees it. */
export interface Act {
  readonly place: Place;
  readonly declaration: Declaration;
  readonly execution: Execution;
  readonly action: Action;
  /** `run.id` names the work: whatever is begun for it twice must be the same thing. */
  readonly run: Run;
  readonly provider: Provider;
  /** The action's role, else the pipeline's. */
  readonly roleArn: string;
  /** Acting as that role. */
  readonly aws: Aws;
  readonly context: Context;
}

export type Outcome =
  | {
      readonly kind: "succeeded";
      readonly variables?: Readonly<Record<string, string>>;
      readonly revision?: Revision;
      /** Names of the output artifacts that are there; all of them when absent. */
      readonly produced?: readonly string[];
      readonly externalId?: string;
      readonly externalUrl?: string;
      readonly logStreamArn?: string;
      readonly summary?: string;
    }
  | {
      readonly kind: "failed";
      readonly failure: Failure;
      readonly externalId?: string;
      readonly externalUrl?: string;
      readonly logStreamArn?: string;
      readonly logTail?: readonly string[];
      readonly summary?: string;
    }
  | {
      readonly kind: "waiting";
      /** Names under which the end will be announced (see `hearings.ts`). */
      readonly on: readonly string[];
      readonly externalId?: string;
      readonly externalUrl?: string;
      readonly logStreamArn?: string;
      readonly summary?: string;
      readonly percent?: number;
      readonly memory?: Readonly<Record<string, string>>;
      /** When to look after it, in milliseconds since 1970; the usual safety net when absent. */
      readonly lookAt?: number;
      /** When it has failed for want of an end. */
      readonly deadline?: number;
    };

export interface Provider {
  readonly category: "Source" | "Build" | "Test" | "Deploy" | "Approval" | "Invoke";
  readonly provider: string;
  readonly inputs: { readonly min: number; readonly max: number };
  readonly outputs: { readonly min: number; readonly max: number };
  readonly properties: readonly Property[];
  /** How long one try may take. */
  readonly timeoutMinutes: number;
  /** What is said when it took longer. */
  readonly timeoutMessage?: string;
  /** Its end is told by PutJobSuccessResult and PutJobFailureResult. */
  readonly jobs?: boolean;
  /** What is wrong with an action's configuration beyond names, counts and values. */
  complaint?(action: Action): string | undefined;
  /** Safe to repeat for the same run: finds again what it began before. */
  start(act: Act): Promise<Outcome>;
  /** How far the work is. Absent when nobody but the caller can know (approvals). */
  look?(act: Act): Promise<Outcome>;
  /** Ends work of that external id, as far as that can be done. */
  stop?(context: Context, place: Place, externalId: string): Promise<void>;
}

export const failed = (code: string, message: string): Outcome => ({ kind: "failed", failure: { code, message } });
