import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { assemble } from "../assemble.ts";
import { ConfigError, readConfig } from "../config.ts";
import { logTo } from "../lib/log.ts";
import { CommandError } from "./command.ts";
import { credentialsFile, serverFile } from "./server.ts";

export const help = `Usage: mayfly up [OPTIONS]

Starts the server and prints "mayfly ready at http://HOST:PORT" when it accepts requests.

  --port PORT       4566 unless told otherwise; 0 takes a free one
  --host HOST       127.0.0.1 unless told otherwise
  --data DIR        where everything is kept (XDG data home)
  --memory          nothing outlives the process; POST /_mayfly/reset empties it
  --auth on|off     off: any credentials are the account's root (loopback only)
  --engine NAME     auto, sandbox or docker
  --database URL    postgres://... instead of SQLite in the data folder
  --account ID      the account's number (123456789012)

Each is also a variable: --port is MAYFLY_PORT. The first start writes the root
credentials to DATA/credentials (profile mayfly); mayfly env prints how to use them.
`;

export const run = async (args: readonly string[]): Promise<number> => {
  const log = logTo((text) => process.stderr.write(text));
  process.on("uncaughtException", (error) => log.error("uncaught", error));
  process.on("unhandledRejection", (error) => log.error("unhandled", error));
  const stopping = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  const { config, server } = await begin(args, log);
  if (config.auth === "off") log.warn(`--auth off: whoever reaches ${server.endpoint} is the account's root`);
  if (!config.memory) {
    await writeFile(credentialsFile(config.data), credentialsText(server.credentials), { mode: 0o600 });
    await chmod(credentialsFile(config.data), 0o600);
    await writeFile(serverFile(config.data), JSON.stringify({ endpoint: server.endpoint, pid: process.pid, account: config.account }));
  }
  process.stdout.write(`mayfly ready at ${server.endpoint}\n`);
  await stopping;
  // Whatever hangs, the data are safe: they are on disk with each answer. The timer also keeps Node here while only containers are awaited.
  setTimeout(() => process.exit(1), 9_000);
  await server.stop();
  if (!config.memory) await rm(serverFile(config.data), { force: true });
  process.exit(0);
};

const begin = async (args: readonly string[], log: ReturnType<typeof logTo>) => {
  try {
    const config = readConfig(args);
    if (!config.memory) await mkdir(config.data, { recursive: true, mode: 0o700 });
    return { config, server: await assemble(config, log) };
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError(error.message, 2);
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EADDRINUSE")
      throw new CommandError(`the port is in use by another program; choose another with --port: ${(error as Error).message}`);
    if (code === "EACCES" || /in use by another Mayfly/.test((error as Error).message)) throw new CommandError((error as Error).message);
    throw error;
  }
};

const credentialsText = ({ accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string }): string =>
  `[mayfly]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
