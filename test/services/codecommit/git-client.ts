/** Real git with nothing of this machine's configuration, in a folder that goes away. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AWS_CLI, mustRun, type Ran, runProgram } from "../../harness/programs.ts";
import type { TestServer } from "../../harness/server.ts";

export interface GitClient {
  readonly folder: string;
  /** Fails with what git said. */
  git(where: string, ...args: string[]): Promise<string>;
  /** For what should fail. */
  tryGit(where: string, ...args: string[]): Promise<Ran>;
  /** A repository there, with a commit on `main`; returns its path. */
  repository(name: string, files?: Record<string, string>): Promise<string>;
  /** Writes and commits; returns the commit's id. */
  commit(where: string, files: Record<string, string | Uint8Array>, message?: string): Promise<string>;
  end(): Promise<void>;
}

export const startGitClient = async (more: Record<string, string> = {}): Promise<GitClient> => {
  const folder = await mkdtemp(join(tmpdir(), "mayfly-git-"));
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: "Ann",
    GIT_AUTHOR_EMAIL: "ann@example.org",
    GIT_COMMITTER_NAME: "Ann",
    GIT_COMMITTER_EMAIL: "ann@example.org",
    ...more,
  };
  const client: GitClient = {
    folder,
    git: (where, ...args) => mustRun("git", args, { cwd: where, env }),
    tryGit: (where, ...args) => runProgram("git", args, { cwd: where, env }),
    async repository(name, files = { "README.md": "hello\n" }) {
      await client.git(folder, "init", "--quiet", "--initial-branch=main", name);
      await client.commit(join(folder, name), files);
      return join(folder, name);
    },
    async commit(where, files, message = "a change") {
      for (const [path, content] of Object.entries(files)) await writeFile(join(where, path), content);
      await client.git(where, "add", "--all");
      await client.git(where, "commit", "--quiet", "--message", message);
      return (await client.git(where, "rev-parse", "HEAD")).trim();
    },
    end: () => rm(folder, { recursive: true, force: true }),
  };
  return client;
};

/** The address of a repository with credentials in it. */
export const addressOf = (
  server: Pick<TestServer, "endpoint"> & Partial<Pick<TestServer, "credentials">>,
  name: string,
  user = server.credentials?.accessKeyId ?? "",
  password = server.credentials?.secretAccessKey ?? "",
): string => {
  const url = new URL(`${server.endpoint}/v1/repos/${name}`);
  return `${url.protocol}//${encodeURIComponent(user)}:${encodeURIComponent(password)}@${url.host}${url.pathname}`;
};

/** Arguments that make git sign in by the AWS CLI's own helper. */
export const withHelper = [
  "-c",
  "credential.helper=",
  "-c",
  `credential.helper=!f() { ${AWS_CLI} codecommit credential-helper "$@" --ignore-host-check; }; f`,
  "-c",
  "credential.useHttpPath=true",
];
