/** `Code.ZipFile`: source text in the template, packed as `index.*` with the module that answers CloudFormation. */
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import yazl from "yazl";
import { ResourceFailure } from "./resource.ts";

/** The same bytes for the same text: the archive's times are fixed. */
export const inlineCode = async (source: string, runtime: string): Promise<Uint8Array> => {
  const kind = runtime?.startsWith("nodejs") ? "js" : runtime?.startsWith("python") ? "py" : undefined;
  if (!kind) throw new ResourceFailure(`ZipFile can only be used when Runtime is set to either nodejs or python, not ${runtime}`);
  const module = kind === "js" ? "cfn-response.js" : "cfnresponse.py";
  const zip = new yazl.ZipFile();
  const options = { mtime: new Date(1980, 0, 1), mode: 0o100644 };
  zip.addBuffer(Buffer.from(source), `index.${kind}`, options);
  zip.addBuffer(await readFile(new URL(`cfn-response/${module}`, import.meta.url)), module, options);
  zip.end();
  return buffer(zip.outputStream);
};
