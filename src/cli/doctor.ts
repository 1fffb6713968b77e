import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { promisify } from "node:util";

export const help = `Usage: mayfly doctor

Says which engines, runtimes and tools are on this machine, and how to get the missing ones.
Exits with 1 when something that every pipeline needs is missing.
`;

interface Finding {
  readonly name: string;
  readonly use: string;
  readonly needed: boolean;
  readonly found?: string;
  readonly get: string;
}

const execute = promisify(execFile);
/** The first line that the program says of itself, or nothing when it does not run. */
const says = async (program: string, ...args: string[]): Promise<string | undefined> => {
  try {
    const { stdout, stderr } = await execute(program, args, { timeout: 10_000 });
    return (stdout || stderr)
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trim();
  } catch {
    return undefined;
  }
};

/** `cat-file --batch-command` came with 2.36. */
const gitVersion = async (): Promise<string | undefined> => {
  const said = await says("git", "--version");
  const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(said ?? "")?.map(Number) ?? [];
  return major > 2 || (major === 2 && minor >= 36) ? said : undefined;
};

const sandboxWorks = async (): Promise<string | undefined> => {
  const about = await says("bwrap", "--version");
  if (!about) return undefined;
  const works = await says("bwrap", "--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "echo", "ok");
  return works === "ok" ? about : undefined;
};

const look = (): Promise<Finding[]> => {
  const apt = (name: string) => `apt-get install ${name}`;
  const found = async (finding: Omit<Finding, "found">, about: Promise<string | undefined>): Promise<Finding> => ({
    ...finding,
    found: await about,
  });
  const jdks = existsSync("/usr/lib/jvm") ? readdirSync("/usr/lib/jvm").filter((name) => existsSync(`/usr/lib/jvm/${name}/bin/javac`)) : [];
  return Promise.all([
    found({ name: "git", use: "repositories", needed: true, get: `${apt("git")} (2.36 or newer)` }, gitVersion()),
    found(
      {
        name: "bubblewrap",
        use: "engine sandbox",
        needed: true,
        get: `${apt("bubblewrap")}; where it is installed, allow user namespaces`,
      },
      sandboxWorks(),
    ),
    found(
      { name: "docker", use: "engine docker (not built yet)", needed: false, get: "not needed" },
      says("docker", "version", "--format", "{{.Server.Version}}"),
    ),
    found(
      {
        name: "node",
        use: "functions nodejs*",
        needed: false,
        get: `${apt("nodejs")}; without it the Node that Mayfly brings along runs them`,
      },
      says("/usr/bin/node", "--version"),
    ),
    found({ name: "python3", use: "functions python3*", needed: false, get: apt("python3") }, says("/usr/bin/python3", "--version")),
    found(
      { name: "java", use: "functions java*", needed: false, get: apt("default-jdk-headless") },
      Promise.resolve(jdks.length > 0 ? jdks.join(", ") : undefined),
    ),
    found({ name: "aws", use: "aws inside builds", needed: false, get: apt("awscli") }, says("/usr/bin/aws", "--version")),
    found({ name: "maven", use: "Java builds", needed: false, get: apt("maven") }, says("/usr/bin/mvn", "--version")),
  ]);
};

export const run = async (): Promise<number> => {
  const findings = await look();
  for (const { name, use, needed, found, get } of findings) {
    const mark = found ? "ok     " : needed ? "MISSING" : "-      ";
    process.stdout.write(`${mark} ${name.padEnd(11)} ${use.padEnd(30)} ${found ?? `get it: ${get}`}\n`);
  }
  return findings.every(({ needed, found }) => found || !needed) ? 0 : 1;
};
