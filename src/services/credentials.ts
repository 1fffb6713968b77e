/**
 * The credentials of this server, as iam and sts write them and as whoever checks a sign-in reads them
 * (the gateway's SigV4, codecommit's git). It stands beside the services, since none of them may import another,
 * and needs nothing heavier than the store: it is loaded at boot.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { type Collection, collection, type Store, type Writing } from "../store/store.ts";
import type { Principal } from "./principal.ts";

/** A key pair that signs requests: a user's or the root's (lasting), or a session's (with token and end). */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly principal: Principal;
  readonly status: "Active" | "Inactive";
  /** ISO time. */
  readonly created: string;
  readonly sessionToken?: string;
  /** ISO time; only sessions end by themselves. */
  readonly expires?: string;
  /** What narrows a role's session further than the role's own policies: for the evaluation of its requests. */
  readonly session?: {
    readonly policy?: string;
    readonly policyArns?: readonly string[];
    readonly tags?: Readonly<Record<string, string>>;
  };
}

/** A user name and password for git over HTTPS, made by CreateServiceSpecificCredential. The password itself is not kept. */
export interface GitCredential {
  readonly id: string;
  readonly serviceName: string;
  readonly serviceUserName: string;
  readonly salt: string;
  /** Hex of SHA-256 over salt and password: the passwords are random and long, so nothing slower is needed. */
  readonly digest: string;
  readonly principal: Principal;
  readonly status: "Active" | "Inactive";
  readonly created: string;
}

/** By access key id, whatever the account: a request names only the key. */
export const accessKeys = collection<AccessKey>("credentials.access-keys");
/** By the user name that git sends. */
export const gitCredentials = collection<GitCredential>("credentials.git");

/** What signs a request. `sessionToken` present: the request must carry the same. `expires` passed: ExpiredToken. */
export interface Credential {
  readonly secretAccessKey: string;
  readonly principal: Principal;
  readonly sessionToken?: string;
  readonly expires?: Date;
}

/** Undefined: there is no such key, or it is switched off. */
export const findCredential = async (store: Store, accessKeyId: string): Promise<Credential | undefined> => {
  const key = await store.read((tx) => tx.get(accessKeys, [accessKeyId]));
  if (key?.status !== "Active") return undefined;
  return {
    secretAccessKey: key.secretAccessKey,
    principal: { ...key.principal, accessKeyId },
    sessionToken: key.sessionToken,
    expires: key.expires === undefined ? undefined : new Date(key.expires),
  };
};

/** Who signs in to git by that user name, and whether the password is theirs. Undefined: no such user name, or switched off. */
export const findGitCredential = async (
  store: Store,
  userName: string,
): Promise<{ principal: Principal; matches(password: string): boolean } | undefined> => {
  const found = await store.read((tx) => tx.get(gitCredentials, [userName]));
  if (found?.status !== "Active") return undefined;
  return {
    principal: found.principal,
    matches: (password) => timingSafeEqual(Buffer.from(found.digest, "hex"), Buffer.from(digestOf(found.salt, password), "hex")),
  };
};

export const digestOf = (salt: string, password: string): string =>
  createHash("sha256").update(salt).update("\0").update(password).digest("hex");

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/** An id as IAM makes them: a prefix that tells the kind (`AKIA`, `ASIA`, `AIDA`, `AROA`, …) and 17 random characters, 21 in all (20 for keys). */
export const iamId = (prefix: string, length = 21): string =>
  prefix + Array.from(randomBytes(length - prefix.length), (byte) => base32[byte & 31]).join("");

/** A new key pair for that principal; the caller stores it under `[accessKeyId]`. */
export const newAccessKey = (principal: Principal, now: Date): AccessKey => ({
  accessKeyId: iamId("AKIA", 20),
  secretAccessKey: randomBytes(30).toString("base64"),
  principal,
  status: "Active",
  created: now.toISOString(),
});

/** A session's key pair with its token. */
export const newSessionKey = (principal: Principal, now: Date, seconds: number): AccessKey & { sessionToken: string; expires: string } => ({
  ...newAccessKey(principal, now),
  accessKeyId: iamId("ASIA", 20),
  sessionToken: `FwoG${randomBytes(96).toString("base64")}`,
  expires: new Date(now.getTime() + seconds * 1000).toISOString(),
});

/** Puts a principal's new identity into all of these keys (a user was renamed). */
export const renameOwner = async (
  tx: Writing,
  keyIds: readonly string[],
  gitNames: readonly string[],
  principal: Principal,
): Promise<void> => {
  await replaceOwner(tx, accessKeys, keyIds, principal);
  await replaceOwner(tx, gitCredentials, gitNames, principal);
};
const replaceOwner = async <T extends { principal: Principal }>(
  tx: Writing,
  from: Collection<T>,
  names: readonly string[],
  principal: Principal,
) => {
  for (const name of names) {
    const found = await tx.get(from, [name]);
    if (found) await tx.put(from, [name], { ...found, principal });
  }
};
