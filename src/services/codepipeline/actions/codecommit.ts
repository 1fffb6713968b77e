/** Source: the head of a CodeCommit branch, as a zip of its tree. */
import { request } from "node:http";
import type { Readable } from "node:stream";
import type { Commit } from "@aws-sdk/client-codecommit";
import { copySource, putArtifact } from "../artifacts.ts";
import { commitLink } from "../links.ts";
import type { Located, Revision } from "../records.ts";
import { sessionName } from "../session.ts";
import { type Act, failed, type Outcome, type Provider } from "./action.ts";

/** Where this process put a commit last, so that the same commit is copied and not packed again. Only a cache. */
const packed = new Map<string, Located & { commit: string }>();
const mostPacked = 1_000;

const start = async (act: Act): Promise<Outcome> => {
  const { RepositoryName: repositoryName = "", BranchName: branchName = "" } = act.run.configuration;
  const { CodeCommitClient, GetBranchCommand, GetCommitCommand } = await import("@aws-sdk/client-codecommit");
  const client = act.aws.client(CodeCommitClient);
  let commitId = act.execution.overrides[act.action.name]?.value ?? "";
  let commit: Commit | undefined;
  try {
    if (commitId === "") commitId = (await client.send(new GetBranchCommand({ repositoryName, branchName }))).branch!.commitId!;
    const metadata = { "mayfly-repository": repositoryName, "mayfly-commit": commitId, "mayfly-branch": branchName };
    const described = client.send(new GetCommitCommand({ repositoryName, commitId }));
    const [of, stored] = await Promise.allSettled([described, store(act, act.run.outputs[0]!, repositoryName, commitId, metadata)]);
    // That there is no such commit says more than that it could not be fetched.
    if (of.status === "rejected") throw of.reason;
    if (stored.status === "rejected") throw stored.reason;
    commit = of.value.commit;
  } catch (error) {
    const complaint = missing(error as Error, repositoryName, branchName, commitId);
    if (complaint === undefined) throw error;
    return failed("ConfigurationError", complaint);
  }
  const revision: Revision = {
    id: commitId,
    summary: commit?.message?.trimEnd(),
    url: commitLink(act.context.endpoint(), act.place.region, repositoryName, commitId),
    created: gitTime(commit?.committer?.date)?.getTime(),
    author: commit?.author?.name,
  };
  return {
    kind: "succeeded",
    revision,
    externalId: commitId,
    externalUrl: revision.url,
    summary: revision.summary,
    variables: {
      AuthorDate: iso(commit?.author?.date),
      BranchName: branchName,
      CommitId: commitId,
      CommitMessage: commit?.message ?? "",
      CommitterDate: iso(commit?.committer?.date),
      RepositoryName: repositoryName,
    },
  };
};

const missing = (error: Error, repository: string, branch: string, commit: string): string | undefined =>
  error.name === "BranchDoesNotExistException"
    ? `The action failed because no branch named ${branch} was found in the selected AWS CodeCommit repository ${repository}. Make sure you are using the correct branch name, and then try again.`
    : error.name === "RepositoryDoesNotExistException"
      ? `The action failed because no repository named ${repository} was found in AWS CodeCommit. Make sure you are using the correct repository name, and then try again.`
      : error.name === "CommitIdDoesNotExistException"
        ? `The action failed because no commit ${commit} was found in the selected AWS CodeCommit repository ${repository}.`
        : undefined;

/** `1446045105 -0800`, as git writes moments. */
const gitTime = (text: string | undefined): Date | undefined => {
  const seconds = /^(\d+) /.exec(text ?? "")?.[1];
  return seconds === undefined ? undefined : new Date(Number(seconds) * 1000);
};
const iso = (text: string | undefined): string => gitTime(text)?.toISOString().replace(".000Z", "Z") ?? "";

