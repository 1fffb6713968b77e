/** What codecommit remembers. Keys begin with account and region, but for the one index that finds a region. */
import { collection } from "../../store/store.ts";

export interface Repository {
  /** Never reused, unlike the name: everything that belongs to the repository is stored under it. */
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly description?: string;
  /** Short name; set by the first push. */
  readonly defaultBranch?: string;
  readonly kmsKeyId?: string;
  /** ISO times. */
  readonly created: string;
  readonly modified: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Counts every change of refs, packs and default branch: a cache with another number is out of date. */
  readonly generation: number;
  readonly packs: number;
  readonly triggers?: Triggers;
}
export interface Triggers {
  readonly configurationId: string;
  readonly list: readonly Trigger[];
}
export interface Trigger {
  readonly name: string;
  readonly destinationArn: string;
  readonly customData?: string;
  readonly branches: readonly string[];
  readonly events: readonly string[];
}
export interface Ref {
  readonly target: string;
}
/** A pack whose objects refer to nothing outside the repository's packs (it was checked so before it was admitted). */
export interface Pack {
  readonly blob: string;
  readonly size: number;
}

/** By `[account, region, name]`. */
export const repositories = collection<Repository>("codecommit.repositories");
/** By `[account, name, region]`: which regions have a repository of that name, for git addresses that name no region. */
export const places = collection<{ id: string }>("codecommit.places");
/** By `[account, region, repository id, full ref name]`. */
export const refs = collection<Ref>("codecommit.refs");
/** By `[account, region, repository id, hash in the pack's file name]`. */
export const packs = collection<Pack>("codecommit.packs");

type Place = Pick<Repository, "account" | "region">;
export const repositoryKey = (at: Place, name: string) => [at.account, at.region, name];
export const ownKey = (of: Pick<Repository, "account" | "region" | "id">, ...rest: string[]) => [of.account, of.region, of.id, ...rest];
export const arnOf = (of: Pick<Repository, "account" | "region" | "name">): string =>
  `arn:aws:codecommit:${of.region}:${of.account}:${of.name}`;
