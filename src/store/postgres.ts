/** Kysely on Postgres, for several servers on one store. Loaded only when asked for. */
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import type { Tables } from "./schema.ts";
import type { Session } from "./session.ts";

pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const SERIALIZATION_FAILURE = "40001";
const DEADLOCK = "40P01";
const UNIQUE_VIOLATION = "23505";
const CHANNEL = "mayfly_tasks";

/** `woken` is called whenever any server of this store has committed tasks. */
export const postgresBackend = async (url: string, woken: () => void) => {
  const pool = new pg.Pool({ connectionString: url, max: 10, options: "-c default_transaction_isolation=serializable" });
  // A connection that breaks while idle is replaced at its next use.
  pool.on("error", () => {});
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const stop = listen(url, woken);
  return {
    name: "postgres" as const,
    single: false,
    db,
    announce: async (session: Session) => void (await sql`select pg_notify(${CHANNEL}, '')`.execute(session.db)),
    isConflict: (error: unknown) => [SERIALIZATION_FAILURE, DEADLOCK, UNIQUE_VIOLATION].includes((error as { code?: string }).code ?? ""),
    close: async () => {
      await stop();
      await db.destroy();
    },
  };
};

/** Keeps one listening connection, made anew when it breaks; after each gap it wakes once, since news may have been missed. */
const listen = (url: string, woken: () => void): (() => Promise<void>) => {
  let client: pg.Client | undefined;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url });
    client = next;
    const again = () => {
      if (stopped || client !== next) return;
      client = undefined;
      next.end().catch(() => {});
      retry = setTimeout(connect, 500);
    };
    next.on("error", again);
    next.on("end", again);
    next.on("notification", woken);
    try {
      await next.connect();
      await next.query(`listen ${CHANNEL}`);
      woken();
    } catch {
      again();
    }
  };
  void connect();
  return async () => {
    stopped = true;
    clearTimeout(retry);
    await client?.end().catch(() => {});
  };
};
