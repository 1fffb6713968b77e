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
import type { Aws } from "../../../aws/aws.ts";
import { createOnce, ResourceFailure, type ResourceType, unlessGone } from "./resource.ts";
import { changeTags, differ } from "./tools.ts";

interface Generate {
  readonly SecretStringTemplate?: string;
  readonly GenerateStringKey?: string;
  readonly [rule: string]: unknown;
}
/** A random secret: alone, or as one field of a template of the user's. */
const generate = async (aws: Aws, wish: Generate): Promise<string> => {
  const { SecretStringTemplate, GenerateStringKey, ...rules } = wish;
  if ((SecretStringTemplate === undefined) !== (GenerateStringKey === undefined))
    throw new ResourceFailure("SecretStringTemplate and GenerateStringKey must be given together");
  const { RandomPassword = "" } = await aws.client(SecretsManagerClient).send(new GetRandomPasswordCommand(rules));
  if (SecretStringTemplate === undefined) return RandomPassword;
  try {
    return JSON.stringify({ ...(JSON.parse(SecretStringTemplate) as object), [GenerateStringKey as string]: RandomPassword });
  } catch {
    throw new ResourceFailure("SecretStringTemplate is no JSON object");
  }
};
const look = (aws: Aws, id: string) => aws.client(SecretsManagerClient).send(new DescribeSecretCommand({ SecretId: id }));
const gone = ["ResourceNotFoundException"];

export default {
  properties: ["Name", "Description", "SecretString", "GenerateSecretString", "Tags"],
  name: { property: "Name", most: 512 },

  async taken({ aws, name }) {
    return (await unlessGone(gone, () => look(aws, name))) !== undefined;
  },
  async create(work) {
    const { Description, SecretString, GenerateSecretString, Tags } = work.properties;
    if (SecretString !== undefined && GenerateSecretString !== undefined)
      throw new ResourceFailure("You can't specify both SecretString and GenerateSecretString");
    const value = SecretString ?? (await generate(work.aws, GenerateSecretString ?? {}));
    await createOnce(work, ["ResourceExistsException"], () =>
      work.aws
        .client(SecretsManagerClient)
        .send(new CreateSecretCommand({ Name: work.name, Description, SecretString: value, Tags, ClientRequestToken: work.token })),
    );
    const { ARN = "" } = await look(work.aws, work.name);
    return { physicalId: ARN, attributes: { Id: ARN } };
  },
  async update({ aws, physicalId, properties, was, token }) {
    const client = aws.client(SecretsManagerClient);
    const fresh = differ(was, properties, "SecretString", "GenerateSecretString");
    const value = fresh ? (properties.SecretString ?? (await generate(aws, properties.GenerateSecretString ?? {}))) : undefined;
    if (fresh || differ(was, properties, "Description")) {
      // Tried again, the same token with another random value would be a conflict: the first value stands.
      await unlessGone(["ResourceExistsException"], () =>
        client.send(
          new UpdateSecretCommand({
            SecretId: physicalId,
            Description: properties.Description ?? "",
            ...(fresh && { SecretString: value, ClientRequestToken: token }),
          }),
        ),
      );
    }
    await changeTags(
      was.Tags,
      properties.Tags,
      (Tags) => client.send(new TagResourceCommand({ SecretId: physicalId, Tags })),
      (TagKeys) => client.send(new UntagResourceCommand({ SecretId: physicalId, TagKeys })),
    );
    return { physicalId, attributes: { Id: physicalId } };
  },
  async delete({ aws, physicalId }) {
    await unlessGone(gone, () =>
      aws.client(SecretsManagerClient).send(new DeleteSecretCommand({ SecretId: physicalId, ForceDeleteWithoutRecovery: true })),
    );
  },
} satisfies ResourceType;
