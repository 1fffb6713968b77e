/**
 * The password that `aws codecommit credential-helper` and git-remote-codecommit make: `<YYYYMMDDTHHMMSS>Z<signature>`,
 * where the signature is SigV4 over a request of method GIT which signs only the host and has no payload line.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** What a client may have signed: we see one request, but not how its helper read the address. */
export interface Candidates {
  readonly regions: readonly string[];
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
}

const lifetime = 15 * 60_000;
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

export const helperSignature = (secret: string, region: string, time: string, host: string, path: string): string => {
  const canonical = `GIT\n${path}\n\nhost:${host}\n\nhost\n`;
  const day = time.slice(0, 8);
  const text = `AWS4-HMAC-SHA256\n${time}\n${day}/${region}/codecommit/aws4_request\n${createHash("sha256").update(canonical).digest("hex")}`;
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), "codecommit"), "aws4_request");
  return hmac(key, text).toString("hex");
};

export const isHelperPassword = (password: string): boolean => /^\d{8}T\d{6}Z[0-9a-f]{64}$/.test(password);

/** The region it was signed for; undefined when it was not signed with this secret, or not within the last 15 minutes. */
export const regionOfHelperPassword = (password: string, secret: string, candidates: Candidates, now: Date): string | undefined => {
  if (!isHelperPassword(password)) return undefined;
  const time = password.slice(0, 15);
  const signature = Buffer.from(password.slice(16), "hex");
  const signed = Date.parse(time.replace(/^(....)(..)(..)T(..)(..)(..)$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!(Math.abs(now.getTime() - signed) <= lifetime)) return undefined;
  for (const region of candidates.regions) {
    for (const host of candidates.hosts) {
      for (const path of candidates.paths) {
        if (timingSafeEqual(Buffer.from(helperSignature(secret, region, time, host, path), "hex"), signature)) return region;
      }
    }
  }
  return undefined;
};
