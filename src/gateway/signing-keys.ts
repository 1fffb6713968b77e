import { createHmac } from "node:crypto";
import type { Claim } from "./claim.ts";

const most = 5000;
const known = new Map<string, { secret: string; key: Uint8Array }>();
const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** The key of one day, region and service; derived once. */
export function signingKey(claim: Claim, secret: string): Uint8Array {
  const id = `${claim.accessKeyId}/${claim.date}/${claim.region}/${claim.service}`;
  const hit = known.get(id);
  if (hit?.secret === secret) return hit.key;
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, claim.date), claim.region), claim.service), "aws4_request");
  if (known.size >= most) known.clear();
  known.set(id, { secret, key });
  return key;
}
