import { collection } from "../../store/store.ts";

export interface Place {
  readonly account: string;
  readonly region: string;
}
export type ParameterType = "String" | "StringList" | "SecureString";
export interface Version {
  readonly version: number;
  readonly type: ParameterType;
  /** Sealed, for a SecureString. */
  readonly value: string;
  readonly keyId?: string;
  readonly description?: string;
  readonly allowedPattern?: string;
  readonly tier: "Standard" | "Advanced";
  readonly dataType: string;
  readonly modified: string;
  readonly by: string;
  readonly labels: readonly string[];
}
export interface Parameter {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly latest: Version;
}

/** By `[account, region, name]`. */
export const parameters = collection<Parameter>("ssm.parameters");
/** Versions before the latest: by `[account, region, name, number]`, the number in ten digits. */
export const past = collection<Version>("ssm.past");

export const keyOf = ({ account, region }: Place, name: string) => [account, region, name];
export const pastKeyOf = (place: Place, name: string, version: number) => [...keyOf(place, name), String(version).padStart(10, "0")];
export const arnOf = ({ account, region }: Place, name: string) =>
  `arn:aws:ssm:${region}:${account}:parameter${name.startsWith("/") ? "" : "/"}${name}`;
