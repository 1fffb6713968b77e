/** Kysely on Postgres, for several servers on one store. Loaded only when asked for. */
import { randomUUID } from "node:crypto";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import type { Tables } from "./schema.ts";
import type { Session } from "./session.ts";

pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const SERIALIZATION_FAILURE = "40001";
const DEADLOCK = "40P01";
const UNIQUE_VIOLATION = "23505";
/** An administrator ended it, the server shuts down or is not up yet, or the socket broke. */
const BROKEN = ["57P01", "57P02", "57P03", "ECONNRESET", "ECONNREFUSED", "EPIPE"];
const CHANNEL = "mayfly_tasks";
/** Keeps the keys of our advisory locks apart from anybody else's. */
const LOCKS = 6_293;

/** `woken` is called whenever any server of this store has committed tasks; `lost` when this process's owner is vouched for no more. */
export const postgresBackend = async (url: string, news: { woken(): void; lost(): void }) => {
  const pool = new pg.Pool({ connectionString: url, max: 10, options: "-c default_transaction_isolation=serializable" });
  // A connection that breaks while idle is replaced at its next use.
  pool.on("error", () => {});
  // One that breaks in use, between two queries, tells the next of them.
  pool.on("connect", (client) => void client.on("error", () => {}));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const presence = attend(url, news);
  try {
    await presence.first;
  } catch (error) {
    await presence.stop();
    await pool.end();
    throw error;
  }
  return {
    name: "postgres" as const,
    single: false,
    db,
    announce: async (session: Session) => void (await sql`select pg_notify(${CHANNEL}, '')`.execute(session.db)),
    owner: presence.owner,
    // Who holds the lock, if only until the end of this transaction, knows that nobody else does.
    isGone: async (session: Session, owner: string) =>
      (
        await sql<{ gone: boolean }>`select pg_try_advisory_xact_lock(hashtextextended(${owner}, ${sql.lit(LOCKS)})) as gone`.execute(
          session.db,
        )
      ).rows[0]?.gone === true,
    isConflict: (error: unknown) => [SERIALIZATION_FAILURE, DEADLOCK, UNIQUE_VIOLATION].includes((error as { code?: string }).code ?? ""),
    isBroken: (error: unknown) =>
      BROKEN.includes((error as { code?: string }).code ?? "") || /^Connection terminated|is not queryable$/.test((error as Error).message ?? ""),
    close: async () => {
      await presence.stop();
      await db.destroy();
    },
  };
};

/**
 * Keeps one connection for as long as the server lives, made anew when it breaks. It listens for tasks, and it holds the lock of
 * this process's owner name: the database gives the lock back the moment the process is gone, and others see by that that it is.
 * Each connection has an owner name of its own, and after each gap it wakes once, since news may have been missed.
 */
const attend = (url: string, news: { woken(): void; lost(): void }) => {
  let client: pg.Client | undefined;
  let owner: string | undefined;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;
  const leave = () => {
    if (owner === undefined) return;
    owner = undefined;
    news.lost();
  };
  /** Throws why there is no connection; it is tried again all the same. */
  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url, keepAlive: true });
    client = next;
    const again = () => {
      if (stopped || client !== next) return;
      client = undefined;
      leave();
      next.end().catch(() => {});
      retry = setTimeout(() => connect().catch(() => {}), 500);
    };
    next.on("error", again);
    next.on("end", again);
    next.on("notification", news.woken);
    try {
      await next.connect();
      await next.query(`listen ${CHANNEL}`);
      const name = randomUUID();
      await next.query(`select pg_advisory_lock(hashtextextended($1, ${LOCKS}))`, [name]);
      if (client !== next || stopped) return;
      owner = name;
      news.woken();
    } catch (error) {
      again();
      throw error;
    }
  };
  return {
    first: connect(),
    owner: () => owner,
    stop: async () => {
      stopped = true;
      clearTimeout(retry);
      await client?.end().catch(() => {});
      leave();
    },
  };
};
