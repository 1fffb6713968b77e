/** Real programs, as users run them. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

const execute = promisify(execFile);

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const runProgram = async (
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ran> => {
  try {
    const { stdout, stderr } = await execute(program, args, { ...options, maxBuffer: 64 << 20 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout = "", stderr = "", message } = error as Error & Partial<Ran>;
    if (typeof code !== "number") throw error;
    return { code, stdout, stderr: stderr || message };
  }
};

/** Throws with what the program said, unless it succeeds. */
export const mustRun = async (...call: Parameters<typeof runProgram>): Promise<string> => {
  const { code, stdout, stderr } = await runProgram(...call);
  if (code !== 0) throw new Error(`${call[0]} ${call[1].join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
};

/** Debian's aws CLI, and the reason why tests of it are skipped where there is none. */
export const AWS_CLI = "/usr/bin/aws";
export const withoutAws: string | false = existsSync(AWS_CLI) ? false : "Debian's awscli is not installed";

/** `aws` against an endpoint; the answer is parsed where it is JSON. Throws with what it said when it fails. */
export const awsCli =
  (endpoint: string, env: Record<string, string>) =>
  // biome-ignore lint/suspicious/noExplicitAny: whatever the CLI prints
  async (...args: string[]): Promise<any> => {
    const out = await mustRun(AWS_CLI, ["--endpoint-url", endpoint, "--output", "json", "--no-cli-pager", ...args], {
      env: { ...env, AWS_PAGER: "" },
    });
    return out.trim().startsWith("{") || out.trim().startsWith("[") ? JSON.parse(out) : out;
  };
