import { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { ServiceError } from "./operations.ts";

/** An HTTP request, whether it came through a socket or from a neighbour in this process. */
export interface WireRequest {
  readonly method: string;
  /** As sent: not decoded, without the query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  body: Readable | Uint8Array;
  readonly sourceIp?: string;
  /** Aborted when the client went away. */
  readonly signal?: AbortSignal;
}
export interface WireResponse {
  status: number;
  headers: Record<string, string | string[]>;
  body: string | Uint8Array | Readable;
}

const emptyBody = new Uint8Array(0);
const defaultLimit = 128 * 2 ** 20;

/**
 * A request's body as a stream of its own: whoever gives up on it does not destroy the connection, on which the answer is
 * still to go out.
 */
export const bodyStream = (body: Readable | Uint8Array): Readable =>
  body instanceof IncomingMessage ? Readable.from(body.iterator({ destroyOnReturn: false }), { objectMode: false }) : asStream(body);

/** The whole body, for the protocols whose requests are small; the result replaces the stream, so it can be read again. */
export async function collect(request: WireRequest, limit = defaultLimit): Promise<Uint8Array> {
  if (request.body instanceof Uint8Array) return request.body;
  const stream = request.body;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream.iterator({ destroyOnReturn: false })) {
    size += part.length;
    if (size > limit) throw new ServiceError("RequestEntityTooLargeException", "The request is too large.", 413);
    parts.push(part);
  }
  return (request.body = parts.length === 0 ? emptyBody : parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts));
}

export const toText = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
export const asStream = (body: Readable | Uint8Array | string): Readable =>
  body instanceof Readable
    ? body
    : Readable.from(body.length === 0 ? [] : [typeof body === "string" ? Buffer.from(body) : body], { objectMode: false });
