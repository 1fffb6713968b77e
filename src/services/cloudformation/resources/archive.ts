import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { fromBuffer } from "yauzl";
import type { Aws } from "../../../aws/aws.ts";
import { ResourceFailure } from "./resource.ts";

export interface ArchivedFile {
  readonly filePath: string;
  readonly fileMode: "EXECUTABLE" | "NORMAL";
  readonly fileContent: Uint8Array;
}
const largest = 256 * 1024 * 1024;

/** The files of a zip archive in S3. */
export const filesOfArchive = async (aws: Aws, place: { Bucket: string; Key: string; ObjectVersion?: string }): Promise<ArchivedFile[]> => {
  const object = await aws
    .client(S3Client)
    .send(new GetObjectCommand({ Bucket: place.Bucket, Key: place.Key, VersionId: place.ObjectVersion }));
  const bytes = await object.Body?.transformToByteArray();
  return new Promise((resolve, reject) => {
    const bad = (error: unknown) =>
      reject(new ResourceFailure(`s3://${place.Bucket}/${place.Key} is no zip archive that can be read: ${(error as Error).message}`));
    fromBuffer(Buffer.from(bytes ?? []), { lazyEntries: true, strictFileNames: true }, (error, zip) => {
      if (error) return bad(error);
      const files: ArchivedFile[] = [];
      let total = 0;
      zip.on("error", bad);
      zip.on("end", () => resolve(files));
      zip.on("entry", (entry) => {
        if (entry.fileName.endsWith("/")) return zip.readEntry();
        total += entry.uncompressedSize;
        if (total > largest) return bad(new Error("it is too large"));
        zip.openReadStream(entry, (opened, stream) => {
          if (opened) return bad(opened);
          const chunks: Buffer[] = [];
          stream.on("error", bad);
          stream.on("data", (chunk: Buffer) => chunks.push(chunk));
          stream.on("end", () => {
            const executable = ((entry.externalFileAttributes >>> 16) & 0o100) !== 0;
            files.push({ filePath: entry.fileName, fileMode: executable ? "EXECUTABLE" : "NORMAL", fileContent: Buffer.concat(chunks) });
            zip.readEntry();
          });
        });
      });
      zip.readEntry();
    });
  });
};
