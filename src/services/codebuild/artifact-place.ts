/** Where an artifact goes in S3: pure. */
import type { ProjectArtifacts } from "@aws-sdk/client-codebuild";
import type { ArtifactSpec } from "./buildspec.ts";

export interface ArtifactPlace {
  readonly bucket: string;
  /** The object's key; of an artifact that is not packed, what the keys of its files begin with (`""` or ending in `/`). */
  readonly key: string;
  readonly packed: boolean;
  /** As `BuildArtifacts.location` tells it. */
  readonly location: string;
}

const join = (...parts: (string | undefined)[]) =>
  parts
    .flatMap((part) => (part ?? "").split("/"))
    .filter((part) => part !== "" && part !== ".")
    .join("/");

/** `evaluatedName`: what the shell made of the buildspec's `name`. */
export const artifactPlace = (
  declared: ProjectArtifacts,
  spec: ArtifactSpec,
  build: { project: string; uuid: string },
  evaluatedName: string | undefined,
): ArtifactPlace => {
  const { type, location = "", path, namespaceType, name, packaging, overrideArtifactName } = declared;
  const bucket = location.replace(/^arn:[\w-]+:s3:::/, "").replace(/\/.*$/, "");
  const arn = (key: string) => `arn:aws:s3:::${join(bucket, key)}`;
  if (type === "CODEPIPELINE") return { bucket, key: name ?? "", packed: true, location: arn(name ?? "") };
  const own = overrideArtifactName && evaluatedName ? evaluatedName : name;
  const folder = join(
    location
      .replace(/^arn:[\w-]+:s3:::/, "")
      .split("/")
      .slice(1)
      .join("/"),
    spec.s3Prefix,
    path,
    namespaceType === "BUILD_ID" ? build.uuid : undefined,
  );
  if (packaging === "ZIP") {
    const key = join(folder, own === undefined ? build.project : own === "/" ? `${build.project}.zip` : own);
    return { bucket, key, packed: true, location: arn(key) };
  }
  const key = join(folder, own === undefined ? build.project : own);
  return { bucket, key: key === "" ? "" : `${key}/`, packed: false, location: arn(key) };
};
