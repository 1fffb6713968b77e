import { DeleteLayerVersionCommand, LambdaClient, ListLayerVersionsCommand, PublishLayerVersionCommand } from "@aws-sdk/client-lambda";
import { type ResourceType, unlessGone } from "./resource.ts";

export default {
  properties: ["LayerName", "Content", "Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"],
  name: { property: "LayerName", most: 140, shared: true },

  async create(work) {
    const lambda = work.aws.client(LambdaClient);
    const { Content, Description, CompatibleRuntimes, CompatibleArchitectures, LicenseInfo } = work.properties;
    if (work.again) {
      // A version published since this step began is the one that it made.
      const { LayerVersions = [] } =
        (await unlessGone(["ResourceNotFoundException"], () => lambda.send(new ListLayerVersionsCommand({ LayerName: work.name })))) ?? {};
      const [newest] = LayerVersions;
      if (newest?.LayerVersionArn && newest.CreatedDate && Date.parse(newest.CreatedDate) >= work.startedAt.getTime()) {
        return { physicalId: newest.LayerVersionArn, attributes: { LayerVersionArn: newest.LayerVersionArn } };
      }
    }
    const { LayerVersionArn = "" } = await lambda.send(
      new PublishLayerVersionCommand({
        LayerName: work.name,
        Content,
        Description,
        CompatibleRuntimes,
        CompatibleArchitectures,
        LicenseInfo,
      }),
    );
    return { physicalId: LayerVersionArn, attributes: { LayerVersionArn } };
  },
  async delete({ aws, physicalId }) {
    const [, name, version] = /^(.*):(\d+)$/.exec(physicalId) ?? [];
    await unlessGone(["ResourceNotFoundException"], () =>
      aws.client(LambdaClient).send(new DeleteLayerVersionCommand({ LayerName: name, VersionNumber: Number(version) })),
    );
  },
} satisfies ResourceType;
