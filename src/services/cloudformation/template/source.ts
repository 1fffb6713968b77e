import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Aws } from "../../../aws/aws.ts";
import { TemplateError } from "./value.ts";

/** Where in S3 a template's URL points: every form AWS takes, and our own address. */
export const s3Location = (address: string): { bucket: string; key: string; version?: string } => {
  const url = URL.parse(address);
  const bad = () => new TemplateError("TemplateURL must be a supported URL.");
  if (!url) throw bad();
  const path = decodeURIComponent(url.pathname.slice(1));
  const version = url.searchParams.get("versionId") ?? undefined;
  const found = (bucket: string, key: string) => {
    if (!bucket || !key) throw bad();
    return { bucket, key, ...(version && { version }) };
  };
  if (url.protocol === "s3:") return found(url.hostname, path);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw bad();
  const virtual =
    /^(.+?)\.s3([.-][a-z0-9.-]+)?\.(amazonaws\.com(\.cn)?|localhost|localhost\.localstack\.cloud)$/.exec(url.hostname) ??
    /^(.+)\.s3\.[^.]+/.exec(url.hostname);
  if (virtual) return found(virtual[1] as string, path);
  if (/amazonaws\.com(\.cn)?$/.test(url.hostname) && !/^s3[.-]/.test(url.hostname)) throw bad();
  const slash = path.indexOf("/");
  return slash < 0 ? found("", "") : found(path.slice(0, slash), path.slice(slash + 1));
};

const more = "\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html";
/** The text of a template, given or in S3. */
export const templateText = async (aws: Aws, body: string | undefined, address: string | undefined): Promise<string> => {
  if (body !== undefined && address !== undefined) throw new TemplateError("Specify either TemplateBody or TemplateURL, not both");
  if (body !== undefined) {
    if (Buffer.byteLength(body) > 51_200) {
      throw new TemplateError(
        "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
      );
    }
    return body;
  }
  if (address === undefined) throw new TemplateError("Either Template URL or Template Body must be specified.");
  return s3Text(aws, address);
};
export const s3Text = async (aws: Aws, address: string): Promise<string> => {
  const { bucket, key, version } = s3Location(address);
  try {
    const object = await aws.client(S3Client).send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: version }));
    if ((object.ContentLength ?? 0) > 1_000_000) throw new TemplateError("Template may not exceed 1000000 bytes in size.");
    return (await object.Body?.transformToString()) ?? "";
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    throw new TemplateError(`S3 error: ${(error as Error).message}${more}`);
  }
};
