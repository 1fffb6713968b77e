/** Finds a build's buildspec: in its source, in S3, or given with the project. */
import { readFile } from "node:fs/promises";
import type { Aws } from "../../aws/aws.ts";
import { BuildspecError } from "./buildspec.ts";
import { plainPath } from "./glob.ts";
import type { Inside } from "./inside.ts";
import { bucketAndKey, getObject } from "./sources/s3.ts";

/** Pure. A text of several lines, or one that can only be YAML or JSON, is the buildspec itself. */
export const isInline = (text: string): boolean => text.includes("\n") || /^\s*(\{|version\s*:)/.test(text);

export const readBuildspec = async (
  given: string | undefined,
  source: string,
  inside: Inside,
  aws: Aws,
): Promise<{ text: string; where: string }> => {
  if (given && isInline(given)) return { text: given, where: "the project's buildspec" };
  if (given?.startsWith("arn:")) {
    const object = await getObject({ aws }, bucketAndKey(given));
    return { text: (await object.Body?.transformToString()) ?? "", where: given };
  }
  const path = given?.startsWith("/") ? plainPath(given) : `${source}/${plainPath(given || "buildspec.yml")}`;
  const found = await inside.resolve(path);
  if (!found) throw new BuildspecError(`stat ${path}: no such file or directory`);
  if (!found.stats.isFile()) throw new BuildspecError(`read ${path}: is a directory`);
  return { text: await readFile(found.host, "utf8"), where: path };
};