const store = async (act: Act, to: Located, repository: string, commit: string, metadata: Record<string, string>): Promise<void> => {
  const { account, region, pipeline } = act.place;
  const key = [account, region, pipeline, act.action.name, repository, metadata["mayfly-branch"]].join("\0");
  const last = packed.get(key);
  if (last?.commit !== commit || last.bucket !== to.bucket || !(await copy(act, last, to)))
    await putArtifact(act, to, await archive(act, repository, commit), metadata);
  packed.delete(key);
  packed.set(key, { ...to, commit });
  if (packed.size > mostPacked) packed.delete(packed.keys().next().value!);
};

/** False: what should be copied is not there any more. */
const copy = async (act: Act, from: Located, to: Located): Promise<boolean> => {
  const { CopyObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  try {
    await act.aws
      .client(S3Client)
      .send(new CopyObjectCommand({ Bucket: to.bucket, Key: to.key, CopySource: copySource(from.bucket, from.key) }));
    return true;
  } catch (error) {
    if (["NoSuchKey", "NoSuchBucket", "NotFound"].includes((error as Error).name)) return false;
    throw error;
  }
};

interface GitCredentials {
  user: string;
  password: string;
  until: number;
}
const credentials = new Map<string, GitCredentials>();

/** Git knows no in-process client: the role's own credentials sign in, like anybody's. */
const credentialsOf = async (act: Act): Promise<GitCredentials> => {
  const known = credentials.get(act.roleArn);
  if (known && known.until > Date.now()) return known;
  const { AssumeRoleCommand, STSClient } = await import("@aws-sdk/client-sts");
  const answer = await act.context.aws
    .at(act.place)
    .client(STSClient)
    .send(new AssumeRoleCommand({ RoleArn: act.roleArn, RoleSessionName: sessionName(act.place) }));
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials!;
  const made = { user: `${AccessKeyId}%${SessionToken}`, password: SecretAccessKey!, until: (Expiration?.getTime() ?? 0) - 300_000 };
  if (credentials.size > mostPacked) credentials.clear();
  credentials.set(act.roleArn, made);
  return made;
};

const archive = async (act: Act, repository: string, commit: string, again = true): Promise<AsyncIterable<Uint8Array>> => {
  const { user, password } = await credentialsOf(act);
  const path = `/${act.place.region}/v1/repos/${encodeURIComponent(repository)}/archive/${commit}.zip`;
  const response = await get(`${act.context.endpoint()}${path}`, `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`);
  if (response.statusCode === 200) return complete(response);
  response.resume();
  // A server that forgot everything also forgot the credentials that we remember.
  if (response.statusCode === 401 && again && credentials.delete(act.roleArn)) return archive(act, repository, commit, false);
  throw new Error(`CodeCommit answered ${response.statusCode} to ${path}`);
};

const get = (url: string, authorization: string) =>
  new Promise<Readable & { statusCode?: number; complete: boolean }>((resolve, reject) => {
    request(url, { headers: { authorization } }, resolve).on("error", reject).end();
  });

/** An answer that broke off must not pass for a whole archive. */
async function* complete(response: Readable & { complete: boolean }): AsyncGenerator<Uint8Array> {
  for await (const chunk of response) yield chunk as Uint8Array;
  if (!response.complete) throw new Error("the connection broke while the source was fetched");
}

export const codeCommit: Provider = {
  category: "Source",
  provider: "CodeCommit",
  inputs: { min: 0, max: 0 },
  outputs: { min: 1, max: 1 },
  properties: [
    { name: "RepositoryName", required: true, description: "The name of the CodeCommit repository" },
    { name: "BranchName", required: true, description: "The branch whose changes are detected" },
    {
      name: "PollForSourceChanges",
      required: false,
      values: ["true", "false"],
      description: "Whether pushes to the branch start the pipeline (default: true)",
    },
    {
      name: "OutputArtifactFormat",
      required: false,
      values: ["CODE_ZIP", "CODEBUILD_CLONE_REF"],
      description: "Both are a zip here, from which CodeBuild makes a real checkout",
    },
  ],
  timeoutMinutes: 60,
  start,
};
