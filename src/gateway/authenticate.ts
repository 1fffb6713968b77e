import type { Clock } from "../lib/clock.ts";
import type { WireRequest } from "../protocols/message.ts";
import type { Principal } from "../services/principal.ts";
import type { Claim, Unreadable } from "./claim.ts";
import type { CredentialSource } from "./credentials.ts";
import { type Family, signInError } from "./sign-in-failures.ts";
import { type Verified, verify } from "./signature.ts";

export const anonymous = (account: string): Principal => ({ kind: "anonymous", account, arn: "*", id: "anonymous" });
export const root = (account: string, accessKeyId?: string): Principal => ({
  kind: "root",
  account,
  arn: `arn:aws:iam::${account}:root`,
  id: account,
  ...(accessKeyId !== undefined && { accessKeyId }),
});

export interface SignedIn {
  readonly principal: Principal;
  readonly verified: Verified;
}
export interface Door {
  readonly credentials: CredentialSource;
  readonly auth: "on" | "off";
  readonly account: string;
  readonly clock: Clock;
}

/** Who makes the request. Throws ServiceError when it claims to be somebody it is not. */
export async function authenticate(
  door: Door,
  request: WireRequest,
  claim: Claim | Unreadable | undefined,
  family: Family,
): Promise<SignedIn> {
  if (door.auth === "off") return { principal: await believed(door, claim), verified: {} };
  if (claim === undefined) return { principal: anonymous(door.account), verified: {} };
  if (claim === "version 2") throw signInError(family, "version2");
  if (claim === "malformed") throw signInError(family, "incomplete");
  const found = await door.credentials.find(claim.accessKeyId, claim.token);
  if (!found) throw signInError(family, "unknownKey");
  if (found.sessionToken !== claim.token) throw signInError(family, "badToken");
  const now = door.clock.now();
  const verified = await verify(request, claim, found.secretAccessKey, family, now);
  if (found.expires && found.expires <= now) throw signInError(family, "expiredToken");
  return { principal: { ...found.principal, accessKeyId: claim.accessKeyId }, verified };
}

/** Without sign-in everybody is the account's root, except who holds credentials that were really given out: those keep their name. */
async function believed(door: Door, claim: Claim | Unreadable | undefined): Promise<Principal> {
  if (typeof claim !== "object") return root(door.account);
  const found = await door.credentials.find(claim.accessKeyId, claim.token);
  return found ? { ...found.principal, accessKeyId: claim.accessKeyId } : root(door.account, claim.accessKeyId);
}
