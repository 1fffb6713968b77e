/**
 * Lambda's runtime API (2018-06-01), as `AWS_LAMBDA_RUNTIME_API` promises it to what runs inside: one listener on a loopback
 * port for all instances. The address given to an instance ends with a secret of its own (`127.0.0.1:4000/9f…`); runtimes put
 * `http://` before it and their path behind it, so that nothing but that instance can speak for it.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One invocation, as the runtime is told of it. */
export interface Work {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly arn: string;
  readonly deadline: number;
  readonly traceId: string;
  readonly clientContext?: string;
}
/** What a runtime answered. */
export interface Answer {
  readonly requestId: string;
  readonly error: boolean;
  readonly errorType?: string;
  readonly body: Buffer;
  /** The most memory the instance has used, where its runtime tells. */
  readonly memoryKb?: number;
}
/** An instance, as the runtime API serves it. */
export interface Guest {
  /** The runtime is ready for work; resolves when there is some. */
  next(): Promise<Work>;
  /** False: no such invocation is under way. */
  answer(answer: Answer): boolean;
  failInit(error: { errorType?: string; body: Buffer }): void;
}
export interface RuntimeApi {
  /** The address for a new guest. */
  admit(guest: Guest): Promise<{ address: string; leave(): void }>;
  close(): Promise<void>;
}

export const maximumResponse = 6_291_556;

export const createRuntimeApi = (): RuntimeApi => {
  const guests = new Map<string, Guest>();
  let listening: Promise<Server> | undefined;
  const listen = () =>
    new Promise<Server>((resolve, reject) => {
      const server = createServer((request, response) => {
        serve(guests, request, response).catch(() => response.destroy());
      });
      server.keepAliveTimeout = 0;
      server.requestTimeout = 0;
      server.on("error", reject);
      server.listen(0, "127.0.0.1", () => resolve(server));
      server.unref();
    });
  return {
    async admit(guest) {
      listening ??= listen();
      const { port } = (await listening).address() as AddressInfo;
      const token = randomBytes(16).toString("hex");
      guests.set(token, guest);
      return { address: `127.0.0.1:${port}/${token}`, leave: () => void guests.delete(token) };
    },
    async close() {
      const server = await listening;
      listening = undefined;
      guests.clear();
      server?.closeAllConnections();
      await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    },
  };
};

const serve = async (guests: Map<string, Guest>, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const [, token = "", path = ""] = /^\/([0-9a-f]{32})\/2018-06-01\/runtime\/(.*)$/.exec(request.url ?? "") ?? [];
  const guest = guests.get(token);
  if (!guest) return reply(response, 403, { errorMessage: "Forbidden", errorType: "InvalidAccess" });
  const invocation = /^invocation\/([^/]+)\/(response|error)$/.exec(path);
  if (request.method === "GET" && path === "invocation/next") {
    const work = await guest.next();
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": work.payload.length,
      "lambda-runtime-aws-request-id": work.requestId,
      "lambda-runtime-deadline-ms": work.deadline,
      "lambda-runtime-invoked-function-arn": work.arn,
      "lambda-runtime-trace-id": work.traceId,
      ...(work.clientContext !== undefined && { "lambda-runtime-client-context": work.clientContext }),
    });
    response.end(work.payload);
  } else if (request.method === "POST" && invocation) {
    const [, requestId = "", kind] = invocation;
    const body = await read(request);
    const told = {
      requestId,
      errorType: header(request, "lambda-runtime-function-error-type"),
      memoryKb: Number(header(request, "mayfly-max-memory-kb")) || undefined,
    };
    if (body === undefined) {
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${maximumResponse} bytes).`;
      const errorType = "Function.ResponseSizeTooLarge";
      guest.answer({ ...told, error: true, errorType, body: Buffer.from(JSON.stringify({ errorType, errorMessage })) });
      return reply(response, 413, { errorMessage, errorType: "RequestEntityTooLarge" });
    }
    const known = guest.answer({ ...told, error: kind === "error", body });
    reply(response, known ? 202 : 400, known ? { status: "OK" } : { errorMessage: "Invalid request ID", errorType: "InvalidRequestID" });
  } else if (request.method === "POST" && path === "init/error") {
    const body = await read(request);
    guest.failInit({ errorType: header(request, "lambda-runtime-function-error-type"), body: body ?? Buffer.from("{}") });
    reply(response, 202, { status: "OK" });
  } else {
    reply(response, 404, { errorMessage: `${request.method} /2018-06-01/runtime/${path} is not implemented`, errorType: "NotFound" });
  }
};

const header = (request: IncomingMessage, name: string) => request.headers[name]?.toString();

/** Undefined: too large (and read to its end, so that the connection stays usable). */
const read = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= maximumResponse) chunks.push(chunk);
  }
  return size > maximumResponse ? undefined : Buffer.concat(chunks);
};

const reply = (response: ServerResponse, status: number, body: object) => {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
};
