/** What a CloudFormation action takes from its artifacts: template, parameters, tags, stack policy. */
import type { Capability, Parameter, Tag } from "@aws-sdk/client-cloudformation";
import { openArtifact, type Zip } from "../artifacts.ts";
import { ConfigurationError } from "../failures.ts";
import type { Located } from "../records.ts";
import type { Act } from "./action.ts";

export interface StackInput {
  TemplateBody?: string;
  TemplateURL?: string;
  Parameters: Parameter[];
  Capabilities: Capability[];
  Tags?: Tag[];
  RoleARN?: string;
  /** Not for change sets. */
  StackPolicyBody?: string;
}

/** `Artifact::path`. */
export const splitPath = (text: string): { artifact: string; path: string } | undefined => {
  const at = text.indexOf("::");
  return at > 0 && at + 2 < text.length ? { artifact: text.slice(0, at), path: text.slice(at + 2) } : undefined;
};

/** Larger templates cannot be sent in a request. */
const mostBody = 51_200;

export const stackInput = async (act: Act): Promise<StackInput> => {
  const { TemplatePath = "", TemplateConfiguration, ParameterOverrides, Capabilities, RoleArn } = act.run.configuration;
  const files = filesOf(act);
  try {
    const template = await files.read(TemplatePath, "TemplatePath");
    const settings =
      TemplateConfiguration === undefined ? {} : templateConfiguration(await files.read(TemplateConfiguration, "TemplateConfiguration"));
    const overrides = ParameterOverrides === undefined ? {} : await parameterOverrides(act, files, ParameterOverrides);
    const parameters = { ...settings.Parameters, ...overrides };
    return {
      ...(Buffer.byteLength(template) <= mostBody
        ? { TemplateBody: template }
        : { TemplateURL: await upload(act, TemplatePath, template) }),
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
      Capabilities: capabilitiesOf(Capabilities),
      Tags: settings.Tags ? Object.entries(settings.Tags).map(([Key, Value]) => ({ Key, Value })) : undefined,
      RoleARN: RoleArn,
      StackPolicyBody: settings.StackPolicy ? JSON.stringify(settings.StackPolicy) : undefined,
    };
  } finally {
    await files.close();
  }
};

export const capabilitiesOf = (text: string | undefined): Capability[] =>
  (text ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "") as Capability[];

interface Files {
  /** Throws `ConfigurationError`. */
  read(path: string, what: string): Promise<string>;
  close(): Promise<void>;
}

/** The input artifacts, each fetched once. */
const filesOf = (act: Act): Files => {
  const opened = new Map<string, Promise<Zip>>();
  return {
    async read(text, what) {
      const parts = splitPath(text);
      if (!parts) throw new ConfigurationError(`${what} must have the form ArtifactName::FileName, but is ${text}`);
      const located = inputNamed(act, parts.artifact, what);
      const zip = opened.get(located.name) ?? openArtifact(act, located);
      opened.set(located.name, zip);
      const bytes = await (await zip).read(parts.path);
      if (!bytes) throw new ConfigurationError(`File [${parts.path}] does not exist in artifact [${parts.artifact}]`);
      return bytes.toString("utf8");
    },
    async close() {
      for (const zip of await Promise.allSettled(opened.values())) if (zip.status === "fulfilled") await zip.value.close();
    },
  };
};

const inputNamed = (act: Pick<Act, "run">, name: string, what: string): Located => {
  const located = act.run.inputs.find((input) => input.name === name);
  if (!located) throw new ConfigurationError(`${what} refers to the artifact ${name}, which is not an input artifact of the action`);
  return located;
};

const asObject = (text: string, what: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw new ConfigurationError(`${what} is not valid JSON: ${(error as Error).message}`);
  }
  throw new ConfigurationError(`${what} must be a JSON object`);
};

interface TemplateSettings {
  Parameters?: Record<string, string>;
  Tags?: Record<string, string>;
  StackPolicy?: object;
}

export const templateConfiguration = (text: string): TemplateSettings => {
  const what = "The template configuration file";
  const all = asObject(text, what);
  for (const key of Object.keys(all))
    if (!["Parameters", "Tags", "StackPolicy"].includes(key)) throw new ConfigurationError(`${what} has the unknown member ${key}`);
  const texts = (key: "Parameters" | "Tags") => {
    const value = all[key];
    if (value === undefined) return undefined;
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new ConfigurationError(`${what}: ${key} must be an object`);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one, `${what}: ${key}.${name}`)]));
  };
  return { Parameters: texts("Parameters"), Tags: texts("Tags"), StackPolicy: all.StackPolicy as object | undefined };
};

const plain = (value: unknown, where: string): string => {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new ConfigurationError(`${where} must be a string`);
};

const parameterOverrides = async (act: Act, files: Files, text: string): Promise<Record<string, string>> => {
  const overrides: Record<string, string> = {};
  for (const [name, value] of Object.entries(asObject(text, "ParameterOverrides")))
    overrides[name] = await overrideValue(act, files, name, value);
  return overrides;
};

const overrideValue = async (act: Act, files: Files, name: string, value: unknown): Promise<string> => {
  const where = `ParameterOverrides: ${name}`;
  if (typeof value !== "object" || value === null) return plain(value, where);
  const [[called, given] = [], ...more] = Object.entries(value);
  const list = Array.isArray(given) && given.every((one) => typeof one === "string") ? (given as string[]) : [];
  if (more.length === 0 && called === "Fn::GetArtifactAtt" && list.length === 2) {
    const [artifact, attribute] = list as [string, string];
    const { bucket, key } = inputNamed(act, artifact, where);
    const attributes: Record<string, string> = { BucketName: bucket, ObjectKey: key, URL: `https://s3.amazonaws.com/${bucket}/${key}` };
    if (!Object.hasOwn(attributes, attribute))
      throw new ConfigurationError(`${where}: Fn::GetArtifactAtt knows BucketName, ObjectKey and URL, not ${attribute}`);
    return attributes[attribute]!;
  }
  if (more.length === 0 && called === "Fn::GetParam" && list.length === 3) {
    const [artifact, file, key] = list as [string, string, string];
    const values = asObject(await files.read(`${artifact}::${file}`, where), `${where}: ${file}`);
    if (!Object.hasOwn(values, key)) throw new ConfigurationError(`${where}: ${file} has no member ${key}`);
    return plain(values[key], `${where}: ${key} in ${file}`);
  }
  throw new ConfigurationError(
    `${where} must be a string, {"Fn::GetArtifactAtt":[artifact, attribute]} or {"Fn::GetParam":[artifact, file, key]}`,
  );
};

/** Puts a template beside the artifacts, where CloudFormation can fetch it. */
const upload = async (act: Act, path: string, template: string): Promise<string> => {
  const { PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const { bucket } = act.declaration;
  const key = `${act.place.pipeline}/templates/${act.run.id}/${splitPath(path)!.path.replace(/^.*\//, "")}`;
  await act.aws.client(S3Client).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: template }));
  return `https://${bucket}.s3.${act.place.region}.amazonaws.com/${key.split("/").map(encodeURIComponent).join("/")}`;
};
