/** SigV4's canonical form of a request. */
import { hash } from "node:crypto";
import { escapeUri, queryPairs } from "../lib/uri.ts";
import type { WireRequest } from "../protocols/message.ts";
import type { Claim } from "./claim.ts";

export const sha256 = (data: string | Uint8Array): string => hash("sha256", data);
export const scopeText = ({ date, region, service }: Claim): string => `${date}/${region}/${service}/aws4_request`;

/** What the client must have signed. Throws URIError on bad escapes. */
export function stringToSign(request: WireRequest, claim: Claim, payloadHash: string): string {
  const names = [...claim.signedHeaders].sort();
  const headers = names.map((name) => `${name}:${(request.headers[name] ?? "").trim().replace(/\s+/g, " ")}\n`).join("");
  const path = claim.service === "s3" ? objectPath(request.path) : servicePath(request.path);
  const canonical = `${request.method}\n${path}\n${canonicalQuery(request.query)}\n${headers}\n${names.join(";")}\n${payloadHash}`;
  return `AWS4-HMAC-SHA256\n${claim.time}\n${scopeText(claim)}\n${sha256(canonical)}`;
}

/** S3 keys are signed as they are: `a/../b` and `a//b` are names like any other. */
const objectPath = (path: string) =>
  path
    .split("/")
    .map((part) => escapeUri(decodeURIComponent(part)))
    .join("/");

/** Everybody else's paths are normalised and escaped a second time. */
function servicePath(path: string): string {
  if (path === "/") return path;
  const kept: string[] = [];
  for (const part of path.split("/"))
    if (part === "..") kept.pop();
    else if (part !== "" && part !== ".") kept.push(escapeUri(part));
  return `/${kept.join("/")}${kept.length > 0 && path.endsWith("/") ? "/" : ""}`;
}

function canonicalQuery(query: string): string {
  if (query === "") return "";
  return queryPairs(query, true)
    .filter(([key]) => key !== "X-Amz-Signature")
    .map(([key, value]) => [escapeUri(key), escapeUri(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([key, value]) => `${key}=${value}`)
    .join("&");
}
