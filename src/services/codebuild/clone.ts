/** Fetches a git repository with the system's git: without anybody's configuration, credentials, hooks or filters. */
import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { download } from "./download.ts";
import type { Commit } from "./records.ts";
import { SourceError } from "./sources/source.ts";

export interface Clone {
  readonly url: string;
  readonly folder: string;
  /** Commit, branch, tag or full reference; the default branch when absent. */
  readonly version?: string;
  /** The branch that `version`, a commit, is expected on. */
  readonly branch?: string;
  /** 0 is the whole history. */
  readonly depth: number;
  readonly submodules: boolean;
  /** Where `url` really is, when that is another address than the one to remember. */
  readonly at?: { readonly prefix: string; readonly instead: string };
  /** Where our own server hands out a branch as one file: half the processes of a fetch. */
  readonly bundle?: (branch: string) => string;
  /** Tells a commit's author and message quicker than git does. */
  readonly tell?: (commit: string) => Promise<Commit>;
  /** Sent to that address only. */
  readonly authorization?: { readonly address: string; readonly basic: string };
  readonly insecure?: boolean;
  readonly signal: AbortSignal;
}

type Settings = readonly (readonly [string, string])[];

const environmentOf = (clone: Clone, more: Settings = []): Record<string, string> => {
  const settings: (readonly [string, string])[] = [
    ["core.hooksPath", "/dev/null"],
    ["core.fsmonitor", "false"],
    ["init.templateDir", ""],
    ["init.defaultBranch", "master"],
    ["advice.detachedHead", "false"],
    ["protocol.allow", "never"],
    ["protocol.http.allow", "always"],
    ["protocol.https.allow", "always"],
    ["core.fsync", "none"],
    ["gc.auto", "0"],
    ["safe.directory", "*"],
  ];
  if (clone.at) settings.push([`url.${clone.at.instead}.insteadOf`, clone.at.prefix]);
  if (clone.authorization)
    settings.push([
      `http.${clone.authorization.address}.extraHeader`,
      `Authorization: Basic ${Buffer.from(clone.authorization.basic).toString("base64")}`,
    ]);
  if (clone.insecure) settings.push(["http.sslVerify", "false"]);
  settings.push(...more);
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    LC_ALL: "C",
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
};

export interface Cloned {
  readonly id: string;
  /** Never rejects. Undefined: git does not tell. */
  readonly told: Promise<Commit | undefined>;
}

/** What was checked out. Throws `SourceError` with what git said. */
export const cloneRepository = async (clone: Clone): Promise<Cloned> => {
  const env = environmentOf(clone);
  const git = (...args: string[]) => runGit(args, clone.folder, env, clone.signal);
  const must = async (...args: string[]) => {
    const { code, stdout, stderr } = await git(...args);
    if (code !== 0) throw new SourceError(`git ${args[0]} of ${clone.url} failed: ${lastLine(stderr)}`);
    return stdout;
  };
  const depth = clone.depth > 0 ? ["--depth", String(clone.depth)] : [];
  const wanted = clone.version?.replace(/^refs\/(heads|tags)\//, "");
  const commit = wanted !== undefined && /^[0-9a-f]{40}$/.test(wanted) ? wanted : undefined;
  await mkdir(clone.folder, { recursive: true });

  if (commit === undefined) {
    // A shorter way of saying "that branch or tag", for which git needs no second look at the server.
    const single = clone.depth > 0 ? ["--single-branch"] : [];
    const branch = wanted ? ["--branch", wanted] : [];
    const { code, stderr } = await git("clone", "-q", ...depth, ...single, ...branch, clone.url, ".");
    if (code !== 0) {
      if (!wanted || !/Remote branch .* not found/.test(stderr) || !/^[0-9a-f]{4,39}$/.test(wanted))
        throw new SourceError(`git clone of ${clone.url} failed: ${lastLine(stderr)}`);
      await must("clone", "-q", clone.url, ".");
      await must("checkout", "-q", "--detach", wanted);
    }
  } else {
    const branch = clone.branch;
    const began =
      (await cloneBundle(clone)) ??
      (await git(
        "clone",
        "-q",
        ...depth,
        ...(branch ? ["--single-branch", "--branch", branch] : clone.depth > 0 ? ["--no-checkout"] : []),
        clone.url,
        ".",
      ));
    if (began.code !== 0) {
      if (!/Remote branch .* not found/.test(began.stderr))
        throw new SourceError(`git clone of ${clone.url} failed: ${lastLine(began.stderr)}`);
      await must("init", "-q", ".");
      await must("remote", "add", "origin", clone.url);
    }
    const head = await headOf(clone.folder);
    if (head !== commit) {
      if ((await git("cat-file", "-e", `${commit}^{commit}`)).code !== 0) await must("fetch", "-q", ...depth, "origin", commit);
      await must("checkout", "-q", ...(branch ? ["-B", branch] : ["--detach"]), commit);
    } else if (!branch) await must("checkout", "-q", "--detach", commit);
    else if (!clone.submodules) return { id: commit, told: tell(clone, git, commit) };
  }
  if (clone.submodules) await must("submodule", "update", "-q", "--init", "--recursive", ...depth);
  const told = await describe(git);
  if (!told) throw new SourceError(`${clone.url} has no commit to build`);
  if (commit !== undefined && told.id !== commit) throw new SourceError(`${clone.url} could not be brought to ${commit}`);
  return { id: told.id, told: Promise.resolve(told) };
};

const tell = async (clone: Clone, git: Git, commit: string): Promise<Commit | undefined> => {
  try {
    return (await clone.tell?.(commit).catch(() => undefined)) ?? (await describe(git));
  } catch {
    return undefined;
  }
};

/** Undefined: it is not to be had so. */
const cloneBundle = async (clone: Clone): Promise<GitResult | undefined> => {
  const { branch, bundle, folder, url, authorization, signal } = clone;
  if (!bundle || !branch || clone.depth > 0 || clone.submodules) return undefined;
  const file = `${folder}.bundle`;
  try {
    if (!(await download(bundle(branch), authorization?.basic ?? "", file, signal))) return undefined;
    // The clone remembers the repository's address, though it reads the file.
    const env = environmentOf(clone, [
      ["protocol.file.allow", "always"],
      [`url.${file}.insteadOf`, url],
    ]);
    const result = await runGit(["clone", "-q", "--single-branch", "--branch", branch, url, "."], folder, env, signal);
    return result.code === 0 ? result : undefined;
  } finally {
    await rm(file, { force: true });
  }
};

/** What stands in the work tree, as far as two files tell. */
const headOf = async (folder: string): Promise<string | undefined> => {
  const read = (file: string) => readFile(join(folder, ".git", file), "utf8").catch(() => "");
  const head = (await read("HEAD")).trim();
  return head.startsWith("ref: refs/") ? (await read(head.slice(5))).trim() : head;
};

type Git = (...args: string[]) => Promise<GitResult>;
const describe = async (git: Git): Promise<Commit | undefined> => {
  const { code, stdout } = await git("log", "-1", "--no-show-signature", "--format=%H%x00%an <%ae>%x00%B");
  if (code !== 0) return undefined;
  const [id = "", author = "", message = ""] = stdout.split("\0");
  return { id, author, message: message.trim() };
};

interface GitResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
const runGit = (args: readonly string[], cwd: string, env: Record<string, string>, signal: AbortSignal): Promise<GitResult> =>
  new Promise((resolve, reject) => {
    const child = spawn("git", args, { cwd, env, signal, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr = (stderr + text).slice(-8192)));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
const lastLine = (text: string) =>
  text
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .at(-1) ?? "no reason given";
