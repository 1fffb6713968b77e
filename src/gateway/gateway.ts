/** The front door, for sockets and neighbours alike. */
import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { failureOf, internalFailure } from "../protocols/failure.ts";
import { protocolFor } from "../protocols/index.ts";
import { collect, type WireRequest, type WireResponse } from "../protocols/message.ts";
import { modelOf } from "../protocols/model.ts";
import { ServiceError } from "../protocols/operations.ts";
import { reading } from "../protocols/protocol.ts";
import type { Principal } from "../services/principal.ts";
import type { Call, Entry, Service } from "../services/service.ts";
import { authenticate } from "./authenticate.ts";
import { authorize } from "./authorize.ts";
import { guardBody } from "./body.ts";
import { claimOf } from "./claim.ts";
import type { CredentialSource } from "./credentials.ts";
import { checkInput } from "./invalid-input.ts";
import { familyOf, regionOf, strangerAnswer } from "./manners.ts";
import { ownHttp } from "./own-http.ts";
import { resolver } from "./resolve.ts";
import { signInError } from "./sign-in-failures.ts";

export interface GatewayParts {
  readonly entries: readonly Entry[];
  /** A service by name, made at its first use. */
  service(name: string): Promise<Service>;
  readonly credentials: CredentialSource;
  readonly auth: "on" | "off";
  /** The account of root and of who did not sign in. */
  readonly account: string;
  readonly clock: Clock;
  readonly log: Log;
  endpoint(): string;
}
/** A neighbour's call: nothing is signed, since nothing left this process. */
export interface Trusted {
  readonly principal: Principal;
  readonly account: string;
  readonly region: string;
  readonly signingName: string;
}
export interface Gateway {
  /** Answers every request; never throws. */
  handle(request: WireRequest, trusted?: Trusted): Promise<WireResponse>;
}

export function createGateway(parts: GatewayParts): Gateway {
  const resolve = resolver(parts.entries);
  const log = parts.log.named("gateway");

  async function handle(request: WireRequest, trusted?: Trusted): Promise<WireResponse> {
    const requestId = randomUUID();
    let service: Service | undefined;
    let name = "";
    try {
      const claim = trusted ? undefined : claimOf(request);
      const signingName = trusted?.signingName ?? (typeof claim === "object" ? claim.service : undefined);
      const destination = await resolve(request, signingName);
      if (!destination) return strangerAnswer(request, requestId, signingName);
      const { entry } = destination;
      name = entry.name;

      if (destination.raw) {
        service = await parts.service(name);
        const answer = await ownHttp(parts, service, entry, request, requestId, typeof claim === "object" ? claim : undefined);
        return { ...answer, body: answer.body ?? "" };
      }

      const family = familyOf(entry, request);
      const { principal, verified } = trusted
        ? { principal: trusted.principal, verified: {} }
        : await authenticate(parts, request, claim, family);
      // Only S3's bodies are large; hashing the others in one piece is much cheaper than streaming them.
      if (family !== "s3") await collect(request);
      guardBody(request, verified, () => signInError(family, "payload"));

      service = await parts.service(name);
      const { sdk, handlers } = service.operations;
      const protocol = protocolFor(request, sdk);
      const routed = await reading(protocol.malformed, () => protocol.route(request));
      const { operation } = routed;
      const call: Call = {
        account: trusted?.account ?? principal.account,
        region: trusted?.region ?? regionOf(request, claim),
        principal,
        requestId,
        operation: operation.name,
        endpoint: trusted ? parts.endpoint() : endpointOf(request, parts),
        sourceIp: request.sourceIp ?? "127.0.0.1",
        userAgent: request.headers["user-agent"] ?? "",
        headers: request.headers,
        ...(request.signal && { signal: request.signal }),
      };
      const handler = handlers[operation.name];
      if (!handler) throw notImplemented(entry, operation.name);
      const input = await reading(protocol.malformed, () => protocol.decode(request, routed));
      await reading(protocol.malformed, () => checkInput(entry.name, operation, input, protocol));
      authorize(service, operation.name, input, call, family);
      const output = await handler.call(handlers, input, call);
      return finish(await protocol.encode(operation, output, requestId, request), entry, requestId, request);
    } catch (error) {
      return fail(error, name, service, request, requestId);
    }
  }

  async function fail(
    error: unknown,
    name: string,
    loaded: Service | undefined,
    request: WireRequest,
    requestId: string,
  ): Promise<WireResponse> {
    const entry = parts.entries.find((candidate) => candidate.name === name);
    const service = loaded ?? (entry && (await parts.service(name).catch(() => undefined)));
    if (!entry || !service) {
      log.error(`request failed: ${request.method} ${request.path}`, error, { requestId });
      return strangerAnswer(request, requestId, name === "" ? undefined : name);
    }
    const failure = failureOf(error, modelOf(service.operations.sdk)) ?? internalFailure;
    if (failure.status >= 500 && failure.code !== "NotImplemented" && failure.code !== "NotImplementedException")
      log.error(`${name}: ${request.headers["x-amz-target"] ?? `${request.method} ${request.path}`} failed`, error, { requestId });
    return finish(await protocolFor(request, service.operations.sdk).fail(failure, requestId, request), entry, requestId, request);
  }

  return { handle };
}

const notImplemented = (entry: Entry, operation: string): ServiceError =>
  new ServiceError(
    entry.name === "s3" ? "NotImplemented" : "NotImplementedException",
    `${entry.name}:${operation} is not implemented by Mayfly.`,
    501,
  );

function finish(response: WireResponse, entry: Entry, requestId: string, request: WireRequest): WireResponse {
  const { headers, body } = response;
  for (const name in headers) headers[name] = headerText(headers[name] as string);
  headers["x-amzn-requestid"] = requestId;
  if (entry.signingName === "s3") {
    headers["x-amz-request-id"] = requestId;
    headers["x-amz-id-2"] = "mayfly";
  }
  // The length that a HEAD answers is that of the body it does not send.
  const known = body instanceof Readable || (request.method === "HEAD" && headers["content-length"] !== undefined);
  if (!known && response.status !== 204 && response.status !== 304) headers["content-length"] = String(Buffer.byteLength(body as string));
  return response;
}

/** What a header cannot hold travels as S3 sends it (RFC 2047). */
const headerText = (text: string): string =>
  /^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`;

/** As the client wrote it: it can reach that address again. */
const endpointOf = (request: WireRequest, parts: GatewayParts): string => {
  const { host, "x-forwarded-proto": forwarded } = request.headers;
  return host === undefined ? parts.endpoint() : `${forwarded === "https" ? "https" : "http"}://${host}`;
};
