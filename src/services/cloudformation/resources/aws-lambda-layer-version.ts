import { DeleteLayerVersionCommand, LambdaClient, ListLayerVersionsCommand, PublishLayerVersionCommand } from "@aws-sdk/client-lambda";
import type { ResourceType, Work } from "./resource.ts";

const SPLIT = /^(.*):(\d+)$/;

/** What an earlier try of this step may have published: the newest version, if it came after the step began. */
const earlier = async (work: Work) => {
  const { LayerVersions = [] } = await work.aws.client(LambdaClient).send(new ListLayerVersionsCommand({ LayerName: work.name, MaxItems: 1 }));
  const newest = LayerVersions[0];
  return newest?.CreatedDate && new Date(newest.CreatedDate) >= work.startedAt ? newest.LayerVersionArn : undefined;
};

const type: ResourceType = {
  properties: ["CompatibleArchitectures", "CompatibleRuntimes", "Content", "Description", "LayerName", "LicenseInfo"],
  name: { property: "LayerName", most: 140 },
  async create(work) {
    const { CompatibleArchitectures, CompatibleRuntimes, Content, Description, LicenseInfo } = work.properties;
    const found = work.again ? await earlier(work) : undefined;
    const arn =
      found ??
      (
        await work.aws
          .client(LambdaClient)
          .send(new PublishLayerVersionCommand({ LayerName: work.name, CompatibleArchitectures, CompatibleRuntimes, Content, Description, LicenseInfo }))
      ).LayerVersionArn;
    return { physicalId: arn as string, attributes: { LayerVersionArn: arn } };
  },
  async delete({ aws, physicalId }) {
    const [, LayerName, version] = SPLIT.exec(physicalId) ?? [];
    await aws.client(LambdaClient).send(new DeleteLayerVersionCommand({ LayerName, VersionNumber: Number(version) }));
  },
};
export default type;
