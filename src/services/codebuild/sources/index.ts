import { codeCommit } from "./codecommit.ts";
import { codePipeline } from "./codepipeline.ts";
import { git } from "./git.ts";
import { s3 } from "./s3.ts";
import type { Source } from "./source.ts";

export const sources: Readonly<Record<string, Source>> = {
  CODECOMMIT: codeCommit,
  CODEPIPELINE: codePipeline,
  S3: s3,
  GITHUB: git,
  GITHUB_ENTERPRISE: git,
  GITLAB: git,
  GITLAB_SELF_MANAGED: git,
  BITBUCKET: git,
  NO_SOURCE: async () => ({}),
};
