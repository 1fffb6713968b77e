/** Takes a build's artifacts to S3. */
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { ProjectArtifacts } from "@aws-sdk/client-codebuild";
import { createReadStream } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Aws } from "../../aws/aws.ts";
import { ArtifactError, artifactFiles } from "./artifact-files.ts";
import { artifactPlace } from "./artifact-place.ts";
import type { ArtifactSpec, Buildspec } from "./buildspec.ts";
import type { Inside } from "./inside.ts";
import { type Build, buildArn, type Uploaded } from "./records.ts";
import { zipFiles } from "./zip.ts";

export interface Upload {
  readonly build: Build;
  readonly spec: Buildspec;
  readonly inside: Inside;
  /** The container's source folder. */
  readonly source: string;
  /** For what is on its way. */
  readonly folder: string;
  readonly aws: Aws;
  /** What the shell made of the artifacts' names, by identifier; "" is the primary one. */
  readonly names: ReadonlyMap<string, string>;
  log(line: string): void;
}

/** Throws `ArtifactError` for what the build has to answer for. */
export const uploadArtifacts = async (upload: Upload): Promise<Uploaded[]> => {
  const { build, spec, log } = upload;
  const uploaded: Uploaded[] = [];
  if (build.artifacts.type !== "NO_ARTIFACTS") {
    // With several outputs a pipeline names the first one too, and the buildspec has them all as secondary ones.
    const primary = spec.secondaryArtifacts[build.artifacts.artifactIdentifier ?? ""] ?? spec.artifacts;
    if (build.artifacts.type === "CODEPIPELINE" && !build.artifacts.name) {
      if (primary) log("The pipeline takes no output artifact of this build");
    } else if (!primary) log("No artifact files specified");
    else uploaded.push(await uploadOne(upload, build.artifacts, primary, ""));
  }
  for (const declared of build.secondaryArtifacts) {
    const identifier = declared.artifactIdentifier as string;
    const own = spec.secondaryArtifacts[identifier];
    if (!own) throw new ArtifactError(`no definition for selected secondary artifact: ${identifier}`);
    uploaded.push({ ...(await uploadOne(upload, declared, own, identifier)), identifier });
  }
  return uploaded;
};

/** Read at once: cheaper than a stream, and the client can ask again. */
const smallBytes = 4 << 20;

const uploadOne = async (upload: Upload, declared: ProjectArtifacts, spec: ArtifactSpec, identifier: string): Promise<Uploaded> => {
  const { build, inside, source, folder, aws, log } = upload;
  log(`Expanding base directory path: ${spec.baseDirectory ?? "."}`);
  log("Assembling file list");
  log(`Expanding file paths for base directory ${spec.baseDirectory ?? "."}`);
  const members = await artifactFiles(inside, source, spec);
  for (const file of spec.files) log(`Expanding ${file}`);
  log(`Found ${members.length} file(s)`);
  const place = artifactPlace(declared, spec, build, upload.names.get(identifier));
  const put = async (key: string, file: string, size: number) => {
    const Metadata = { "codebuild-buildarn": buildArn(build) };
    try {
      const Body = size <= smallBytes ? await readFile(file) : createReadStream(file);
      await aws.client(S3Client).send(new PutObjectCommand({ Bucket: place.bucket, Key: key, Body, ContentLength: size, Metadata }));
    } catch (error) {
      throw new ArtifactError(
        `Error in UPLOAD_ARTIFACTS phase: ${(error as Error).name}: ${(error as Error).message} (bucket ${place.bucket}, key ${key})`,
      );
    }
  };
  if (!place.packed) {
    for (const member of members) await put(`${place.key}${member.name}`, member.host, member.size);
    return { location: place.location };
  }
  const file = join(folder, `artifact-${identifier || "primary"}.zip`);
  try {
    const { md5, sha256, size } = await zipFiles(members, file);
    await put(place.key, file, size);
    return { location: place.location, md5, sha256 };
  } finally {
    await rm(file, { force: true });
  }
};
