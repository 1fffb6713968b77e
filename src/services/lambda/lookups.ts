/** From what a client calls a function to what is stored of it. */
import type { Reading } from "../../store/store.ts";
import { BadToken, page } from "../../lib/pages.ts";
import { functionNotFound, invalid, notFound, outdated } from "./errors.ts";
import { functionArn, isVersion, readFunctionName, versionKey } from "./names.ts";
import { type Alias, aliases, functions, type StoredFunction, type Version, versions } from "./records.ts";
import type { Place } from "./world.ts";

export interface Target {
  readonly name: string;
  /** A version, an alias or `$LATEST`; absent means `$LATEST` too. */
  readonly qualifier?: string;
}

/** Throws where the name is none, is of another account or region, or contradicts the qualifier. */
export const target = (place: Place, text: string | undefined, qualifier?: string): Target => {
  const named = readFunctionName(text ?? "");
  if (!named) throw invalid(`Value '${text}' at 'functionName' is not the name or ARN of a function`);
  if (named.region !== undefined && named.region !== place.region)
    throw notFound(`Functions from '${named.region}' are not reachable in this region ('${place.region}')`);
  if (named.account !== undefined && named.account !== place.account)
    throw functionNotFound(functionArn({ ...place, account: named.account }, named.name, named.qualifier));
  if (named.qualifier !== undefined && qualifier !== undefined && named.qualifier !== qualifier)
    throw invalid("The derived qualifier from the function name does not match the specified qualifier.");
  return { name: named.name, qualifier: qualifier ?? named.qualifier };
};

export const functionOf = async (tx: Reading, place: Place, { name }: Target): Promise<StoredFunction> => {
  const found = await tx.get(functions, [place.account, place.region, name]);
  if (!found) throw functionNotFound(functionArn(place, name));
  return found;
};

export interface Found {
  readonly function: StoredFunction;
  readonly version: Version;
  readonly alias?: Alias;
}
/** The version that a qualifier means; an alias's main one. */
export const versionOf = async (tx: Reading, place: Place, wanted: Target): Promise<Found> => {
  const { name, qualifier } = wanted;
  const found = await functionOf(tx, place, wanted);
  if (qualifier === undefined || qualifier === "$LATEST") return { function: found, version: found };
  const alias = isVersion(qualifier) ? undefined : await tx.get(aliases, [place.account, place.region, name, qualifier]);
  if (!isVersion(qualifier) && !alias) throw notFound(`Cannot find alias arn: ${functionArn(place, name, qualifier)}`);
  return { function: found, version: await numbered(tx, place, found, alias?.version ?? qualifier), alias };
};

/** `$LATEST` or a published version, by its number. */
export const numbered = async (tx: Reading, place: Place, stored: StoredFunction, version: string): Promise<Version> => {
  if (version === "$LATEST") return stored;
  const found = isVersion(version) ? await tx.get(versions, [place.account, place.region, stored.name, versionKey(version)]) : undefined;
  if (!found) throw functionNotFound(functionArn(place, stored.name, version));
  return found;
};

export const checkRevision = (
  wanted: string | undefined,
  { revisionId }: { revisionId: string },
  what: "GetFunction/GetAlias" | "GetPolicy" = "GetFunction/GetAlias",
) => {
  if (wanted !== undefined && wanted !== revisionId) throw outdated(what);
};

/** One page of a list, as Lambda's `Marker` and `MaxItems` ask for it. */
export const paged = <T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  input: { Marker?: string | undefined; MaxItems?: number | undefined },
  most = 50,
) => {
  try {
    const { items: given, next } = page(items, nameOf, Math.min(input.MaxItems ?? most, most), input.Marker || undefined);
    return { items: given, NextMarker: next };
  } catch (error) {
    if (error instanceof BadToken) throw invalid(`Value '${input.Marker}' at 'marker' is not one of ours`);
    throw error;
  }
};
