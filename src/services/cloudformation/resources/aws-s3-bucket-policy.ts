import { DeleteBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import { type ResourceType, unlessGone, type Work } from "./resource.ts";
import { documentText } from "./tools.ts";

const put = async (work: Pick<Work, "aws" | "properties">) => {
  const { Bucket, PolicyDocument } = work.properties;
  await work.aws.client(S3Client).send(new PutBucketPolicyCommand({ Bucket, Policy: documentText(PolicyDocument) }));
  return { physicalId: Bucket as string };
};

export default {
  properties: ["Bucket", "PolicyDocument"],
  create: put,
  update: put,
  async delete({ aws, physicalId }) {
    await unlessGone(["NoSuchBucket", "NoSuchBucketPolicy"], () =>
      aws.client(S3Client).send(new DeleteBucketPolicyCommand({ Bucket: physicalId })),
    );
  },
} satisfies ResourceType;
