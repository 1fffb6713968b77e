/** The `mayfly` command. */
import { enableCompileCache } from "node:module";
import { verbs } from "./cli/index.ts";
import { CommandError } from "./cli/command.ts";
import { version } from "./version.ts";

// Node keeps compiled sources in its cache folder: the second start is faster.
enableCompileCache();

const usage = (): string =>
  [
    "Usage: mayfly COMMAND [OPTIONS]",
    "",
    ...Object.entries(verbs).map(([name, verb]) => `  ${name.padEnd(10)} ${verb.summary}`),
    "",
    "mayfly COMMAND --help tells more.",
    "",
  ].join("\n");

const [name, ...args] = process.argv.slice(2);
const verb = name === undefined ? undefined : verbs[name];
try {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") process.stdout.write(usage());
  else if (name === "--version" || name === "version") process.stdout.write(`${version}\n`);
  else if (!verb) throw new CommandError(`there is no command "${name}"\n\n${usage()}`, 2);
  else {
    const { run, help } = await verb.load();
    if (args.includes("--help") || args.includes("-h")) process.stdout.write(help);
    else process.exitCode = (await run(args)) ?? 0;
  }
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  process.stderr.write(`mayfly: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
