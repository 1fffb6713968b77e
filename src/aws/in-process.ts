import { Readable } from "node:stream";
import { HttpResponse } from "@smithy/core/protocols";
import type { Gateway, Trusted } from "../gateway/gateway.ts";
import { escapeUri } from "../lib/uri.ts";

/** An SDK request, as far as we look at it. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly hostname: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A request handler for SDK clients that hands their requests to the gateway of this process. */
export function inProcess(handle: Gateway["handle"], caller: () => Promise<Trusted>): object {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request: SdkRequest, options?: { abortSignal?: AbortSignal }) {
      const headers: Record<string, string> = {};
      for (const name in request.headers) headers[name.toLowerCase()] = request.headers[name] as string;
      headers.host ??= request.hostname;
      const { method, path } = request;
      const signal = options?.abortSignal;
      const wire = { method, path, query: queryText(request.query), headers, body: bytesOf(request.body), ...(signal && { signal }) };
      const { status, headers: answered, body } = await handle(wire, await caller());
      return {
        response: new HttpResponse({
          statusCode: status,
          headers: flat(answered),
          body: typeof body === "string" ? Buffer.from(body) : body,
        }),
      };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
}

const flat = (headers: Readonly<Record<string, string | string[]>>): Record<string, string> => {
  const all: Record<string, string> = {};
  for (const name in headers) all[name] = String(headers[name]);
  return all;
};

function bytesOf(body: unknown): Readable | Uint8Array {
  if (body === undefined || body === null) return new Uint8Array(0);
  if (body instanceof Readable || body instanceof Uint8Array) return body;
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  return Readable.fromWeb(body as never);
}

const queryText = (query: SdkRequest["query"] = {}): string =>
  Object.entries(query)
    .flatMap(([key, value]) =>
      value === null || value === undefined ? [escapeUri(key)] : [value].flat().map((one) => `${escapeUri(key)}=${escapeUri(one)}`),
    )
    .join("&");
