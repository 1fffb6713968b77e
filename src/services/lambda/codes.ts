/** Deployment packages: taken from the request or from S3, kept as blobs, checked. */
import { readdir } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { Writing } from "../../store/store.ts";
import { invalid, notBuilt } from "./errors.ts";
import type { Code } from "./records.ts";
import { BadZip } from "./unzip.ts";
import type { Place, World } from "./world.ts";

export interface Source {
  readonly ZipFile?: Uint8Array | undefined;
  readonly S3Bucket?: string | undefined;
  readonly S3Key?: string | undefined;
  readonly S3ObjectVersion?: string | undefined;
  readonly ImageUri?: string | undefined;
  readonly SourceKMSKeyArn?: string | undefined;
}

const maximumUpload = 52_428_800;

/** Resolves once the package is kept and was unpacked without complaint; the folder stays at hand for the first start. */
export const takeCode = async (world: World, place: Place, source: Source): Promise<Code> => {
  if (source.ImageUri) throw notBuilt("Code with ImageUri");
  if (source.SourceKMSKeyArn) throw notBuilt("Code with SourceKMSKeyArn");
  if (source.ZipFile !== undefined && (source.S3Bucket || source.S3Key))
    throw invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.");
  const bytes = source.ZipFile ?? (await fromS3(world, place, source));
  if (bytes instanceof Uint8Array && bytes.length > maximumUpload)
    throw invalid(`Zip file must be smaller than ${maximumUpload} bytes. Use S3 for larger ones.`);
  const blob = await world.context.blobs.put(bytes);
  const code: Code = { blob: blob.id, size: blob.size, sha256: Buffer.from(blob.sha256, "hex").toString("base64") };
  try {
    await check(world, code);
    return code;
  } catch (error) {
    await world.context.blobs.delete(code.blob);
    throw error;
  }
};

const check = async ({ packages }: World, code: Code): Promise<void> => {
  const { folder, release } = await packages.hold([code]).catch((error) => {
    if (!(error instanceof BadZip)) throw error;
    throw invalid(
      error.message.startsWith("Unzipped size")
        ? error.message
        : "Could not unzip uploaded file. Please check your file, then try to upload again.",
    );
  });
  try {
    if ((await readdir(folder)).length === 0) throw invalid("Uploaded file must be a non-empty zip");
  } finally {
    release();
  }
};

const fromS3 = async ({ context }: World, place: Place, { S3Bucket, S3Key, S3ObjectVersion }: Source): Promise<Readable> => {
  if (!S3Bucket || !S3Key) throw invalid("Please provide a source for function code.");
  const { S3Client, GetObjectCommand } = await import("@aws-sdk/client-s3");
  try {
    const { Body } = await context.aws
      .at(place)
      .client(S3Client)
      .send(new GetObjectCommand({ Bucket: S3Bucket, Key: S3Key, VersionId: S3ObjectVersion }));
    return Body as Readable;
  } catch (error) {
    const { name, message, $fault } = error as Error & { $fault?: string };
    if ($fault !== "client") throw error;
    throw invalid(`Error occurred while GetObject. S3 Error Code: ${name}. S3 Error Message: ${message}`);
  }
};

/** Bytes that may have no owner any more; the task looks again before it deletes them. */
export const discardLater = (tx: Writing, place: Place, codes: readonly Code[]): Promise<void> =>
  codes.length === 0
    ? Promise.resolve()
    : tx.later({
        name: "lambda.discard",
        payload: { account: place.account, region: place.region, blobs: [...new Set(codes.map(({ blob }) => blob))] },
      });
