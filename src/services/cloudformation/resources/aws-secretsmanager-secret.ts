import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { createHash } from "node:crypto";
import { ResourceFailure, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { changedTags, tagMap } from "./tags.ts";

const GONE = ["ResourceNotFoundException"];
/** As the service wants its tokens: 32 to 64 characters, the same at every try. */
const tokenOf = ({ token }: Work) => createHash("sha256").update(token).digest("hex").slice(0, 36);

const secretOf = async ({ properties, aws }: Work): Promise<string | undefined> => {
  const { SecretString, GenerateSecretString } = properties;
  if (SecretString !== undefined && GenerateSecretString !== undefined) throw new ResourceFailure("Specify either SecretString or GenerateSecretString, not both");
  if (GenerateSecretString === undefined) return SecretString;
  const { GenerateStringKey, SecretStringTemplate, ...wanted } = GenerateSecretString;
  if ((GenerateStringKey === undefined) !== (SecretStringTemplate === undefined))
    throw new ResourceFailure("GenerateSecretString needs GenerateStringKey and SecretStringTemplate together");
  const { RandomPassword } = await aws.client(SecretsManagerClient).send(new GetRandomPasswordCommand(wanted));
  if (GenerateStringKey === undefined) return RandomPassword;
  try {
    return JSON.stringify({ ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: RandomPassword });
  } catch {
    throw new ResourceFailure("SecretStringTemplate is not a JSON object");
  }
};
const made = (ARN: string) => ({ physicalId: ARN, attributes: { Id: ARN } });

const type: ResourceType = {
  properties: ["Description", "GenerateSecretString", "Name", "SecretString", "Tags"],
  name: { property: "Name", most: 512 },
  taken: async ({ aws, name }) =>
    (await unlessGone(GONE, () => aws.client(SecretsManagerClient).send(new DescribeSecretCommand({ SecretId: name })))) !== undefined,
  async create(work) {
    const client = work.aws.client(SecretsManagerClient);
    const { Description, Tags } = work.properties;
    // A generated secret is another one at each try: what an earlier try made stays as it is.
    const earlier = work.again ? await unlessGone(GONE, () => client.send(new DescribeSecretCommand({ SecretId: work.name }))) : undefined;
    if (earlier?.ARN && !earlier.DeletedDate) return made(earlier.ARN);
    const { ARN = "" } = await client.send(
      new CreateSecretCommand({ Name: work.name, Description, SecretString: await secretOf(work), Tags, ClientRequestToken: tokenOf(work) }),
    );
    return made(ARN);
  },
  async update(change) {
    const { physicalId: SecretId, properties, was, aws } = change;
    const client = aws.client(SecretsManagerClient);
    const same = JSON.stringify([was.SecretString, was.GenerateSecretString]) === JSON.stringify([properties.SecretString, properties.GenerateSecretString]);
    const SecretString = same ? undefined : await secretOf(change);
    await client.send(new UpdateSecretCommand({ SecretId, Description: properties.Description ?? "", SecretString, ClientRequestToken: tokenOf(change) }));
    const { set, gone } = changedTags(tagMap(was.Tags), tagMap(properties.Tags));
    const Tags = Object.entries(set).map(([Key, Value]) => ({ Key, Value }));
    if (Tags.length > 0) await client.send(new TagResourceCommand({ SecretId, Tags }));
    if (gone.length > 0) await client.send(new UntagResourceCommand({ SecretId, TagKeys: gone }));
    return made(SecretId);
  },
  async delete({ aws, physicalId }) {
    await unlessGone(GONE, () => aws.client(SecretsManagerClient).send(new DeleteSecretCommand({ SecretId: physicalId, ForceDeleteWithoutRecovery: true })));
  },
};
export default type;
