/** How each service words that an input is not allowed. */
import { type Rules, rulesOf } from "../protocols/constraints.ts";
import type { Operation } from "../protocols/model.ts";
import { ServiceError } from "../protocols/operations.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { type Complaint, complaintsOf } from "../protocols/validate.ts";

interface Words {
  /** The code of a breach; the protocol's own when absent. */
  code?(complaint: Complaint): string | undefined;
  /** False: lengths, patterns and ranges are the service's own business. */
  readonly rules?: false;
}

/** CodeCommit has an exception for almost every member: `RepositoryNameRequiredException`. */
const codeCommitNouns: Record<string, string> = {
  repositoryName: "RepositoryName",
  oldName: "RepositoryName",
  newName: "RepositoryName",
  repositoryNames: "RepositoryNames",
  branchName: "BranchName",
  defaultBranchName: "BranchName",
  commitId: "CommitId",
  beforeCommitId: "CommitId",
  afterCommitId: "CommitId",
  commitIds: "CommitIdsList",
  parentCommitId: "ParentCommitId",
  commitSpecifier: "Commit",
  sourceCommitSpecifier: "Commit",
  destinationCommitSpecifier: "Commit",
  afterCommitSpecifier: "Commit",
  beforeCommitSpecifier: "Commit",
  mergeOption: "MergeOption",
  blobId: "BlobId",
  filePath: "Path",
  folderPath: "Path",
  fileContent: "FileContent",
  fileMode: "FileMode",
  resourceArn: "ResourceArn",
  tags: "TagsMap",
  tagKeys: "TagKeysList",
  title: "Title",
  targets: "Targets",
  pullRequestId: "PullRequestId",
  pullRequestStatus: "PullRequestStatus",
  revisionId: "RevisionId",
  approvalState: "ApprovalState",
  overrideStatus: "OverrideStatus",
  approvalRuleName: "ApprovalRuleName",
  approvalRuleContent: "ApprovalRuleContent",
  newRuleContent: "ApprovalRuleContent",
  approvalRuleTemplateName: "ApprovalRuleTemplateName",
  oldApprovalRuleTemplateName: "ApprovalRuleTemplateName",
  newApprovalRuleTemplateName: "ApprovalRuleTemplateName",
  approvalRuleTemplateContent: "ApprovalRuleTemplateContent",
  commentId: "CommentId",
  inReplyTo: "CommentId",
  content: "CommentContent",
  reactionValue: "ReactionValue",
  kmsKeyId: "EncryptionKey",
  triggers: "RepositoryTriggersList",
  name: "RepositoryTriggerName",
  destinationArn: "RepositoryTriggerDestinationArn",
  events: "RepositoryTriggerEventsList",
  sourceReference: "ReferenceName",
  replacementType: "ReplacementType",
};

const words: Record<string, Words> = {
  codecommit: {
    rules: false,
    code({ kind, member }) {
      const noun = codeCommitNouns[member];
      return kind === "required" && noun !== undefined ? `${noun}RequiredException` : undefined;
    },
  },
  logs: { code: () => "InvalidParameterException" },
  s3: { rules: false, code: () => "MalformedXML" },
};
const noRules: Rules = { rules: [], structures: {} };

/** Throws one error that names all that is wrong. */
export async function checkInput(service: string, operation: Operation, input: unknown, protocol: Protocol): Promise<void> {
  if (input === null || typeof input !== "object" || Array.isArray(input))
    throw new ServiceError(protocol.malformed, "The input must be a structure.");
  const own = words[service] ?? {};
  const found = operation.input.isUnitSchema()
    ? []
    : complaintsOf(operation.input, input, own.rules === false ? noRules : await rulesOf(service));
  const [first] = found;
  if (!first) return;
  const types = found.filter(({ kind }) => kind === "type");
  if (types.length > 0) throw new ServiceError(protocol.malformed, types.map(({ text }) => text).join(" "));
  const plural = found.length > 1 ? "s" : "";
  const message = `${found.length} validation error${plural} detected: ${found.map(({ text }) => text).join("; ")}`;
  throw new ServiceError(own.code?.(first) ?? protocol.invalid, message);
}
