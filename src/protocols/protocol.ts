import type { Failure } from "./failure.ts";
import type { WireRequest, WireResponse } from "./message.ts";
import type { Operation } from "./model.ts";
import { ServiceError } from "./operations.ts";

/** One way of writing AWS calls down, for one service: the server's half. */
export interface Protocol {
  /** Which operation a request asks for. Throws ServiceError for one that does not exist. */
  route(request: WireRequest): Promise<Routed>;
  /** Reads the operation's input. Throws anything when the request is malformed: the caller says so to the client. */
  // biome-ignore lint/suspicious/noExplicitAny: the input's shape is the operation's
  decode(request: WireRequest, routed: Routed): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: the output's shape is the operation's
  encode(operation: Operation, output: any, requestId: string, request: WireRequest): Promise<WireResponse>;
  fail(failure: Failure, requestId: string, request: WireRequest): Promise<WireResponse>;
  /** The code of an error that says: this cannot be read at all. */
  readonly malformed: string;
  /** The code of an error that says: these values are not allowed. */
  readonly invalid: string;
}
export interface Routed {
  readonly operation: Operation;
  /** What the path says, where it says something. */
  readonly labels: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [string, string])[];
}

export const unknownOperation = (name: string, status = 400): ServiceError =>
  new ServiceError("UnknownOperationException", name === "" ? "The request names no operation." : `There is no operation ${name}.`, status);

/** Runs a reader; whatever it stumbles over is the request's fault, not ours. */
export async function reading<T>(malformed: string, read: () => Promise<T> | T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    if (error instanceof RangeError) throw new ServiceError(malformed, "The request is nested too deeply.");
    if (error instanceof URIError) throw new ServiceError(malformed, "The request has a malformed percent escape.");
    throw new ServiceError(malformed, error instanceof Error ? error.message : String(error));
  }
}
