import {
  CodeCommitClient,
  CreateCommitCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  GetBranchCommand,
  GetRepositoryCommand,
  PutRepositoryTriggersCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateDefaultBranchCommand,
  UpdateRepositoryDescriptionCommand,
  UpdateRepositoryNameCommand,
} from "@aws-sdk/client-codecommit";
import type { Aws } from "../../../aws/aws.ts";
import { createOnce, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { camelCase, changeTags, differ, tagMap } from "./tools.ts";
import { filesOfArchive } from "./archive.ts";

const type = "AWS::CodeCommit::Repository";
const missing = ["RepositoryDoesNotExistException"];
const metadata = async (aws: Aws, name: string) => {
  const { repositoryMetadata } = await aws.client(CodeCommitClient).send(new GetRepositoryCommand({ repositoryName: name }));
  return repositoryMetadata ?? {};
};
const made = async (aws: Aws, name: string) => {
  const { repositoryId = "", Arn, cloneUrlHttp, cloneUrlSsh } = await metadata(aws, name);
  return {
    physicalId: repositoryId,
    attributes: { Arn, CloneUrlHttp: cloneUrlHttp, CloneUrlSsh: cloneUrlSsh, Name: name, RepositoryId: repositoryId },
  };
};
/** A commit through the API holds so many files at most. */
const filesPerCommit = 100;

/** First content from an archive in S3, unless the branch is there already. */
const seed = async (work: Work, repositoryName: string): Promise<void> => {
  const { BranchName: branchName = "main", S3: source } = work.properties.Code;
  const client = work.aws.client(CodeCommitClient);
  const branch = await unlessGone(["BranchDoesNotExistException"], () => client.send(new GetBranchCommand({ repositoryName, branchName })));
  let parentCommitId = branch?.branch?.commitId;
  if (parentCommitId && !work.again) return;
  const files = await filesOfArchive(work.aws, source);
  for (let from = 0; from < files.length; from += filesPerCommit) {
    const putFiles = files.slice(from, from + filesPerCommit);
    const last = await unlessGone(["NoChangeException"], () =>
      client.send(
        new CreateCommitCommand({
          repositoryName,
          branchName,
          parentCommitId,
          commitMessage: "Initial commit",
          authorName: "CloudFormation",
          email: "cloudformation@amazonaws.com",
          putFiles,
        }),
      ),
    );
    parentCommitId = last?.commitId ?? parentCommitId;
  }
  if (files.length > 0) await client.send(new UpdateDefaultBranchCommand({ repositoryName, defaultBranchName: branchName }));
};
const setTriggers = async (work: Pick<Work, "aws" | "properties">, repositoryName: string): Promise<void> => {
  const { triggers = [] } = camelCase(type, { Triggers: work.properties.Triggers ?? [] });
  await work.aws.client(CodeCommitClient).send(new PutRepositoryTriggersCommand({ repositoryName, triggers }));
};

export default {
  properties: ["RepositoryName", "RepositoryDescription", "Code", "Tags", "Triggers"],
  name: { property: "RepositoryName", most: 100 },
  // A rename keeps the repository, as AWS does it.
  changing: ["Name", "CloneUrlHttp", "CloneUrlSsh", "Arn"],

  async taken({ aws, name }) {
    return (await unlessGone(missing, () => metadata(aws, name))) !== undefined;
  },
  replaces: () => false,

  async create(work) {
    const { RepositoryName, RepositoryDescription, Code, Tags, Triggers } = work.properties;
    await createOnce(work, ["RepositoryNameExistsException"], () =>
      work.aws
        .client(CodeCommitClient)
        .send(
          new CreateRepositoryCommand({ repositoryName: RepositoryName, repositoryDescription: RepositoryDescription, tags: tagMap(Tags) }),
        ),
    );
    const result = await made(work.aws, RepositoryName);
    work.exists(result.physicalId);
    if (Code) await seed(work, RepositoryName);
    if (Triggers) await setTriggers(work, RepositoryName);
    return result;
  },
  async update(change) {
    const { aws, properties, was } = change;
    const client = aws.client(CodeCommitClient);
    const { RepositoryName: name } = properties;
    if (was.RepositoryName !== name) {
      const already = change.again && (await unlessGone(missing, () => metadata(aws, name))) !== undefined;
      if (!already) await client.send(new UpdateRepositoryNameCommand({ oldName: was.RepositoryName, newName: name }));
    }
    if (differ(was, properties, "RepositoryDescription")) {
      await client.send(
        new UpdateRepositoryDescriptionCommand({ repositoryName: name, repositoryDescription: properties.RepositoryDescription ?? "" }),
      );
    }
    if (differ(was, properties, "Triggers")) await setTriggers(change, name);
    const result = await made(aws, name);
    const resourceArn = result.attributes.Arn;
    await changeTags(
      was.Tags,
      properties.Tags,
      (tags) => client.send(new TagResourceCommand({ resourceArn, tags: tagMap(tags) })),
      (tagKeys) => client.send(new UntagResourceCommand({ resourceArn, tagKeys })),
    );
    return result;
  },
  async delete({ aws, properties }) {
    await aws.client(CodeCommitClient).send(new DeleteRepositoryCommand({ repositoryName: properties.RepositoryName }));
  },
} satisfies ResourceType;
