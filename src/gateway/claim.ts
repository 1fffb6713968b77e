import { queryPairs } from "../lib/uri.ts";
import type { WireRequest } from "../protocols/message.ts";

/** What a signed request says of itself, before any of it is checked. */
export interface Claim {
  readonly accessKeyId: string;
  /** The scope: `20240101`, region, signing name. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20240101T000000Z`. */
  readonly time: string;
  readonly presigned: boolean;
  /** Seconds a presigned address is good for. */
  readonly expires: number;
  readonly token: string | undefined;
}
const form = /^AWS4-HMAC-SHA256\s+(?=.*Credential=([^,\s]+))(?=.*SignedHeaders=([^,\s]+))(?=.*Signature=([0-9a-f]{64}))/;

/** It tries to be signed. */
export type Unreadable = "malformed" | "version 2";

/** `undefined`: not signed. */
export function claimOf(request: WireRequest): Claim | Unreadable | undefined {
  const header = request.headers.authorization;
  if (header?.startsWith("AWS4-")) return fromHeader(request, header);
  // What S3 once took. Its keys would be checked another way, so it is refused by name.
  if (header?.startsWith("AWS ") || /(^|&)AWSAccessKeyId=/.test(request.query)) return "version 2";
  return request.query.includes("X-Amz-Signature=") || request.query.includes("X-Amz-Algorithm=") ? fromQuery(request) : undefined;
}

function fromHeader(request: WireRequest, header: string): Claim | "malformed" {
  const [, credential = "", signedHeaders = "", signature = ""] = form.exec(header) ?? [];
  const scope = scopeOf(credential);
  const time = request.headers["x-amz-date"] ?? basicTime(request.headers.date);
  if (!scope || time === undefined) return "malformed";
  return {
    ...scope,
    signedHeaders: signedHeaders.toLowerCase().split(";"),
    signature,
    time,
    presigned: false,
    expires: 0,
    token: request.headers["x-amz-security-token"],
  };
}

function fromQuery(request: WireRequest): Claim | "malformed" {
  let query: Map<string, string>;
  try {
    query = new Map(queryPairs(request.query, true));
  } catch {
    return "malformed";
  }
  const scope = scopeOf(query.get("X-Amz-Credential") ?? "");
  const expires = Number(query.get("X-Amz-Expires") ?? "300");
  const signature = query.get("X-Amz-Signature") ?? "";
  const known = query.get("X-Amz-Algorithm") === "AWS4-HMAC-SHA256" && /^[0-9a-f]{64}$/.test(signature);
  if (!scope || !known || !(expires >= 1 && expires <= 604_800)) return "malformed";
  return {
    ...scope,
    signedHeaders: (query.get("X-Amz-SignedHeaders") ?? "").toLowerCase().split(";"),
    signature,
    time: query.get("X-Amz-Date") ?? "",
    presigned: true,
    expires,
    token: query.get("X-Amz-Security-Token"),
  };
}

function scopeOf(credential: string): Pick<Claim, "accessKeyId" | "date" | "region" | "service"> | undefined {
  const [, accessKeyId, date, region, service] = /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential) ?? [];
  return accessKeyId && date && region && service ? { accessKeyId, date, region, service } : undefined;
}

const basicTime = (date: string | undefined): string | undefined => {
  const time = Date.parse(date ?? "");
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");
};
