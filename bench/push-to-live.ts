/**
 * From push to live of the demo application, against a bare script that does the same work without Mayfly:
 * push, clone, the build's commands, zip, copy. In turn in one run; medians of ten, and their difference and ratio.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startChild } from "../src/cli/child-server.ts";
import { followExecution } from "../src/cli/follow.ts";
import { APPLICATION, ask, createDelivery, type Git, gitIn, outputsOf, REGION, sampleIn } from "../src/cli/sample.ts";
import { clientConfig, readCredentials } from "../src/cli/server.ts";

const RUNS = 10;
const execute = promisify(execFile);

/** The same steps as demo/application/buildspec.yml and the pipeline around it. */
const BARE = `set -e
git push -q "$1" main
rm -rf "$2/clone" && git clone -q "$1" "$2/clone" && cd "$2/clone"
mkdir -p dist
sed "s/@COMMIT@/$(git rev-parse HEAD)/" src/index.mjs > dist/index.mjs
cp template.yml dist/
(cd dist && zip -q -r "$2/app.zip" .)
mkdir -p "$2/live" && cp "$2/app.zip" "$2/live/"
`;

const change = async (folder: string, git: Git, n: number): Promise<string> => {
  const file = join(folder, "src/index.mjs");
  await writeFile(file, (await readFile(file, "utf8")).replace(/const greeting = ".*";/, `const greeting = "Hello, world ${n}";`));
  await git("add", "-A");
  await git("commit", "-q", "-m", `Change ${n}`);
  return git("rev-parse", "HEAD");
};

const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? (sorted[Math.floor(middle)] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

const main = async () => {
  const data = await mkdtemp(join(tmpdir(), "mayfly-bench-"));
  const child = await startChild(data);
  try {
    const server = { data, endpoint: child.endpoint, credentials: readCredentials(data) };
    const config = clientConfig(server, REGION);
    const pipeline = await createDelivery(config);
    const folder = join(data, "work", APPLICATION);
    const git = await sampleIn(folder, server);
    const bareFolder = join(data, "bare");
    const bareWork = join(bareFolder, "work");
    await mkdir(bareFolder, { recursive: true });
    await execute("git", ["init", "-q", "--bare", "-b", "main", join(bareFolder, "origin.git")]);
    await execute("cp", ["-r", folder, bareWork]);
    const bareGit = gitIn(bareWork, {});

    // The first delivery creates the stack; the later ones are what a team sees all day.
    const first = await change(folder, git, -1);
    await git("push", "-q", "-u", "origin", "main");
    const { status } = await followExecution(config, pipeline, first, (text) => process.stderr.write(text));
    if (status !== "Succeeded") throw new Error(`the first delivery ended ${status}`);
    const { Url = "" } = await outputsOf(config, APPLICATION);

    const mayfly: number[] = [];
    const bare: number[] = [];
    for (let n = 0; n < RUNS; n++) {
      const commit = await change(folder, git, n);
      const pushed = performance.now();
      await git("push", "-q", "origin", "main");
      while (!(await ask(Url)).body.includes(commit)) await new Promise((resume) => setTimeout(resume, 5));
      mayfly.push(performance.now() - pushed);
      await change(bareWork, bareGit, n);
      const began = performance.now();
      await execute("sh", ["-c", BARE, "sh", join(bareFolder, "origin.git"), bareFolder], { cwd: bareWork });
      bare.push(performance.now() - began);
    }
    const [live, floor] = [median(mayfly), median(bare)];
    const row = (name: string, values: number[]) =>
      `${name.padEnd(14)} ${median(values).toFixed(0).padStart(6)} ms   (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})\n`;
    process.stdout.write(`push to live, median of ${RUNS}\n${row("mayfly", mayfly)}${row("bare script", bare)}`);
    process.stdout.write(`on top        ${(live - floor).toFixed(0).padStart(7)} ms   ratio ${(live / floor).toFixed(2)}\n`);
  } finally {
    await child.stop();
    await rm(data, { recursive: true, force: true });
  }
};

await main();
