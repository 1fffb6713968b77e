/** Commands every build finds on its PATH beside the image's own. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** Where builds see them. */
export const toolFolder = "/codebuild/bin";

const hashFiles = `#!/bin/sh
# SHA-256 over the files that the patterns name, in the order of their names.
[ $# -gt 0 ] || { echo "usage: codebuild-hash-files <pattern>..." >&2; exit 2; }
for pattern in "$@"; do
  case $pattern in
    *'**'*) find . -type f -path "./$(printf %s "$pattern" | sed 's|\\*\\*/|*|g; s|\\*\\*|*|g')" ;;
    *) for file in $pattern; do if [ -f "$file" ]; then printf '%s\\n' "$file"; fi; done ;;
  esac
done | LC_ALL=C sort -u | while IFS= read -r file; do sha256sum "$file"; done | sha256sum | cut -d ' ' -f 1
`;

/** A CLI that does not know AWS_ENDPOINT_URL is told in its own process, so that \`cloudformation package\` and all else hear it. */
const patchedCli = (program: string) => `import os, runpy, sys
import awscli
from botocore.session import Session
create = Session.create_client
def aimed(self, *args, **options):
    if len(args) < 5 and not options.get("endpoint_url") and os.environ.get("AWS_ENDPOINT_URL"):
        options["endpoint_url"] = os.environ["AWS_ENDPOINT_URL"]
    return create(self, *args, **options)
Session.create_client = aimed
sys.argv[0] = ${JSON.stringify(program)}
runpy.run_path(${JSON.stringify(program)}, run_name="__main__")
`;

export interface Cli {
  readonly program: string;
  /** The interpreter, when it is a script of Python. */
  readonly python?: string;
  readonly version: readonly number[];
}

/** Pure: what to put before the installed CLI; nothing when it knows the variable. */
export const wrapperFor = (cli: Cli | undefined): { files: Record<string, string> } => {
  if (!cli || knowsEndpoint(cli.version)) return { files: {} };
  if (!cli.python)
    return { files: { aws: `#!/bin/sh\nexec ${cli.program} \${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} "$@"\n` } };
  return { files: { aws: `#!/bin/sh\nexec ${cli.python} ${toolFolder}/aws.py "$@"\n`, "aws.py": patchedCli(cli.program) } };
};
const knowsEndpoint = ([major = 0, minor = 0]: readonly number[]) =>
  major > 2 || (major === 2 && minor >= 13) || (major === 1 && minor >= 29);

const askVersion = async (program: string) => {
  const { stdout } = await promisify(execFile)(program, ["--version"]).catch(() => ({ stdout: "" }));
  return /^aws-cli\/(\d+)\.(\d+)/.exec(stdout);
};

const candidates = ["/usr/local/bin/aws", "/usr/bin/aws"];
/** The CLI that builds on this machine's own toolchains find. */
const installedCli = async (): Promise<Cli | undefined> => {
  for (const program of candidates) {
    const found = await stat(program).catch(() => undefined);
    if (!found) continue;
    const python = /^#! *(\S*python[\d.]*)/.exec(readFileSync(program, "latin1").slice(0, 100))?.[1];
    // Asking a CLI of Python costs a second; Debian's package tells its version in a file.
    const packaged =
      program === "/usr/bin/aws" && python
        ? await readFile("/usr/lib/python3/dist-packages/awscli/__init__.py", "utf8").catch(() => "")
        : "";
    const told = /^__version__ = ['"](\d+)\.(\d+)/m.exec(packaged) ?? (await askVersion(program));
    return { program, python, version: told?.slice(1).map(Number) ?? [0, 0] };
  }
  return undefined;
};

/** Writes the tools once for all builds; asked again, it looks only whether the CLI changed. */
export const createTools = (folder: string) => {
  let made: Promise<string> | undefined;
  let mark: number | undefined;
  const make = async () => {
    const { files } = wrapperFor(await installedCli());
    const coming = `${folder}-${process.pid}-${Date.now()}`;
    await mkdir(coming, { recursive: true });
    for (const [name, text] of Object.entries({ ...files, "codebuild-hash-files": hashFiles })) {
      await writeFile(join(coming, name), text);
      await chmod(join(coming, name), 0o755);
    }
    await chmod(coming, 0o755);
    const final = `${folder}-${digest(files)}`;
    await rename(coming, final).catch(() => rm(coming, { recursive: true, force: true }));
    return final;
  };
  const cliMark = async () => {
    for (const program of candidates) {
      const found = await stat(program).catch(() => undefined);
      if (found) return found.mtimeMs;
    }
    return undefined;
  };
  return {
    /** The folder to mount at \`toolFolder\`. */
    async folder(): Promise<string> {
      const now = await cliMark();
      if (!made || now !== mark) {
        mark = now;
        made = make();
        made.catch(() => (made = undefined));
      }
      return made;
    },
  };
};
const digest = (files: object) =>
  createHash("sha256")
    .update(hashFiles + JSON.stringify(files))
    .digest("hex")
    .slice(0, 12);
