/** `x-amz-copy-source: [/]bucket/key[?versionId=id]`, URL-encoded. */
import { invalidArgument, notBuilt } from "./errors.ts";

export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

export const copySourceOf = (header: string | undefined): CopySource => {
  const invalid = () =>
    invalidArgument("x-amz-copy-source", header ?? "", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  const given = header ?? "";
  if (given.startsWith("arn:")) throw notBuilt("Copying from an access point");
  // Only a version id ends a source: `?` may be part of a key that a client did not encode.
  const [, path = given, versionId] = /^(.*)\?versionId=([^&?]*)$/s.exec(given) ?? [];
  let plain: string;
  try {
    plain = decodeURIComponent(path).replace(/^\//, "");
  } catch {
    throw invalid();
  }
  const slash = plain.indexOf("/");
  if (slash < 1 || slash === plain.length - 1) throw invalid();
  return { bucket: plain.slice(0, slash), key: plain.slice(slash + 1), ...(versionId !== undefined && { versionId }) };
};
