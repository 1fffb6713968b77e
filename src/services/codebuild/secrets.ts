/** Variables whose values stand in SSM or Secrets Manager. */
import type { EnvironmentVariable } from "@aws-sdk/client-codebuild";
import type { Aws } from "../../aws/aws.ts";
import type { Buildspec } from "./buildspec.ts";

/** The value cannot be had; the message says which and why. */
export class VariableError extends Error {}

export interface SecretReference {
  readonly id: string;
  readonly key?: string;
  readonly stage?: string;
  readonly version?: string;
}
/** `<secret-id>[:<json-key>[:<version-stage>[:<version-id>]]]`, where the id may be an ARN. Pure. */
export const parseSecretReference = (text: string): SecretReference => {
  const parts = text.split(":");
  const own = text.startsWith("arn:") ? 7 : 1;
  const [key, stage, version] = parts.slice(own);
  return { id: parts.slice(0, own).join(":"), key: key || undefined, stage: stage || undefined, version: version || undefined };
};

/** Pure. Throws when there is no such key. */
export const secretValue = (reference: SecretReference, secret: string): string => {
  if (reference.key === undefined) return secret;
  let parsed: unknown;
  try {
    parsed = JSON.parse(secret);
  } catch {
    throw new VariableError(`Secrets Manager Error Message: the secret ${reference.id} is no JSON, and so has no key ${reference.key}`);
  }
  const value = (parsed as Record<string, unknown> | null)?.[reference.key];
  if (value === undefined) throw new VariableError(`Secrets Manager Error Message: the secret ${reference.id} has no key ${reference.key}`);
  return typeof value === "string" ? value : JSON.stringify(value);
};

const parameters = async (aws: Aws, names: readonly string[]): Promise<Map<string, string>> => {
  const values = new Map<string, string>();
  if (names.length === 0) return values;
  const { GetParametersCommand, SSMClient } = await import("@aws-sdk/client-ssm");
  for (let at = 0; at < names.length; at += 10) {
    const Names = names.slice(at, at + 10);
    const answer = await aws.client(SSMClient).send(new GetParametersCommand({ Names, WithDecryption: true }));
    if (answer.InvalidParameters?.length)
      throw new VariableError(`Parameter Store Error Message: parameter does not exist: ${answer.InvalidParameters.join(", ")}`);
    for (const { Name = "", Value = "", ARN = "", Selector = "" } of answer.Parameters ?? []) {
      for (const name of [Name, ARN]) values.set(`${name}${Selector}`, Value);
      const asked = Names.find((one) => one === `${Name}${Selector}` || one === ARN);
      if (asked) values.set(asked, Value);
    }
  }
  for (const name of names)
    if (!values.has(name)) throw new VariableError(`Parameter Store Error Message: parameter does not exist: ${name}`);
  return values;
};

const secrets = async (aws: Aws, references: readonly string[]): Promise<Map<string, string>> => {
  const values = new Map<string, string>();
  if (references.length === 0) return values;
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  for (const text of references) {
    const reference = parseSecretReference(text);
    if (reference.stage && reference.version)
      throw new VariableError(`Secrets Manager Error Message: version stage and version id exclude each other in ${text}`);
    const { SecretString, SecretBinary } = await aws
      .client(SecretsManagerClient)
      .send(new GetSecretValueCommand({ SecretId: reference.id, VersionStage: reference.stage, VersionId: reference.version }));
    values.set(text, secretValue(reference, SecretString ?? Buffer.from(SecretBinary ?? []).toString()));
  }
  return values;
};

export interface Resolved {
  readonly buildspec: Readonly<Record<string, string>>;
  readonly project: Readonly<Record<string, string>>;
  /** Never shown in a log. */
  readonly secret: readonly string[];
  /** Names that are never exported. */
  readonly secretNames: readonly string[];
}

export const resolveVariables = async (aws: Aws, spec: Buildspec, project: readonly EnvironmentVariable[] = []): Promise<Resolved> => {
  const of = (type: string) => project.filter((variable) => (variable.type ?? "PLAINTEXT") === type);
  try {
    const [fromStore, fromSecrets] = await Promise.all([
      parameters(aws, [...new Set([...Object.values(spec.parameterStore), ...of("PARAMETER_STORE").map(({ value }) => value as string)])]),
      secrets(aws, [...new Set([...Object.values(spec.secretsManager), ...of("SECRETS_MANAGER").map(({ value }) => value as string)])]),
    ]);
    const fetched = (names: Readonly<Record<string, string>>, values: Map<string, string>) =>
      Object.fromEntries(Object.entries(names).map(([name, reference]) => [name, values.get(reference) as string]));
    const value = (variable: EnvironmentVariable) => {
      if (variable.type === "PARAMETER_STORE") return fromStore.get(variable.value as string) as string;
      if (variable.type === "SECRETS_MANAGER") return fromSecrets.get(variable.value as string) as string;
      return variable.value as string;
    };
    return {
      buildspec: { ...spec.variables, ...fetched(spec.parameterStore, fromStore), ...fetched(spec.secretsManager, fromSecrets) },
      project: Object.fromEntries(project.map((variable) => [variable.name as string, value(variable)])),
      secret: [...fromStore.values(), ...fromSecrets.values()],
      secretNames: [
        ...Object.keys(spec.parameterStore),
        ...Object.keys(spec.secretsManager),
        ...project.filter(({ type }) => type === "PARAMETER_STORE" || type === "SECRETS_MANAGER").map(({ name }) => name as string),
      ],
    };
  } catch (error) {
    if (error instanceof VariableError) throw error;
    throw new VariableError(`${(error as Error).name}: ${(error as Error).message}`);
  }
};
