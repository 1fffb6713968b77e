/** `{{resolve:…}}`: values of Systems Manager and Secrets Manager, read at the moment they are used and kept nowhere. */
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Aws } from "../../aws/aws.ts";
import { ResourceFailure } from "./resources/resource.ts";

const pattern = /\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]+)\}\}/g;

export const hasDynamicReference = (value: unknown): boolean => /\{\{resolve:/.test(JSON.stringify(value) ?? "");

/** Puts the values in. Throws `ResourceFailure` naming what cannot be read. */
export const resolveDynamic = async <T>(aws: Aws, value: T): Promise<T> => {
  const text = JSON.stringify(value) ?? "";
  if (!text.includes("{{resolve:")) return value;
  const wanted = new Map<string, string>();
  collect(value, wanted);
  if (wanted.size > 60) throw new ResourceFailure("The template may not hold more than 60 dynamic references");
  await Promise.all(
    [...wanted.keys()].map(async (reference) => {
      const [, service = "", rest = ""] = new RegExp(pattern.source).exec(reference) ?? [];
      wanted.set(reference, service === "secretsmanager" ? await secret(aws, rest) : await parameter(aws, rest, service === "ssm-secure"));
    }),
  );
  return replace(value, wanted) as T;
};

const collect = (value: unknown, into: Map<string, string>): void => {
  if (typeof value === "string") for (const [reference] of value.matchAll(pattern)) into.set(reference, "");
  else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) collect(item, into);
};
const replace = (value: unknown, values: ReadonlyMap<string, string>): unknown => {
  if (typeof value === "string") return value.replace(pattern, (reference) => values.get(reference) ?? reference);
  if (Array.isArray(value)) return value.map((item) => replace(item, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item, values)]));
};

const parameter = async (aws: Aws, name: string, secure: boolean): Promise<string> => {
  try {
    const { Parameter } = await aws.client(SSMClient).send(new GetParameterCommand({ Name: name, WithDecryption: secure }));
    if (!secure && Parameter?.Type === "SecureString") {
      throw new ResourceFailure(`SSM Secure reference is not supported in: ${name}; use ssm-secure`);
    }
    return Parameter?.Value ?? "";
  } catch (error) {
    if (error instanceof ResourceFailure) throw error;
    throw new ResourceFailure(`Parameter ${name} of a dynamic reference could not be read: ${(error as Error).message}`);
  }
};

/** `id:SecretString:json-key:version-stage:version-id`; the id may be an ARN, which holds colons itself. */
export const secretParts = (text: string): { id: string; key?: string; stage?: string; version?: string } => {
  const [, id = text, rest = ""] = /^(.*?):SecretString(?::(.*))?$/.exec(text) ?? [];
  const [key, stage, version] = rest.split(":");
  return { id, ...(key && { key }), ...(stage && { stage }), ...(version && { version }) };
};
const secret = async (aws: Aws, text: string): Promise<string> => {
  const { id, key, stage, version } = secretParts(text);
  const value = await aws
    .client(SecretsManagerClient)
    .send(new GetSecretValueCommand({ SecretId: id, VersionStage: stage, VersionId: version }))
    .catch((error: Error) => {
      throw new ResourceFailure(`Secret ${id} of a dynamic reference could not be read: ${error.message}`);
    });
  const whole = value.SecretString ?? "";
  if (!key) return whole;
  let fields: unknown;
  try {
    fields = JSON.parse(whole);
  } catch {
    throw new ResourceFailure(`Could not parse SecretString JSON of ${id}`);
  }
  const field = (fields as Record<string, unknown> | null)?.[key];
  if (field === undefined) throw new ResourceFailure(`Could not find a value associated with JSONKey in SecretString of ${id}: ${key}`);
  return typeof field === "string" ? field : JSON.stringify(field);
};
