/** Zips as clients make and read them. */
import { buffer } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { fromBufferPromise } from "yauzl";
import { ZipFile } from "yazl";

export interface Packed {
  readonly text: string;
  readonly mode: number;
}

export const zipOf = async (files: Readonly<Record<string, string | Packed>>): Promise<Buffer> => {
  const zip = new ZipFile();
  for (const [name, file] of Object.entries(files)) {
    const { text, mode } = typeof file === "string" ? { text: file, mode: 0o100644 } : file;
    zip.addBuffer(Buffer.from(text), name, { mode });
  }
  zip.end();
  return buffer(zip.outputStream);
};

export const unzipped = async (bytes: Uint8Array): Promise<Record<string, Packed>> => {
  const zip = await fromBufferPromise(Buffer.from(bytes));
  const files: Record<string, Packed> = {};
  for await (const entry of zip.eachEntry()) {
    const text = (await buffer((await zip.openReadStreamPromise(entry)) as Readable)).toString();
    files[entry.fileName] = { text, mode: entry.externalFileAttributes >>> 16 };
  }
  return files;
};
