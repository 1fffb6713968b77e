/** Deploy: an artifact's files, or the artifact itself, to a bucket. */
import type { ObjectCannedACL } from "@aws-sdk/client-s3";
import { buffer } from "node:stream/consumers";
import { copySource, openArtifact, type ZipEntry } from "../artifacts.ts";
import { contentTypeOf } from "../content-types.ts";
import type { Action } from "../records.ts";
import { ConfigurationError } from "../failures.ts";
import type { Act, Outcome, Provider } from "./action.ts";

/** Files that are sent at the same time; a larger one is streamed. */
const atOnce = 16;
const inMemory = 4 * 1024 * 1024;

const start = async (act: Act): Promise<Outcome> => {
  const { BucketName: Bucket = "", Extract, CannedACL, CacheControl } = act.run.configuration;
  const { CopyObjectCommand, PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const client = act.aws.client(S3Client);
  const key = objectKey(act);
  const input = act.run.inputs[0]!;
  const manner = { Bucket, CacheControl, ACL: CannedACL as ObjectCannedACL | undefined };
  if (Extract !== "true") {
    if (key === undefined) throw new ConfigurationError("ObjectKey is required unless Extract is true");
    const CopySource = copySource(input.bucket, input.key);
    await client.send(
      new CopyObjectCommand({ ...manner, Key: key, CopySource, MetadataDirective: "REPLACE", ContentType: "application/zip" }),
    );
    return { kind: "succeeded", summary: `s3://${Bucket}/${key}` };
  }
  const put = async (Key: string, entry: ZipEntry) => {
    const content = await entry.open();
    const Body = entry.size > inMemory ? content : await buffer(content);
    await client.send(new PutObjectCommand({ ...manner, Key, Body, ContentLength: entry.size, ContentType: contentTypeOf(entry.path) }));
  };
  const zip = await openArtifact(act, input);
  let count = 0;
  try {
    const busy = new Set<Promise<unknown>>();
    for await (const entry of zip.entries()) {
      const path = key === undefined ? entry.path : `${key.replace(/\/$/, "")}/${entry.path}`;
      const sent: Promise<unknown> = put(path, entry).then(() => busy.delete(sent));
      // Whoever waits for it hears of a failure; nobody may be waiting yet.
      sent.catch(() => {});
      busy.add(sent);
      count += 1;
      if (busy.size >= atOnce) await Promise.race(busy);
    }
    await Promise.all(busy);
  } finally {
    await zip.close();
  }
  return { kind: "succeeded", summary: `${count} files to s3://${Bucket}${key === undefined ? "" : `/${key}`}` };
};

/** `{datetime}` and `{uuid}` say the same again when the action is resumed. */
const objectKey = ({ run }: Act): string | undefined =>
  run.configuration.ObjectKey?.replaceAll("{datetime}", new Date(run.started).toISOString().slice(0, 19)).replaceAll("{uuid}", run.id);

const complaint = ({ configuration }: Action): string | undefined =>
  configuration.Extract !== "true" && configuration.ObjectKey === undefined ? "ObjectKey is required unless Extract is true" : undefined;

export const s3Deploy: Provider = {
  category: "Deploy",
  provider: "S3",
  inputs: { min: 1, max: 1 },
  outputs: { min: 0, max: 0 },
  properties: [
    { name: "BucketName", required: true, description: "The bucket that receives the files" },
    { name: "Extract", required: true, values: ["true", "false"], description: "Whether the artifact is unpacked" },
    { name: "ObjectKey", required: false, description: "The key, or with Extract the folder; may hold {datetime} and {uuid}" },
    { name: "CannedACL", required: false, description: "The canned ACL of the objects" },
    { name: "CacheControl", required: false, description: "The caching behaviour of the objects" },
    { name: "KMSEncryptionKeyARN", required: false, refused: true, description: "Not implemented" },
  ],
  timeoutMinutes: 90,
  complaint,
  start,
};
