/**
 * The official SDK package is our interface description: handlers are named as AWS names them
 * and typed from the client's own input and output types.
 */
import type { Readable } from "node:stream";
import type {
  BlobPayloadInputTypes,
  CommandIO,
  NoUndefined,
  SdkStreamMixin,
  StreamingBlobPayloadInputTypes,
  StreamingBlobPayloadOutputTypes,
} from "@smithy/types";
import type { Call } from "../services/service.ts";

type In<T> = {
  [K in keyof T]: [BlobPayloadInputTypes] extends [NonNullable<T[K]>]
    ? Uint8Array
    : [StreamingBlobPayloadInputTypes] extends [NonNullable<T[K]>]
      ? Readable & SdkStreamMixin
      : NoUndefined<T[K]>;
};
type Out<T> = {
  [K in keyof Omit<T, "$metadata">]: [NonNullable<T[K]>] extends [StreamingBlobPayloadOutputTypes]
    ? Readable | Uint8Array
    : [NonNullable<T[K]>] extends [Uint8Array]
      ? Uint8Array | undefined
      : T[K];
} & { $metadata?: { httpStatusCode?: number } };
type OperationName<K> = K extends `${infer O}Command` ? (O extends "$" ? never : O) : never;

/** Every operation of an official client package, as the function that implements it; a missing one answers "not implemented". */
export type Handlers<Sdk> = {
  // biome-ignore lint/suspicious/noExplicitAny: matches every command's constructor
  [K in keyof Sdk as OperationName<K>]?: Sdk[K] extends new (
    input: any,
  ) => infer C
    ? C extends CommandIO<infer I, infer O>
      ? (input: In<I>, call: Call) => Promise<Out<O>> | Out<O>
      : never
    : never;
};

// biome-ignore lint/suspicious/noExplicitAny: the shapes are checked where handlers are written, by `operations(sdk)`
export type Handler = (input: any, call: Call) => unknown;
/** A service's operations with the package that describes them. */
export interface Operations {
  readonly sdk: object;
  readonly handlers: Readonly<Record<string, Handler>>;
}

/**
 * Joins groups of handlers into a service's operations.
 * Curried: in one call TypeScript loses the contextual types of the handlers' arguments.
 * @example operations(sdk)(pipelineOperations(context), executionOperations(context))
 */
export const operations =
  <Sdk extends object>(sdk: Sdk) =>
  (...groups: Handlers<Sdk>[]): Operations => ({ sdk, handlers: Object.assign({}, ...groups) as Record<string, Handler> });

/** For errors that no SDK package models as a class (AccessDenied, ValidationError, SerializationException, …). */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the error's body, where its format has room for them (S3's XML). */
  readonly extra: Readonly<Record<string, string>>;
  /** Response headers (S3's delete markers, 304s and 416s say something in them). */
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: string, message: string, status = 400, extra: Record<string, string> = {}, headers: Record<string, string> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.extra = extra;
    this.headers = headers;
  }
}
