/** Checks a request's SigV4 signature. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { collect, type WireRequest } from "../protocols/message.ts";
import { ServiceError } from "../protocols/operations.ts";
import { scopeText, sha256, stringToSign } from "./canonical.ts";
import type { ChunkVerifier } from "./chunked.ts";
import type { Claim } from "./claim.ts";
import { type Family, type SignInFailure, signInError } from "./sign-in-failures.ts";
import { signingKey } from "./signing-keys.ts";

const allowedSkew = 15 * 60_000;
/** Covered by the signature in another way. */
const unsignedAllowed = new Set(["x-amz-content-sha256", "x-amz-date"]);

export interface Verified {
  /** The body's declared hash, still to be compared while it is read. */
  readonly payloadHash?: string;
  /** Checks each chunk of an `aws-chunked` body. */
  readonly chunks?: ChunkVerifier;
}

/** Throws ServiceError unless that secret signed exactly this request, lately. */
export async function verify(request: WireRequest, claim: Claim, secret: string, family: Family, now: Date): Promise<Verified> {
  const fail = (failure: SignInFailure, message?: string) => signInError(family, failure, message);
  checkTime(claim, now, fail);
  checkHeaders(request, claim, fail);
  const s3 = claim.service === "s3";
  const declared = request.headers["x-amz-content-sha256"] ?? (claim.presigned && s3 ? "UNSIGNED-PAYLOAD" : undefined);
  if (s3 && declared === undefined)
    throw new ServiceError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  const key = signingKey(claim, secret);
  const sign = (text: string) => createHmac("sha256", key).update(text).digest("hex");
  let text: string;
  try {
    text = stringToSign(request, claim, declared ?? sha256(await collect(request)));
  } catch (error) {
    throw error instanceof URIError ? fail("mismatch") : error;
  }
  if (!same(sign(text), claim.signature)) throw fail("mismatch");
  if (declared?.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")) return { chunks: chunkVerifier(claim, sign, fail) };
  if (declared === undefined || !/^[0-9a-f]{64}$/.test(declared)) return {};
  return { payloadHash: declared };
}

type Fail = (failure: SignInFailure, message?: string) => ServiceError;

function checkTime(claim: Claim, now: Date, fail: Fail): void {
  const time = timeOf(claim.time);
  if (Number.isNaN(time) || !claim.time.startsWith(claim.date))
    throw fail("incomplete", "The date of the request and of its credential scope differ.");
  const age = now.getTime() - time;
  if (claim.presigned) {
    if (age > claim.expires * 1000) throw fail("requestExpired");
    if (age < -allowedSkew) throw fail("requestExpired", "Request is not valid yet");
  } else if (Math.abs(age) > allowedSkew) throw fail("skewed");
}

const timeOf = (basic: string): number => {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(basic) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
};

function checkHeaders(request: WireRequest, claim: Claim, fail: Fail): void {
  const signed = new Set(claim.signedHeaders);
  if (!signed.has("host")) throw fail("mismatch", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  for (const name in request.headers)
    if (name.startsWith("x-amz-") && !signed.has(name) && !unsignedAllowed.has(name))
      throw fail(
        claim.service === "s3" ? "missing" : "mismatch",
        `There were headers present in the request which were not signed: ${name}`,
      );
}

function chunkVerifier(claim: Claim, sign: (text: string) => string, fail: Fail): ChunkVerifier {
  let previous = claim.signature;
  const check = (kind: string, hashes: readonly string[], signature: string | undefined) => {
    const expected = sign([kind, claim.time, scopeText(claim), previous, ...hashes].join("\n"));
    if (signature === undefined || !same(expected, signature)) throw fail("chunk");
    previous = expected;
  };
  const emptyHash = sha256("");
  return {
    chunk: (data, signature) => check("AWS4-HMAC-SHA256-PAYLOAD", [emptyHash, sha256(data)], signature),
    trailer: (text, signature) => check("AWS4-HMAC-SHA256-TRAILER", [sha256(text)], signature),
  };
}

const same = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
