import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "./child-server.ts";
import { CommandError } from "./command.ts";
import { followExecution } from "./follow.ts";
import { APPLICATION, ask, createDelivery, type Git, outputsOf, REGION, sampleIn } from "./sample.ts";
import { clientConfig, parseFlags, readCredentials } from "./server.ts";
import { duration, paint } from "./terminal.ts";

export const help = `Usage: mayfly demo [--keep]

Starts a server with a temporary data folder, creates a delivery pipeline, pushes a sample
application, calls the function that went live; then changes the application, pushes again
and shows the new answer and how long it took from the push.

  --keep   leave the server running, and say how to use it
`;

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const say = (text: string): void => void process.stdout.write(text);
const step = (text: string): void => say(`\n${paint("bold", text)}\n`);

export const run = async (args: readonly string[]): Promise<number> => {
  const { keep } = parseFlags(args, { keep: { type: "boolean" } });
  const data = await mkdtemp(join(tmpdir(), "mayfly-demo-"));
  const began = Date.now();
  step("Starting Mayfly");
  const server = await startChild(data);
  let kept = false;
  try {
    say(`  ${server.endpoint}  ${paint("dim", `ready after ${duration(Date.now() - began)}`)}\n`);
    const right = await show(data, server.endpoint);
    if (right && keep) {
      kept = true;
      server.keep();
      say(keptText(data, server));
    }
    return right ? 0 : 1;
  } finally {
    if (!kept) {
      await server.stop();
      await rm(data, { recursive: true, force: true });
    }
  }
};

/** True when both answers were right. */
const show = async (data: string, endpoint: string): Promise<boolean> => {
  const server = { data, endpoint, credentials: readCredentials(data) };
  const config = clientConfig(server, REGION);
  step("Creating the repository, the build project and the pipeline from templates/delivery.yml");
  const pipeline = await createDelivery(config);
  say(`  pipeline ${pipeline}\n`);

  const folder = join(data, "work", APPLICATION);
  const git = await sampleIn(folder, server);

  const first = await deliver(config, pipeline, git, "The first version", "Hello, world");
  if (!first) return false;
  const source = join(folder, "src/index.mjs");
  await writeFile(source, (await readFile(source, "utf8")).replace("Hello, world", "Hello again, world"));
  const second = await deliver(config, pipeline, git, "A friendlier greeting", "Hello again, world");
  if (!second) return false;
  say(`\n${paint("green", "●")} ${paint("bold", `From push to live: ${duration(second)}`)}\n`);
  return true;
};

/** Commits, pushes, follows the pipeline and asks the function. Milliseconds from the push to the answer, or nothing when it was not right. */
const deliver = async (config: ReturnType<typeof clientConfig>, pipeline: string, git: Git, message: string, expected: string) => {
  await git("add", "-A");
  await git("commit", "-q", "-m", message);
  const commit = await git("rev-parse", "HEAD");
  step(`git push  ${paint("dim", `${commit.slice(0, 8)} ${message}`)}`);
  const pushed = Date.now();
  await git("push", "-q", "-u", "origin", "main");
  const { status } = await followExecution(config, pipeline, commit, say);
  if (status !== "Succeeded") {
    say(`\n${paint("red", "●")} the pipeline ended ${status}\n`);
    return undefined;
  }
  const { Url } = await outputsOf(config, APPLICATION);
  if (!Url) throw new CommandError(`the stack ${APPLICATION} has no output Url`);
  const answer = await ask(Url);
  const took = Date.now() - pushed;
  say(`  ${paint("dim", `curl ${Url}`)}\n  ${answer.body.trim()}\n`);
  if (answer.status === 200 && answer.body.startsWith(expected) && answer.body.includes(commit)) return took;
  say(`\n${paint("red", "●")} expected "${expected} (commit ${commit})", the answer was ${answer.status}\n`);
  return undefined;
};

const keptText = (data: string, server: { endpoint: string; pid: number }): string =>
  [
    "",
    `The server stays at ${server.endpoint} (process ${server.pid}, data ${data}).`,
    "",
    `  eval "$(${root("mayfly")} env --data ${data})"   points aws, the SDKs and git at it`,
    `  cd ${join(data, "work", APPLICATION)} && git push   delivers your changes`,
    `  kill ${server.pid}   ends it; then rm -rf ${data}`,
    "",
  ].join("\n");
