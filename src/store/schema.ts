/** The tables, alike on SQLite and Postgres: text, integers and nothing else. Moments are milliseconds since 1970. */
import { type Kysely, type Migration, Migrator, sql } from "kysely";

export interface Tables {
  record: { collection: string; key: string; doc: string };
  task: TaskRow;
}
export interface TaskRow {
  id: string;
  name: string;
  payload: string;
  /** open | dead */
  state: string;
  /** When it may be claimed: its moment, or the end of the lease while somebody holds it. */
  run_at: number;
  /** Its moment; orders a lane. */
  due_at: number;
  lane: string | null;
  attempt: number;
  /** Counts claims; a holder whose number is not the row's has lost it. */
  gen: number;
  owner: string | null;
  /** Asked for again while somebody held it: it runs once more at that moment. */
  rerun_at: number | null;
  rerun_payload: string | null;
  error: string | null;
}

const first: Migration = {
  async up(db: Kysely<unknown>) {
    // Byte order in both: SQLite's default is binary, Postgres's depends on the locale.
    const text = isPostgres(db) ? sql`text collate "C"` : sql`text`;
    await db.schema
      .createTable("record")
      .addColumn("collection", text, (c) => c.notNull())
      .addColumn("key", text, (c) => c.notNull())
      .addColumn("doc", "text", (c) => c.notNull())
      .addPrimaryKeyConstraint("record_key", ["collection", "key"])
      .execute();
    await db.schema
      .createTable("task")
      .addColumn("id", text, (c) => c.primaryKey())
      .addColumn("name", "text", (c) => c.notNull())
      .addColumn("payload", "text", (c) => c.notNull())
      .addColumn("state", "text", (c) => c.notNull())
      .addColumn("run_at", "bigint", (c) => c.notNull())
      .addColumn("due_at", "bigint", (c) => c.notNull())
      .addColumn("lane", text)
      .addColumn("attempt", "integer", (c) => c.notNull())
      .addColumn("gen", "integer", (c) => c.notNull())
      .addColumn("owner", "text")
      .addColumn("rerun_at", "bigint")
      .addColumn("rerun_payload", "text")
      .addColumn("error", "text")
      .execute();
    await db.schema.createIndex("task_due").on("task").columns(["run_at", "id"]).where(sql.ref("state"), "=", sql.lit("open")).execute();
    await db.schema.createIndex("task_lane").on("task").columns(["lane", "due_at", "id"]).where(sql.ref("lane"), "is not", null).execute();
  },
};

export const isPostgres = (db: Kysely<unknown>): boolean => db.getExecutor().adapter.supportsTransactionalDdl;

/** Several servers may start at once: the migrator takes a lock where the database has one. */
export const migrate = async (db: Kysely<Tables>): Promise<void> => {
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => ({ "001": first }) } }).migrateToLatest();
  if (error) throw error;
};
