import { collection } from "../../store/store.ts";

export interface Place {
  readonly account: string;
  readonly region: string;
}
export interface SecretVersion {
  readonly id: string;
  readonly created: string;
  readonly stages: readonly string[];
}
export interface Secret {
  readonly name: string;
  /** The six characters that end its ARN: a secret made again under the same name is another one. */
  readonly suffix: string;
  readonly description?: string;
  readonly created: string;
  readonly changed: string;
  /** When it will be gone; until then it can be restored. */
  readonly deletion?: { readonly asked: string; readonly at: string };
  readonly tags: Readonly<Record<string, string>>;
  /** The resource policy, as JSON. */
  readonly policy?: string;
  /** Oldest first. */
  readonly versions: readonly SecretVersion[];
}
/** A version's value, sealed. */
export interface Value {
  readonly kind: "text" | "bytes";
  readonly sealed: string;
}

/** By `[account, region, name]`. */
export const secrets = collection<Secret>("secretsmanager.secrets");
/** By `[account, region, name, version id]`. */
export const values = collection<Value>("secretsmanager.values");

export const keyOf = ({ account, region }: Place, name: string) => [account, region, name];
export const arnOf = ({ account, region }: Place, { name, suffix }: Pick<Secret, "name" | "suffix">) =>
  `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${suffix}`;
