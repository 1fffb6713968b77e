/** A throw-away Postgres of Debian's package, on a socket in a temporary folder. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";

const run = promisify(execFile);
const SHELF = "/usr/lib/postgresql";

/** The folder of the newest server's programs, or why there is none. */
export const postgresPrograms = (): { folder: string } | { missing: string } => {
  const newest = existsSync(SHELF) ? readdirSync(SHELF).sort((a, b) => Number(b) - Number(a))[0] : undefined;
  return newest ? { folder: join(SHELF, newest, "bin") } : { missing: "Debian's postgresql is not installed" };
};

export interface Postgres {
  readonly url: string;
  /** Cuts every connection, as a restart of the database does. */
  disconnect(): Promise<void>;
  stop(): Promise<void>;
}

export const startPostgres = async (): Promise<Postgres> => {
  const programs = postgresPrograms();
  if ("missing" in programs) throw new Error(programs.missing);
  const folder = await mkdtemp(join(tmpdir(), "mayfly-postgres-"));
  const data = join(folder, "data");
  // Postgres refuses to run as root.
  const asRoot = process.getuid?.() === 0;
  const as = asRoot ? ["runuser", "-u", "postgres", "--"] : [];
  if (asRoot) {
    const [uid, gid] = await Promise.all(["-u", "-g"].map(async (flag) => Number((await run("id", [flag, "postgres"])).stdout)));
    await chown(folder, uid as number, gid as number);
  } else await chmod(folder, 0o700);
  const [initdb, ...initArguments] = [
    ...as,
    join(programs.folder, "initdb"),
    "-D",
    data,
    "-A",
    "trust",
    "-U",
    "mayfly",
    "--no-sync",
    "-E",
    "UTF8",
  ];
  await run(initdb as string, initArguments, { cwd: folder });
  const [program, ...rest] = [
    ...as,
    join(programs.folder, "postgres"),
    "-D",
    data,
    "-k",
    folder,
    "-c",
    "listen_addresses=",
    "-c",
    "fsync=off",
  ];
  const server = spawn(program as string, rest, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  await new Promise<void>((ready, failed) => {
    server.stderr.on("data", (bytes) => {
      said += bytes;
      if (said.includes("ready to accept connections")) ready();
    });
    server.once("exit", () => failed(new Error(`postgres ended: ${said}`)));
  });
  const url = `postgres://mayfly@/postgres?host=${encodeURIComponent(folder)}`;
  return {
    url,
    disconnect: async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
      );
      await client.end();
    },
    stop: async () => {
      const ended = once(server, "exit");
      // runuser passes SIGTERM on; SIGINT would not arrive.
      server.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
};
