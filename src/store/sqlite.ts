/** Kysely on node:sqlite. Kysely's dialect wants better-sqlite3's shape; this adapts one to the other. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { type SqliteDatabase, SqliteDialect } from "kysely";

const bind = (value: unknown): SQLInputValue => (value === undefined ? null : (value as SQLInputValue));

/** `file` may be `:memory:`. synchronous=FULL: with NORMAL a WAL loses acknowledged commits when the power goes. */
export const openSqlite = (file: string): DatabaseSync => {
  const database = new DatabaseSync(file, { timeout: 10_000 });
  database.exec("pragma journal_mode=wal; pragma synchronous=full; pragma foreign_keys=on; pragma journal_size_limit=67108864");
  return database;
};

export const sqliteDialect = (database: DatabaseSync): SqliteDialect => {
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
    close: () => database.close(),
    prepare(sql) {
      // A deferred transaction that turns to writing fails at once with SQLITE_BUSY when another process writes.
      const statement = prepared(sql === "begin" ? "begin immediate" : sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...parameters.map(bind)),
        run: (parameters) => statement.run(...parameters.map(bind)),
        iterate: (parameters) => statement.iterate(...parameters.map(bind)) as IterableIterator<unknown>,
      };
    },
  };
  return new SqliteDialect({ database: adapted });
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
