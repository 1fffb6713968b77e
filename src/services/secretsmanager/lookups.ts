import { randomInt } from "node:crypto";
import type { Reading, Writing } from "../../store/store.ts";
import { invalid, invalidRequest, notFound } from "./errors.ts";
import { surplus } from "./stages.ts";
import { arnOf, keyOf, type Place, type Secret, secrets, values } from "./records.ts";

/** By name, ARN, or ARN without its last six characters. */
export const find = async (tx: Reading, place: Place, id: string): Promise<Secret | undefined> => {
  const [, region, account, rest] = /^arn:aws[a-z-]*:secretsmanager:([^:]+):(\d{12}):secret:(.+)$/.exec(id) ?? [];
  if (rest === undefined) return tx.get(secrets, keyOf(place, id));
  if (region !== place.region || account !== place.account) return undefined;
  const whole = /-\w{6}$/.test(rest) ? await tx.get(secrets, keyOf(place, rest.slice(0, -7))) : undefined;
  return whole && arnOf(place, whole) === id ? whole : tx.get(secrets, keyOf(place, rest));
};
/** `deleted`: also one that waits for its deletion. */
export const mustFind = async (
  tx: Reading,
  place: Place,
  id: string | undefined,
  deleted: "deleted too" | "living" = "living",
): Promise<Secret> => {
  const found = await find(tx, place, id as string);
  if (!found) throw notFound();
  if (found.deletion && deleted === "living")
    throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
  return found;
};

/** Stores the secret; values of versions there are too many of go. */
export const keep = async (tx: Writing, place: Place, secret: Secret): Promise<Secret> => {
  const gone = surplus(secret.versions);
  for (const { id } of gone) await tx.delete(values, [...keyOf(place, secret.name), id]);
  const kept = { ...secret, versions: secret.versions.filter((version) => !gone.includes(version)) };
  await tx.put(secrets, keyOf(place, secret.name), kept);
  return kept;
};

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
export const newSuffix = () => Array.from({ length: 6 }, () => letters[randomInt(letters.length)]).join("");

export const checkName = (name: string): void => {
  if (!/^[A-Za-z0-9/_+=.@-]{1,512}$/.test(name))
    throw invalid("Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!");
};
