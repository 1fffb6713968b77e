import { GetObjectCommand, type GetObjectCommandOutput, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { unzip } from "../unzip.ts";
import { type Source, SourceError, type Wanted } from "./source.ts";

export const bucketAndKey = (location: string): { bucket: string; key: string } => {
  const match = /^(?:arn:[\w-]+:s3:::|s3:\/\/)?([^/]+)\/(.*)$/s.exec(location);
  if (!match) throw new SourceError(`${location} names no object: <bucket>/<key> is expected`);
  return { bucket: match[1] as string, key: match[2] as string };
};

export const getObject = async (
  wanted: Pick<Wanted, "aws">,
  place: { bucket: string; key: string },
  version?: string,
): Promise<GetObjectCommandOutput> => {
  try {
    return await wanted.aws.client(S3Client).send(new GetObjectCommand({ Bucket: place.bucket, Key: place.key, VersionId: version }));
  } catch (error) {
    throw new SourceError(
      `error while downloading key ${place.key} of bucket ${place.bucket}: ${(error as Error).name}: ${(error as Error).message}`,
    );
  }
};

const save = async (object: GetObjectCommandOutput, file: string) => {
  await mkdir(dirname(file), { recursive: true });
  await pipeline(object.Body as Readable, createWriteStream(file));
};

/** The object's content, unpacked. */
export const unpack = async (object: GetObjectCommandOutput, folder: string): Promise<void> => {
  const file = `${folder}.zip`;
  try {
    await save(object, file);
    await mkdir(folder, { recursive: true });
    await unzip(file, folder).catch((error) => {
      throw new SourceError(`the source archive cannot be unpacked: ${error.message}`);
    });
  } finally {
    await rm(file, { force: true });
  }
};

/** A zip is unpacked; a location that ends in `/` is a folder of objects. */
export const s3: Source = async (wanted) => {
  const place = bucketAndKey(wanted.source.location ?? "");
  if (!place.key.endsWith("/")) {
    const object = await getObject(wanted, place, wanted.version);
    const resolved = object.VersionId ?? object.ETag?.replaceAll('"', "");
    if (/\.zip$/i.test(place.key) || /zip/.test(object.ContentType ?? "")) await unpack(object, wanted.folder);
    else await save(object, join(wanted.folder, basename(place.key)));
    return { resolved };
  }
  let token: string | undefined;
  let count = 0;
  do {
    const listing = await wanted.aws
      .client(S3Client)
      .send(new ListObjectsV2Command({ Bucket: place.bucket, Prefix: place.key, ContinuationToken: token }));
    for (const { Key = "" } of listing.Contents ?? []) {
      const parts = Key.slice(place.key.length).split("/").filter(Boolean);
      if (Key.endsWith("/") || parts.includes("..")) continue;
      await save(await getObject(wanted, { bucket: place.bucket, key: Key }), join(wanted.folder, ...parts));
      count++;
    }
    token = listing.NextContinuationToken;
  } while (token);
  if (count === 0) throw new SourceError(`no object of bucket ${place.bucket} begins with ${place.key}`);
  return {};
};
