import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Log } from "../lib/log.ts";
import type { WireRequest } from "../protocols/message.ts";
import type { HttpRequest, HttpResponse } from "../services/service.ts";
import type { Gateway } from "./gateway.ts";

/** Requests that no service answers, by `METHOD /path`. */
export type ExtraRoutes = Readonly<Record<string, (request: HttpRequest) => Promise<HttpResponse>>>;
export interface Listener {
  readonly port: number;
  /** Takes no new connections, and ends those that are open after that grace. */
  close(graceMs?: number): Promise<void>;
}

/** AWS clients keep idle sockets: with Node's 5 seconds they meet ECONNRESET. */
const keepAlive = 75_000;

export async function listen(options: { gateway: Gateway; port: number; host: string; log: Log; extra?: ExtraRoutes }): Promise<Listener> {
  const { gateway, extra = {}, log } = options;
  const server = createServer((incoming, outgoing) => {
    answer(gateway, extra, incoming, outgoing).catch((error: unknown) => {
      // A client that went away is no event.
      if (!outgoing.destroyed) log.error(`${incoming.method} ${incoming.url} broke off`, error);
      outgoing.destroy();
    });
  });
  server.keepAliveTimeout = keepAlive;
  // A body may take as long as it takes.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close(graceMs = 0) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function answer(gateway: Gateway, extra: ExtraRoutes, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const url = incoming.url ?? "/";
  const at = url.indexOf("?");
  const request: WireRequest = {
    method: incoming.method ?? "GET",
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? "" : url.slice(at + 1),
    headers: incoming.headers as Record<string, string>,
    body: incoming,
    sourceIp: incoming.socket.remoteAddress ?? "",
    signal: gone.signal,
  };
  const route = extra[`${request.method} ${request.path}`];
  const response = route ? await route(asHttp(request, incoming)) : await gateway.handle(request);
  outgoing.writeHead(response.status, response.headers);
  if (response.body instanceof Readable) await pipeline(response.body, outgoing);
  else outgoing.end(response.body);
  if (!incoming.readableEnded) drain(incoming);
}

/** What nobody read must not stand in the way of the connection's next request. */
function drain(incoming: IncomingMessage): void {
  // A reader that gave up may still be listening, and a stream that somebody listens to in that way does not flow.
  incoming.removeAllListeners("readable");
  incoming.on("data", () => {});
  incoming.resume();
}

const asHttp = (request: WireRequest, body: Readable): HttpRequest => ({
  method: request.method,
  path: request.path,
  query: request.query,
  headers: request.headers,
  body,
  sourceIp: request.sourceIp ?? "",
  endpoint: `http://${request.headers.host ?? ""}`,
  requestId: "",
});
