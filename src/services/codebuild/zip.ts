/** Makes a zip of files, with their modes and links. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import type { Member } from "./artifact-files.ts";

export const zipFiles = async (members: readonly Member[], file: string): Promise<{ md5: string; sha256: string; size: number }> => {
  const zip = new ZipFile();
  const failed = new Promise<never>((_, reject) => zip.on("error", reject));
  for (const { name, host, mode, modified, link } of members) {
    if (link !== undefined) zip.addBuffer(Buffer.from(link), name, { mode: 0o120777, mtime: modified, compress: false });
    else zip.addFile(host, name, { mode, mtime: modified, compressionLevel: 6 });
  }
  zip.end();
  const [md5, sha256] = [createHash("md5"), createHash("sha256")];
  let size = 0;
  const count = new Transform({
    transform(chunk, _encoding, done) {
      md5.update(chunk);
      sha256.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  await Promise.race([pipeline(zip.outputStream, count, createWriteStream(file)), failed]);
  return { md5: md5.digest("hex"), sha256: sha256.digest("hex"), size };
};
