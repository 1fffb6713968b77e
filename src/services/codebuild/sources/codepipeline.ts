import type { Readable } from "node:stream";
import { checkout } from "./codecommit.ts";
import { bucketAndKey, getObject, unpack } from "./s3.ts";
import type { Source } from "./source.ts";

/** An artifact of a pipeline. Where it tells the commit it was made of, that commit is checked out for real. */
export const codePipeline: Source = async (wanted) => {
  const object = await getObject(wanted, bucketAndKey(wanted.source.location ?? ""));
  const { "mayfly-repository": name, "mayfly-commit": commit, "mayfly-branch": branch } = object.Metadata ?? {};
  if (name && commit && !wanted.plainZip) {
    (object.Body as Readable).destroy();
    const fetched = await checkout(wanted, { region: wanted.region, name }, { version: commit, branch, depth: 0 });
    return { ...fetched, version: wanted.source.location && versionArn(wanted.source.location) };
  }
  await unpack(object, wanted.folder);
  return {
    resolved: commit ?? object.VersionId ?? object.ETag?.replaceAll('"', ""),
    version: wanted.source.location && versionArn(wanted.source.location),
  };
};

/** AWS names the artifact as the version. */
const versionArn = (location: string) => `arn:aws:s3:::${location}`;
