/** Small decisions about a request that its service does not make. */
import { xmlText } from "../lib/xml-text.ts";
import type { WireRequest, WireResponse } from "../protocols/message.ts";
import type { Entry } from "../services/service.ts";
import type { Claim, Unreadable } from "./claim.ts";
import type { Family } from "./sign-in-failures.ts";

const defaultRegion = "us-east-1";

export function familyOf(entry: Entry, request: WireRequest): Family {
  if (entry.signingName === "s3") return "s3";
  if (request.headers["x-amz-target"] !== undefined || request.headers["smithy-protocol"] !== undefined) return "json";
  return request.path === "/" || request.path === "" ? "query" : "rest";
}

/** The region a request is for: its credential scope's, else its host's. */
export function regionOf(request: WireRequest, claim: Claim | Unreadable | undefined): string {
  if (typeof claim === "object") return claim.region;
  return /\.([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(request.headers.host ?? "")?.[1] ?? defaultRegion;
}

/** To who calls a service that we do not have, in the words of that client's protocol. */
export function strangerAnswer(request: WireRequest, requestId: string, service: string | undefined): WireResponse {
  const called = service ?? request.headers["x-amz-target"]?.split(".")[0] ?? "that is called here";
  const message = `The service ${called} is not implemented by Mayfly.`;
  const headers: Record<string, string> = { "x-amzn-requestid": requestId };
  if (request.headers["x-amz-target"] !== undefined || request.headers["content-type"]?.includes("json"))
    return {
      status: 501,
      headers: { ...headers, "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": "NotImplementedException" },
      body: JSON.stringify({ __type: "NotImplementedException", message }),
    };
  const error = `<Error><Type>Receiver</Type><Code>NotImplemented</Code><Message>${xmlText(message)}</Message></Error>`;
  return {
    status: 501,
    headers: { ...headers, "content-type": "text/xml" },
    body: `<ErrorResponse>${error}<RequestId>${requestId}</RequestId></ErrorResponse>`,
  };
}
