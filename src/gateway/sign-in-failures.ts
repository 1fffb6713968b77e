import { ServiceError } from "../protocols/operations.ts";

/** How AWS words one failure to sign in depends on the protocol of the service that was called. */
export type Family = "json" | "rest" | "query" | "s3";
export type SignInFailure =
  | "missing"
  | "incomplete"
  | "unknownKey"
  | "badToken"
  | "expiredToken"
  | "mismatch"
  | "skewed"
  | "requestExpired"
  | "payload"
  | "chunk"
  | "version2";

type Row = Record<Family, readonly [code: string, status: number]>;
const mismatch: Row = {
  json: ["InvalidSignatureException", 400],
  rest: ["InvalidSignatureException", 403],
  query: ["SignatureDoesNotMatch", 403],
  s3: ["SignatureDoesNotMatch", 403],
};
const unknownKey: Row = {
  json: ["UnrecognizedClientException", 400],
  rest: ["UnrecognizedClientException", 403],
  query: ["InvalidClientTokenId", 403],
  s3: ["InvalidAccessKeyId", 403],
};
const codes: Record<SignInFailure, Row> = {
  missing: {
    json: ["MissingAuthenticationTokenException", 400],
    rest: ["MissingAuthenticationTokenException", 403],
    query: ["MissingAuthenticationToken", 403],
    s3: ["AccessDenied", 403],
  },
  incomplete: {
    json: ["IncompleteSignatureException", 400],
    rest: ["IncompleteSignatureException", 403],
    query: ["IncompleteSignature", 400],
    s3: ["AuthorizationHeaderMalformed", 400],
  },
  unknownKey,
  badToken: { ...unknownKey, s3: ["InvalidToken", 400] },
  expiredToken: {
    json: ["ExpiredTokenException", 400],
    rest: ["ExpiredTokenException", 403],
    query: ["ExpiredToken", 403],
    s3: ["ExpiredToken", 400],
  },
  mismatch,
  skewed: { ...mismatch, s3: ["RequestTimeTooSkewed", 403] },
  requestExpired: { ...mismatch, query: ["RequestExpired", 400], s3: ["AccessDenied", 403] },
  payload: { ...mismatch, s3: ["XAmzContentSHA256Mismatch", 400] },
  chunk: mismatch,
  version2: { ...mismatch, s3: ["InvalidRequest", 400] },
};
const messages: Record<SignInFailure, string> = {
  missing: "Request is missing Authentication Token",
  incomplete: "The Authorization header is malformed.",
  unknownKey: "The security token included in the request is invalid.",
  badToken: "The security token included in the request is invalid.",
  expiredToken: "The security token included in the request is expired",
  mismatch:
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  skewed: "Signature expired or not yet valid: the time of the request and the server's differ by more than 15 minutes.",
  requestExpired: "Request has expired",
  payload: "The provided 'x-amz-content-sha256' header does not match what was computed.",
  chunk: "The signature of a chunk of the body does not match.",
  version2: "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
};

export function signInError(family: Family, failure: SignInFailure, message = messages[failure]): ServiceError {
  const [code, status] = codes[failure][family];
  return new ServiceError(code, message, status);
}
