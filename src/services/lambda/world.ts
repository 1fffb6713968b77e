/** What the parts of this service share. */
import type { Context } from "../service.ts";
import type { Deployment } from "./deployments.ts";
import type { Fleet } from "./fleet.ts";
import type { Packages } from "./packages.ts";
import type { StoredFunction, Version } from "./records.ts";

export interface World {
  readonly context: Context;
  readonly packages: Packages;
  readonly fleet: Fleet;
}
export interface Place {
  readonly account: string;
  readonly region: string;
}

export const deploymentOf = ({ account, region }: Place, { incarnation }: StoredFunction, version: Version): Deployment => ({
  account,
  region,
  incarnation,
  version,
});
