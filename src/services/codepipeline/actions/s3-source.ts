/** Source: an object of a versioned bucket, which is a zip file. */
import { copySource } from "../artifacts.ts";
import { objectLink } from "../links.ts";
import { type Act, failed, type Outcome, type Provider } from "./action.ts";

const start = async (act: Act): Promise<Outcome> => {
  const { S3Bucket: bucket = "", S3ObjectKey: declared = "", AllowOverrideForS3ObjectKey: allowed } = act.run.configuration;
  const override = act.execution.overrides[act.action.name];
  if (override?.type === "S3_OBJECT_KEY" && allowed !== "true")
    return failed("ConfigurationError", "The object key cannot be overridden unless AllowOverrideForS3ObjectKey is true");
  const key = override?.type === "S3_OBJECT_KEY" ? override.value : declared;
  const { CopyObjectCommand, HeadObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const client = act.aws.client(S3Client);
  const VersionId = override?.type === "S3_OBJECT_VERSION_ID" ? override.value : undefined;
  const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId })).catch((error) => {
    if (["NotFound", "NoSuchKey", "NoSuchBucket", "NoSuchVersion"].includes(error.name)) return undefined;
    throw error;
  });
  if (!found) {
    const what = VersionId === undefined ? `object ${key}` : `version ${VersionId} of object ${key}`;
    return failed("ConfigurationError", `The action failed because there is no ${what} in the Amazon S3 bucket ${bucket}.`);
  }
  if (found.VersionId === undefined || found.VersionId === "null")
    return failed("ConfigurationError", `The action failed because versioning is not enabled for the Amazon S3 bucket ${bucket}.`);
  const to = act.run.outputs[0]!;
  const CopySource = copySource(bucket, key, found.VersionId);
  await client.send(
    new CopyObjectCommand({ Bucket: to.bucket, Key: to.key, CopySource, MetadataDirective: "REPLACE", ContentType: "application/zip" }),
  );
  const url = objectLink(act.context.endpoint(), act.place.region, bucket, key);
  const summary = found.Metadata?.["codepipeline-artifact-revision-summary"] ?? `Amazon S3 version id: ${found.VersionId}`;
  return {
    kind: "succeeded",
    revision: { id: found.VersionId, summary, url, created: found.LastModified?.getTime() },
    externalId: found.VersionId,
    externalUrl: url,
    summary,
    variables: { ETag: (found.ETag ?? "").replaceAll('"', ""), VersionId: found.VersionId },
  };
};

export const s3Source: Provider = {
  category: "Source",
  provider: "S3",
  inputs: { min: 0, max: 0 },
  outputs: { min: 1, max: 1 },
  properties: [
    { name: "S3Bucket", required: true, description: "The bucket where changes are detected; it must be versioned" },
    { name: "S3ObjectKey", required: true, description: "The key of the object where changes are detected" },
    {
      name: "PollForSourceChanges",
      required: false,
      values: ["true", "false"],
      description: "Whether changes of the object start the pipeline (default: true)",
    },
    {
      name: "AllowOverrideForS3ObjectKey",
      required: false,
      values: ["true", "false"],
      description: "Whether StartPipelineExecution may name another key (default: false)",
    },
  ],
  timeoutMinutes: 60,
  start,
};
