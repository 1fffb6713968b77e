/** Kysely on node:sqlite. Kysely's dialect wants better-sqlite3's shape; this adapts one to the other. */
import { closeSync, fdatasync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { promisify } from "node:util";
import { type SqliteDatabase, SqliteDialect } from "kysely";

const bind = (value: unknown): SQLInputValue => (value === undefined ? null : (value as SQLInputValue));

export interface Sqlite {
  readonly dialect: SqliteDialect;
  /** Resolves when all that is committed now is on the disk. */
  durable(): Promise<void>;
}

/**
 * `file` may be `:memory:`.
 * A commit is written, but not on the disk: with synchronous=NORMAL a WAL loses commits when the power goes. `durable` is what
 * synchronous=FULL would do within each commit, the sync of the WAL, done beside the main thread and once for all that wait for it.
 */
export const openSqlite = (file: string): Sqlite => {
  const database = new DatabaseSync(file, { timeout: 10_000 });
  database.exec("pragma journal_mode=wal; pragma synchronous=normal; pragma foreign_keys=on; pragma journal_size_limit=67108864");
  const syncs = file === ":memory:" ? undefined : createSyncs(`${file}-wal`);
  let changed = false;
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (!statement) {
      statement = database.prepare(sql);
      if (statements.size > 500) statements.clear();
      statements.set(sql, statement);
    }
    return statement;
  };
  const adapted: SqliteDatabase = {
    close: () => {
      database.close();
      syncs?.close();
    },
    prepare(sql) {
      // A deferred transaction that turns to writing fails at once with SQLITE_BUSY when another process writes.
      const statement = prepared(sql === "begin" ? "begin immediate" : sql);
      const writes = !/^(select|begin|commit|rollback)/.test(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => {
          const rows = statement.all(...parameters.map(bind));
          changed ||= writes && rows.length > 0;
          return rows;
        },
        run: (parameters) => {
          const result = statement.run(...parameters.map(bind));
          changed ||= writes && result.changes !== 0;
          if (changed && !database.isTransaction) {
            changed = false;
            if (sql !== "rollback") syncs?.wrote();
          }
          return result;
        },
        iterate: (parameters) => statement.iterate(...parameters.map(bind)) as IterableIterator<unknown>,
      };
    },
  };
  return { dialect: new SqliteDialect({ database: adapted }), durable: async () => syncs?.durable() };
};

/** Syncs a file that grows: one sync at a time, each for all that was written before it began. */
const createSyncs = (file: string) => {
  let written = 0;
  let synced = 0;
  let running: Promise<void> | undefined;
  let opened: number | undefined;
  const sync = async () => {
    const upTo = written;
    opened ??= openSync(file, "r");
    // Once it failed, nobody knows what is on the disk, and a second try may succeed without having written anything: so it stays failed.
    await promisify(fdatasync)(opened);
    synced = upTo;
    running = undefined;
  };
  return {
    wrote: () => {
      written++;
    },
    durable: async (): Promise<void> => {
      const mine = written;
      while (synced < mine) await (running ??= sync());
    },
    close: () => {
      if (opened !== undefined) closeSync(opened);
      opened = undefined;
    },
  };
};

/** Holds a folder for this process until it ends, however it ends: the kernel gives the lock back. Throws when another process has it. */
export const holdFolder = (folder: string): (() => void) => {
  const lock = new DatabaseSync(`${folder}/lock`, { timeout: 0 });
  try {
    lock.exec("pragma locking_mode=exclusive; begin exclusive");
  } catch {
    lock.close();
    throw new Error(`the data folder ${folder} is in use by another Mayfly`);
  }
  return () => lock.close();
};
