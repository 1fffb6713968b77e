/** What a service is: its operations, its tasks, its own HTTP paths, and what the server hands it at its first use. */
import type { Readable } from "node:stream";
import type { Aws } from "../aws/aws.ts";
import type { Engine } from "../engines/engine.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Task } from "../queue/queue.ts";
import type { Blobs } from "../store/blobs.ts";
import type { Store } from "../store/store.ts";
import type { Operations } from "../protocols/operations.ts";
import type { Principal } from "./principal.ts";

/** One authenticated request, as its handler sees it. */
export interface Call {
  readonly account: string;
  readonly region: string;
  readonly principal: Principal;
  readonly requestId: string;
  readonly operation: string;
  /** The base address by which the client reached us, e.g. `http://127.0.0.1:4566`, without a trailing slash. */
  readonly endpoint: string;
  readonly sourceIp: string;
  readonly userAgent: string;
  /** Lower-case header names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the client went away before it was answered. */
  readonly signal?: AbortSignal;
}

/** What the server gives each service when it is loaded. */
export interface Context {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly aws: Aws;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  /** The account of every request that names no other. */
  readonly account: string;
  /** A folder of this service's own, for caches that may be lost (it exists). */
  readonly folder: string;
  /** Our own address, for links and for what runs inside containers: `http://127.0.0.1:4566`. */
  endpoint(): string;
  /** Which tasks each service wants for which events (see `Entry.hears`). */
  readonly hearings: readonly Hearing[];
  /** A knob of `config.ts`, by the name it has there. */
  readonly settings: Settings;
}

/** The knobs a service may read: filled by `config.ts`, so that nothing else reads `process.env`. */
export interface Settings {
  /** `off`: any credentials, or none, are the account's root. */
  readonly auth: "on" | "off";
  /** curated image name pattern → what the engine runs (see docs/images.md). */
  readonly images: Readonly<Record<string, string>>;
  readonly smtp?: { readonly url: string; readonly from: string };
  /** Seconds an idle function instance stays warm. */
  readonly lambdaIdleSeconds: number;
}

/** An event on the bus that becomes a task of ours: `detailType` absent means every type of that source. */
export interface Hearing {
  readonly source: string;
  readonly detailType?: string;
  /** Full task name, e.g. `codepipeline.hear`; its payload is the event, as EventBridge delivers it. */
  readonly task: string;
}

/** A raw HTTP exchange, for the few paths that are no AWS operation (git, function URLs, the runtime API). */
export interface HttpRequest {
  readonly method: string;
  /** As sent: not decoded, without the query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
  readonly sourceIp: string;
  readonly endpoint: string;
  readonly requestId: string;
  /** Who signed in by SigV4, when the request is signed so; absent otherwise. */
  readonly principal?: Principal;
  /** Aborted when the client went away before it was answered. */
  readonly signal?: AbortSignal;
}
export interface HttpResponse {
  status: number;
  headers: Record<string, string | string[]>;
  body?: string | Uint8Array | Readable;
}

/** What a caller must be allowed to do for one request: action and resource as AWS's service authorization reference names them. */
export interface Permission {
  /** `codepipeline:StartPipelineExecution`. */
  readonly action: string;
  /** ARN, or `*`. */
  readonly resource: string;
}
/** A service's `permissions.ts`. */
export interface Permissions {
  /** Operations that need no signature at all (`sns:ConfirmSubscription`). */
  readonly anonymous?: ReadonlySet<string>;
  // biome-ignore lint/suspicious/noExplicitAny: the input's shape is the operation's
  of(operation: string, input: any, call: Call): readonly Permission[];
}

export interface Service {
  readonly operations: Operations;
  readonly permissions: Permissions;
  /** By short name: `advance` of the service `codepipeline` is the task `codepipeline.advance`. */
  readonly tasks?: Readonly<Record<string, (task: Task) => Promise<void>>>;
  /** Requests of `Entry.paths` and `Entry.hosts`. */
  http?(request: HttpRequest): Promise<HttpResponse>;
  /** Ends what this process holds for the service (instances, followers); durable work stays for the next one. */
  stop?(): Promise<void>;
  /** Forgets everything that is only in memory; `POST /_mayfly/reset` of a `--memory` server. */
  reset?(): Promise<void>;
}

/** A line of `services/index.ts`: all that must be known of a service before its code is loaded. */
export interface Entry {
  /** ARN prefix = IAM prefix = folder name. */
  readonly name: string;
  /** SigV4 scope. */
  readonly signingName: string;
  /** `X-Amz-Target` prefix, for the JSON protocols. */
  readonly target?: string;
  /** API version, for the query protocol. */
  readonly version: string;
  /** Paths that are this service's own HTTP, whatever the host. */
  readonly paths?: readonly RegExp[];
  /** Hosts (without port) that are this service's own HTTP, whatever the path. */
  readonly hosts?: readonly RegExp[];
  readonly hears?: readonly Hearing[];
  /** True when `start` must run at boot even if nobody calls: it adopts what an earlier process left behind. */
  readonly boot?: boolean;
  load(): Promise<{ create(context: Context): Service | Promise<Service> }>;
}
