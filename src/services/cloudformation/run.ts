import { randomUUID } from "node:crypto";
import type { Aws } from "../../aws/aws.ts";
import type { Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import { dependencyGraph, knownFrom, type Types } from "./declared.ts";
import { type Draft, wake, writeStack } from "./history.ts";
import type { Graph } from "./plan.ts";
import { partitionOf, placeOf, readImports } from "./prepare.ts";
import {
  type Discard,
  discards,
  type Operation,
  type Resource,
  resources,
  type Stack,
  stackKey,
  stacks,
  type Version,
  versions,
} from "./records.ts";
import { loadTypes } from "./resources/load.ts";
import type { Desk, StackFacts } from "./resources/resource.ts";
import { type Result, type Scope, Unknown } from "./template/functions.ts";
import { stackScope } from "./template/scope.ts";
import type { Failed } from "./transitions.ts";

/** What one transaction is to write; null deletes. */
export interface Changes {
  readonly resources: Map<string, Resource | null>;
  readonly discards: Map<string, Discard | null>;
  readonly events: Draft[];
  readonly failed: (Failed & { readonly key: string })[];
  wakeAt?: Date;
}
export const noChanges = (): Changes => ({ resources: new Map(), discards: new Map(), events: [], failed: [] });

/** A stack's operation as this process carries it out: all of its records in memory, every change written before it counts. */
export class Run {
  readonly context: Context;
  readonly task: Task;
  readonly desk: Desk;
  readonly operation: Operation;
  readonly version: Version;
  readonly graph: Graph;
  readonly types: Types;
  readonly resources: Map<string, Resource>;
  readonly discards: Map<string, Discard>;
  readonly aws: Aws;
  readonly imports: ReadonlyMap<string, string>;
  stack: Stack;
  /** Another operation has taken the stack over: what is under way is still written, nothing new begins. */
  superseded = false;

  private constructor(
    parts: Pick<
      Run,
      "context" | "task" | "desk" | "stack" | "operation" | "version" | "graph" | "types" | "resources" | "discards" | "aws" | "imports"
    >,
  ) {
    this.context = parts.context;
    this.task = parts.task;
    this.desk = parts.desk;
    this.stack = parts.stack;
    this.operation = parts.operation;
    this.version = parts.version;
    this.graph = parts.graph;
    this.types = parts.types;
    this.resources = parts.resources;
    this.discards = parts.discards;
    this.aws = parts.aws;
    this.imports = parts.imports;
  }

  /** Undefined when the stack has no operation under way. */
  static async load(context: Context, task: Task, desk: Desk): Promise<Run | undefined> {
    const { account, region, uuid } = task.payload as { account: string; region: string; uuid: string };
    const key = [account, region, uuid];
    const found = await context.store.read(async (tx) => {
      const stack = await tx.get(stacks, key);
      const operation = stack?.operation;
      if (!stack || !operation) return undefined;
      const version = await tx.get(versions, [...key, operation.version]);
      if (!version) throw new Error(`stack ${stack.name} has no version ${operation.version}`);
      const standing = await tx.list(resources, { prefix: key });
      const discarded = await tx.entries(discards, { prefix: key });
      return { stack, operation, version, standing, discarded };
    });
    if (!found) return undefined;
    const { stack, operation, version, standing, discarded } = found;
    const deploying = operation.phase === "deploy";
    const types = await loadTypes([
      ...(deploying ? Object.values(version.template.Resources).map(({ Type }) => Type) : []),
      ...standing.map(({ type }) => type),
      ...discarded.map(({ value }) => value.stands.type),
    ]);
    const imports = deploying ? await readImports(context.store, stack, version.imports) : new Map<string, string>();
    const place = placeOf(stack, version.notificationArns);
    const aws = context.aws.at(stack);
    return new Run({
      context,
      task,
      desk,
      stack,
      operation,
      version,
      types,
      imports,
      graph: deploying ? dependencyGraph(version, place, (name) => imports.get(name) ?? new Unknown([name]), types) : new Map(),
      resources: new Map(standing.map((one) => [one.logicalId, one])),
      discards: new Map(discarded.map(({ key: at, value }) => [at.at(-1) as string, value])),
      aws: stack.roleArn ? aws.as(stack.roleArn, "AWSCloudFormation") : aws,
    });
  }

  /** The version's functions, over what stands now. */
  scope(masked = false): Scope {
    const known = knownFrom((id) => this.resources.get(id)?.stands);
    const importing = (name: string): Result => this.imports.get(name) ?? new Unknown([name]);
    return stackScope(
      this.version.template,
      this.version.parameters,
      placeOf(this.stack, this.version.notificationArns),
      known,
      importing,
      masked,
    );
  }

  facts(): StackFacts {
    const { stack, version } = this;
    return {
      id: stack.id,
      uuid: stack.uuid,
      name: stack.name,
      account: stack.account,
      region: stack.region,
      partition: partitionOf(stack.region),
      endpoint: this.context.endpoint(),
      tags: version.tags,
      capabilities: version.capabilities,
      notificationArns: version.notificationArns,
      disableRollback: this.operation.onFailure === "DO_NOTHING",
      rootId: stack.parent?.rootId ?? stack.id,
      ...(stack.roleArn && { roleArn: stack.roleArn }),
    };
  }

  /** What failed in this phase, whoever carried it out. */
  failed(): Operation["failed"] {
    return (this.stack.operation?.failed ?? []).filter((one) => one.phase === this.operation.phase);
  }
  now(): Date {
    return this.context.clock.now();
  }
  token(): string {
    return randomUUID();
  }

  /** Writes; then what was written is what this process holds. */
  async commit(changes: Changes): Promise<void> {
    const { resources: records, discards: discarded, events, failed } = changes;
    if (records.size + discarded.size + events.length + failed.length === 0 && !changes.wakeAt) return;
    const key = stackKey(this.stack);
    const stack = await this.task.write(async (tx) => {
      const current = (await tx.get(stacks, key)) as Stack;
      const { operation } = current;
      const mine = operation?.id === this.operation.id;
      for (const [id, record] of records) await (record ? tx.put(resources, [...key, id], record) : tx.delete(resources, [...key, id]));
      for (const [id, discard] of discarded) await (discard ? tx.put(discards, [...key, id], discard) : tx.delete(discards, [...key, id]));
      const next =
        mine && failed.length > 0
          ? {
              ...current,
              operation: { ...operation, failed: [...operation.failed, ...failed.map((one) => ({ ...one, phase: operation.phase }))] },
            }
          : current;
      if (changes.wakeAt) await tx.later(wake(current, changes.wakeAt));
      return writeStack(tx, next, events, this.now(), this.version.notificationArns);
    });
    this.wrote(stack);
    this.apply(changes);
  }
  /** Takes changes over in memory; whoever calls this before they are written drops the run when writing fails. */
  apply({ resources: records, discards: discarded }: Changes): void {
    for (const [id, record] of records) record ? this.resources.set(id, record) : this.resources.delete(id);
    for (const [id, discard] of discarded) discard ? this.discards.set(id, discard) : this.discards.delete(id);
  }
  wrote(stack: Stack): void {
    this.stack = stack;
    this.superseded = stack.operation?.id !== this.operation.id;
  }
}
