/** What a request's body must be, checked while it streams by: nothing is held in memory for it. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { bodyStream, type WireRequest } from "../protocols/message.ts";
import { ServiceError } from "../protocols/operations.ts";
import { sha256 } from "./canonical.ts";
import { type Checksum, checksum } from "./checksums.ts";
import { decodeChunked } from "./chunked.ts";
import type { Verified } from "./signature.ts";

const prefix = "x-amz-checksum-";

/** Replaces the body by its decoded and checked form. Trailing checksums stand in the headers once the body has been read. */
export function guardBody(request: WireRequest, verified: Verified, mismatch: () => ServiceError): void {
  const { headers } = request;
  if (headers["x-amz-content-sha256"]?.startsWith("STREAMING-")) {
    guardChunked(request, verified);
    return;
  }
  const sums = expected(request);
  if (sums.length === 0 && verified.payloadHash === undefined) return;
  if (request.body instanceof Uint8Array && sums.length === 0) {
    if (sha256(request.body) !== verified.payloadHash) throw mismatch();
    return;
  }
  request.body = Readable.from(guarded(bodyStream(request.body), sums, verified.payloadHash, mismatch), { objectMode: false });
}

async function* guarded(
  source: AsyncIterable<Uint8Array>,
  sums: readonly Expected[],
  hash: string | undefined,
  mismatch: () => ServiceError,
) {
  const payload = hash === undefined ? undefined : createHash("sha256");
  for await (const part of source) {
    payload?.update(part);
    for (const { running } of sums) running.update(part);
    yield part;
  }
  if (payload && payload.digest("hex") !== hash) throw mismatch();
  for (const sum of sums) await settle(sum);
}

function guardChunked(request: WireRequest, { chunks }: Verified): void {
  const { headers } = request;
  const named = headers["x-amz-trailer"]?.trim().toLowerCase();
  const trailing = named?.startsWith(prefix) ? checksum(named.slice(prefix.length)) : undefined;
  const sums = expected(request);
  let found: Record<string, string> = {};
  const length = headers["x-amz-decoded-content-length"];
  const decoded = decodeChunked(bodyStream(request.body), {
    trailer: named !== undefined,
    length: length === undefined ? undefined : Number(length),
    verifier: chunks,
    trailers(all) {
      found = all;
    },
  });
  async function* checked() {
    for await (const part of decoded) {
      trailing?.update(part);
      for (const { running } of sums) running.update(part);
      yield part;
    }
    for (const sum of sums) await settle(sum);
    if (named === undefined || !trailing) return;
    await settle({ name: named, value: found[named] ?? "", running: trailing });
    headers[named] = found[named] as string;
  }
  request.body = Readable.from(checked(), { objectMode: false });
  if (length !== undefined) headers["content-length"] = length;
}

interface Expected {
  readonly name: string;
  readonly value: string;
  readonly running: Checksum;
}
function expected({ headers, method, query }: WireRequest): Expected[] {
  // There the header is the checksum of the object that the parts make, not of this body.
  if (method === "POST" && /(^|&)uploadId=/.test(query)) return [];
  const all: Expected[] = [];
  for (const name in headers) {
    const value = headers[name] as string;
    const running = name === "content-md5" ? checksum("md5") : name.startsWith(prefix) ? checksum(name.slice(prefix.length)) : undefined;
    if (name === "content-md5" && Buffer.from(value, "base64").length !== 16)
      throw new ServiceError("InvalidDigest", "The Content-MD5 you specified was invalid.");
    if (running) all.push({ name, value, running });
  }
  return all;
}

async function settle({ name, value, running }: Expected): Promise<void> {
  if ((await running.digest()) === value) return;
  const called = name === "content-md5" ? "Content-MD5" : name.slice(prefix.length).toUpperCase();
  throw new ServiceError("BadDigest", `The ${called} you specified did not match the calculated checksum.`);
}
