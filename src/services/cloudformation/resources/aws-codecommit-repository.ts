import {
  CodeCommitClient,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  GetRepositoryCommand,
  PutRepositoryTriggersCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateRepositoryDescriptionCommand,
  UpdateRepositoryNameCommand,
} from "@aws-sdk/client-codecommit";
import { lowerKeys } from "./lower-keys.ts";
import { seedRepository } from "./repository-seed.ts";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { changedTags, tagMap } from "./tags.ts";

const GONE = ["RepositoryDoesNotExistException"];
const made = async ({ aws }: Work, repositoryName: string) => {
  const { repositoryMetadata } = await aws.client(CodeCommitClient).send(new GetRepositoryCommand({ repositoryName }));
  const { repositoryId = "", Arn, cloneUrlHttp, cloneUrlSsh } = repositoryMetadata ?? {};
  return { physicalId: repositoryId, attributes: { Arn, CloneUrlHttp: cloneUrlHttp, CloneUrlSsh: cloneUrlSsh, Name: repositoryName, RepositoryId: repositoryId } };
};
const setTriggers = async ({ aws }: Work, repositoryName: string, was: unknown[] = [], wanted: unknown[] = []) => {
  if (JSON.stringify(was) === JSON.stringify(wanted)) return;
  await aws.client(CodeCommitClient).send(new PutRepositoryTriggersCommand({ repositoryName, triggers: lowerKeys(wanted) }));
};

const type: ResourceType = {
  properties: ["Code", "RepositoryDescription", "RepositoryName", "Tags", "Triggers"],
  name: { property: "RepositoryName", most: 100 },
  changing: ["Arn", "CloneUrlHttp", "CloneUrlSsh", "Name"],
  replaces: () => false,
  taken: async ({ aws, name }) =>
    (await unlessGone(GONE, () => aws.client(CodeCommitClient).send(new GetRepositoryCommand({ repositoryName: name })))) !== undefined,
  async create(work) {
    const { aws, name: repositoryName, properties } = work;
    const { RepositoryDescription: repositoryDescription, Tags, Triggers, Code } = properties;
    await createOnce(work, ["RepositoryNameExistsException"], () =>
      aws.client(CodeCommitClient).send(new CreateRepositoryCommand({ repositoryName, repositoryDescription, tags: tagMap(Tags) })),
    );
    const result = await made(work, repositoryName);
    work.exists(result.physicalId);
    await setTriggers(work, repositoryName, [], Triggers);
    if (Code) await seedRepository(aws, repositoryName, Code);
    return result;
  },
  async update(change) {
    const { aws, properties, was, attributes } = change;
    const client = aws.client(CodeCommitClient);
    const repositoryName: string = properties.RepositoryName;
    if (was.RepositoryName !== repositoryName)
      await client.send(new UpdateRepositoryNameCommand({ oldName: was.RepositoryName, newName: repositoryName }));
    await client.send(new UpdateRepositoryDescriptionCommand({ repositoryName, repositoryDescription: properties.RepositoryDescription ?? "" }));
    await setTriggers(change, repositoryName, was.Triggers, properties.Triggers);
    const { set, gone } = changedTags(tagMap(was.Tags), tagMap(properties.Tags));
    const resourceArn = (attributes.Arn as string).replace(/[^:]+$/, repositoryName);
    if (Object.keys(set).length > 0) await client.send(new TagResourceCommand({ resourceArn, tags: set }));
    if (gone.length > 0) await client.send(new UntagResourceCommand({ resourceArn, tagKeys: gone }));
    return made(change, repositoryName);
  },
  async delete({ aws, properties }) {
    await aws.client(CodeCommitClient).send(new DeleteRepositoryCommand({ repositoryName: properties.RepositoryName }));
  },
};
export default type;
