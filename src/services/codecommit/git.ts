/** How we start the system's git: never with the configuration, credentials or hooks of whoever runs the server. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface GitOptions {
  /** The repository; absent for commands that need none. */
  readonly dir?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
}

const settings = [
  // The data folder may belong to another user than the process (a mounted volume).
  ["safe.directory", "*"],
  // What must last is in the store; the folder here can be made again.
  ["core.fsync", "none"],
  ["gc.auto", "0"],
  ["advice.detachedHead", "false"],
];

export const gitEnv = (options: GitOptions = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
  LC_ALL: "C",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_CONFIG_COUNT: String(settings.length),
  ...Object.fromEntries(
    settings.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ),
  ...(options.dir === undefined ? {} : { GIT_DIR: options.dir }),
  ...options.env,
});

export const startGit = (args: readonly string[], options: GitOptions = {}): ChildProcessWithoutNullStreams =>
  spawn("git", args, { env: gitEnv(options), cwd: "/", stdio: "pipe" });

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs to the end and collects what was said. A non-zero exit is an answer; a missing git is an error. */
export const runGit = (args: readonly string[], options: GitOptions = {}): Promise<GitResult> =>
  resultOf(startGit(args, options), (child) => child.stdin.end(options.stdin ?? ""));

export const resultOf = (
  child: ChildProcessWithoutNullStreams,
  feed: (child: ChildProcessWithoutNullStreams) => void,
): Promise<GitResult> =>
  new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let heard = 0;
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      // Enough for a message; a broken pack can complain about each of its objects.
      if (heard < 64 * 1024) stderr.push(chunk);
      heard += chunk.length;
    });
    child.on("error", reject);
    // Git may end before it has read everything (a broken pack): its exit tells more than the pipe.
    child.stdin.on("error", () => {});
    child.on("close", (code, signal) =>
      resolve({
        code: code ?? 128,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString("utf8").trim() || (signal ? `ended by ${signal}` : ""),
      }),
    );
    feed(child);
  });

/** The same, for when any other exit than 0 is a fault of ours. */
export const mustGit = async (args: readonly string[], options: GitOptions = {}): Promise<Buffer> => {
  const result = await runGit(args, options);
  if (result.code !== 0) throw new Error(`git ${args[0]} failed (${result.code}): ${result.stderr}`);
  return result.stdout;
};

/** What git writes, as it writes it. Whoever stops reading stops git. `mustSucceed`: an exit other than 0 is an error of the stream. */
export const streamGit = (args: readonly string[], options: GitOptions, input?: Readable, mustSucceed = false): Readable => {
  const child = startGit(args, options);
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  exit.catch(() => {});
  child.stdin.on("error", () => {});
  child.stderr.resume();
  if (input) pipeline(input, child.stdin).catch(() => child.stdin.end());
  else child.stdin.end();
  async function* output() {
    try {
      for await (const chunk of child.stdout) yield chunk as Buffer;
      const code = await exit;
      if (mustSucceed && code !== 0) throw new Error(`git ${args[0]} failed (${code})`);
    } finally {
      if (child.exitCode === null) child.kill();
    }
  }
  return Readable.from(output(), { objectMode: false });
};
