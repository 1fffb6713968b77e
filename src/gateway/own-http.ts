/** The few paths and hosts that are a service's own HTTP: git, function URLs, the runtime API. */
import { bodyStream, type WireRequest } from "../protocols/message.ts";
import { ServiceError } from "../protocols/operations.ts";
import type { Entry, HttpResponse, Service } from "../services/service.ts";
import { authenticate, type Door } from "./authenticate.ts";
import { guardBody } from "./body.ts";
import type { Claim } from "./claim.ts";
import { signInError } from "./sign-in-failures.ts";

/** Hands a request over. Who signed it by SigV4 for this service is known; other ways to sign in are the service's own. */
export async function ownHttp(
  door: Door & { endpoint(): string },
  service: Service,
  entry: Entry,
  request: WireRequest,
  requestId: string,
  claim: Claim | undefined,
): Promise<HttpResponse> {
  if (!service.http) throw new ServiceError("NotFound", `${entry.name} serves nothing at ${request.path}.`, 404);
  const signed = claim !== undefined && claim.service === entry.signingName ? await authenticate(door, request, claim, "rest") : undefined;
  if (signed) guardBody(request, signed.verified, () => signInError("rest", "payload"));
  const { host } = request.headers;
  return service.http({
    method: request.method,
    path: request.path,
    query: request.query,
    headers: request.headers,
    body: bodyStream(request.body),
    sourceIp: request.sourceIp ?? "127.0.0.1",
    endpoint: host === undefined ? door.endpoint() : `http://${host}`,
    requestId,
    ...(signed && { principal: signed.principal }),
    ...(request.signal && { signal: request.signal }),
  });
}
