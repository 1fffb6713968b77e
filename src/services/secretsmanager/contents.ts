/** A version's value on its way in and out. */
import type { Writing } from "../../store/store.ts";
import type { Vault } from "../vault.ts";
import { exists, invalid } from "./errors.ts";
import { arnOf, keyOf, type Place, type Secret, type Value, values } from "./records.ts";

const sizeLimit = 65_536;

export interface Content {
  readonly kind: Value["kind"];
  /** Bytes as base64. */
  readonly text: string;
}

/** Undefined: the request brings none. Throws InvalidParameter; never with the value. */
export const contentOf = (input: { SecretString?: string; SecretBinary?: Uint8Array }): Content | undefined => {
  const { SecretString: text, SecretBinary: bytes } = input;
  if (text !== undefined && bytes !== undefined)
    throw invalid("You can't specify both a binary secret value and a string secret value in the same secret.");
  if (text === undefined && bytes === undefined) return undefined;
  const content: Content =
    text !== undefined ? { kind: "text", text } : { kind: "bytes", text: Buffer.from(bytes as Uint8Array).toString("base64") };
  if ((text !== undefined ? Buffer.byteLength(text) : (bytes as Uint8Array).length) > sizeLimit)
    throw invalid(`The secret value is longer than ${sizeLimit} bytes.`);
  return content;
};

const about = (place: Place, name: string, version: string) => `${place.account}/${place.region}/${name}/${version}`;

export const sealContent = async (vault: Vault, place: Place, name: string, version: string, content: Content): Promise<Value> => ({
  kind: content.kind,
  sealed: await vault.seal(content.text, about(place, name, version)),
});
export const openContent = async (
  vault: Vault,
  place: Place,
  name: string,
  version: string,
  value: Value,
): Promise<{ SecretString?: string; SecretBinary?: Uint8Array }> => {
  const text = await vault.open(value.sealed, about(place, name, version));
  return value.kind === "text" ? { SecretString: text } : { SecretBinary: Buffer.from(text, "base64") };
};

/** Whether that token's version is there already with the same value. Throws when it has another one. */
export const isRepeat = (place: Place, secret: Secret, token: string, before: Content | undefined, content: Content): boolean => {
  if (!secret.versions.some(({ id }) => id === token)) return false;
  if (before?.kind === content.kind && before.text === content.text) return true;
  throw exists(
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arnOf(place, secret)}.`,
  );
};

export const putValue = (tx: Writing, place: Place, name: string, version: string, value: Value) =>
  tx.put(values, [...keyOf(place, name), version], value);
