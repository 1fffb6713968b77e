import type { Aws } from "../../../aws/aws.ts";
import { cloneRepository } from "../clone.ts";
import { codeCommitRepository } from "../declaration.ts";
import type { Commit } from "../records.ts";
import { type Fetched, type Source, SourceError, type Wanted } from "./source.ts";

export const codeCommitUrl = (region: string, name: string) => `https://git-codecommit.${region}.amazonaws.com/v1/repos/${name}`;

/** The address on this server of what git knows by its AWS address, for each repository of a region. */
export const mirror = (endpoint: string, region: string) => ({
  prefix: `https://git-codecommit.${region}.amazonaws.com/v1/repos/`,
  instead: `${endpoint}/${region}/v1/repos/`,
});

/** A full checkout of a CodeCommit repository, signed in as the build's role. */
export const checkout = async (
  wanted: Wanted,
  repository: { region: string; name: string },
  at: { version?: string; branch?: string; depth: number },
): Promise<Fetched> => {
  const url = codeCommitUrl(repository.region, repository.name);
  const { accessKeyId, secretAccessKey, sessionToken } = wanted.credentials;
  const { id, told } = await cloneRepository({
    url,
    folder: wanted.folder,
    ...at,
    submodules: wanted.source.gitSubmodulesConfig?.fetchSubmodules ?? false,
    at: mirror(wanted.endpoint, repository.region),
    bundle: (branch) =>
      `${wanted.endpoint}/${repository.region}/v1/repos/${encodeURIComponent(repository.name)}/bundle/${encodeURIComponent(branch)}`,
    tell: (commit) => commitOf(wanted.aws.at({ account: wanted.account, region: repository.region }), repository.name, commit),
    authorization: { address: `${wanted.endpoint}/`, basic: `${accessKeyId}%${sessionToken}:${secretAccessKey}` },
    signal: wanted.signal,
  });
  return { resolved: id, commit: told, repositoryUrl: url };
};

const commitOf = async (aws: Aws, name: string, commitId: string): Promise<Commit> => {
  const { CodeCommitClient, GetCommitCommand } = await import("@aws-sdk/client-codecommit");
  const { commit } = await aws.client(CodeCommitClient).send(new GetCommitCommand({ repositoryName: name, commitId }));
  return { id: commitId, author: `${commit?.author?.name ?? ""} <${commit?.author?.email ?? ""}>`, message: commit?.message?.trim() ?? "" };
};

export const codeCommit: Source = async (wanted) => {
  const { location = "", gitCloneDepth } = wanted.source;
  const repository = codeCommitRepository(location);
  if (!repository) throw new SourceError(`${location} is not the address of a CodeCommit repository`);
  return checkout(wanted, repository, { version: wanted.version, depth: gitCloneDepth ?? 0 });
};
