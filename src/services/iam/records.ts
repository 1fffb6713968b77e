import { type Collection, collection } from "../../store/store.ts";
import type { Principal } from "../principal.ts";

export type Tags = Record<string, string>;

/** What users, groups and roles have in common: policies are held by them. */
export interface Holder {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  /** ISO time. */
  readonly created: string;
  readonly tags: Tags;
  /** Inline policies: name → document, as it was given. */
  readonly inline: Record<string, string>;
  /** ARNs of attached policies, in order of attachment. */
  readonly attached: readonly string[];
  readonly boundary?: string;
}
export interface User extends Holder {
  readonly groups: readonly string[];
  readonly accessKeys: readonly string[];
  /** User names of its service-specific credentials. */
  readonly gitNames: readonly string[];
}
export interface Group extends Holder {
  readonly members: readonly string[];
}
export interface Role extends Holder {
  readonly description?: string;
  /** The trust policy, as it was given. */
  readonly trust: string;
  readonly maxSessionDuration: number;
  readonly profiles: readonly string[];
}
export interface Policy {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly description?: string;
  readonly created: string;
  readonly updated: string;
  readonly tags: Tags;
  readonly defaultVersion: string;
  /** The number of the next version, never reused. */
  readonly nextVersion: number;
  readonly versions: readonly { readonly id: string; readonly document: string; readonly created: string }[];
}
export interface InstanceProfile {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly created: string;
  readonly tags: Tags;
  readonly role?: string;
}

export type Kind = "user" | "group" | "role";
export interface Holders {
  user: User;
  group: Group;
  role: Role;
}

/** All by `[account, name in lower case]`: names differ by more than case. */
export const users = collection<User>("iam.users");
export const groups = collection<Group>("iam.groups");
export const roles = collection<Role>("iam.roles");
export const instanceProfiles = collection<InstanceProfile>("iam.instance-profiles");
export const holders: { [K in Kind]: Collection<Holders[K]> } = { user: users, group: groups, role: roles };
/** By `[account, ARN]`. */
export const policies = collection<Policy>("iam.policies");
/** Who holds a managed policy: by `[account, policy ARN, kind, holder's name in lower case]`. */
export const attachments = collection<{ kind: Kind; name: string; id: string; as: "policy" | "boundary" }>("iam.attachments");
/** By `[account]`. */
export const accountAlias = collection<{ alias: string }>("iam.account-alias");

export const keyOf = (account: string, name: string) => [account, name.toLowerCase()] as const;
export const arnOf = (account: string, kind: Kind | "instance-profile" | "policy", holder: { path: string; name: string }) =>
  `arn:aws:iam::${account}:${kind}${holder.path}${holder.name}`;

export const userPrincipal = (account: string, user: User): Principal => ({
  kind: "user",
  account,
  arn: arnOf(account, "user", user),
  id: user.id,
});
