/** Who a git request comes from: Basic credentials of one of the three kinds that CodeCommit's clients send. */
import { timingSafeEqual } from "node:crypto";
import { findCredential, findGitCredential } from "../credentials.ts";
import type { Principal } from "../principal.ts";
import type { Context } from "../service.ts";
import { type Candidates, isHelperPassword, regionOfHelperPassword } from "./helper-password.ts";

export interface SignIn {
  readonly principal: Principal;
  /** When the credentials themselves name one. */
  readonly region?: string;
}

/** Undefined: nobody whom we know. */
export const signIn = async (context: Context, authorization: string | undefined, candidates: Candidates): Promise<SignIn | undefined> => {
  const basic = basicOf(authorization);
  const known = basic && (await check(context, basic, candidates));
  if (known || context.settings.auth === "on") return known;
  const root: Principal = { kind: "root", account: context.account, arn: `arn:aws:iam::${context.account}:root`, id: context.account };
  return { principal: root };
};

const check = async (context: Context, { user, password }: Basic, candidates: Candidates): Promise<SignIn | undefined> => {
  // `AccessKeyId%SessionToken`, or the key alone.
  const percent = user.indexOf("%");
  const [keyId, token] = percent < 0 ? [user, undefined] : [user.slice(0, percent), user.slice(percent + 1)];
  const now = context.clock.now();
  const key = await findCredential(context.store, keyId);
  if (key && key.sessionToken === token && !(key.expires && key.expires <= now)) {
    if (equal(password, key.secretAccessKey)) return { principal: key.principal };
    const region = isHelperPassword(password) ? regionOfHelperPassword(password, key.secretAccessKey, candidates, now) : undefined;
    return region === undefined ? undefined : { principal: key.principal, region };
  }
  const git = await findGitCredential(context.store, user);
  return git?.matches(password) ? { principal: git.principal } : undefined;
};

interface Basic {
  readonly user: string;
  readonly password: string;
}
const basicOf = (authorization: string | undefined): Basic | undefined => {
  const encoded = /^basic +([a-z0-9+/=_-]+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
};

const equal = (a: string, b: string) => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};
